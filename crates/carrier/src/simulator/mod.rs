//! A carrier of our own that no number ever leaves: what it does is decided by the number.
//!
//! It keeps its own books in its own transactions, as a real carrier would: after any crash of
//! Portico they show what really reached it, and how often.

mod script;

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use portico_domain::phone::PhoneNumber;
use portico_store::{
    Db, StoreError,
    simulator::{self, Submission},
};
pub use script::script_of;
use script::{Reply, Script, Submit};

use crate::{
    Answer, Gateway, GatewayError, Outcome, PortRequest, Portability, Progress, Submitted,
    mapping::sentence,
};

/// The recipient networks it plays.
pub const PROVIDERS: [&str; 3] = ["test", "t12", "tde"];

/// The simulator.
#[derive(Clone)]
pub struct Simulator {
    db: Db,
    time_scale: f64,
}

impl Simulator {
    /// A simulator whose books are in `db`. Every time it takes is multiplied by `time_scale`:
    /// 0.1 makes it ten times as fast.
    pub fn new(db: Db, time_scale: f64) -> Self {
        Self { db, time_scale }
    }

    fn scaled(&self, time: Duration) -> Duration {
        time.mul_f64(self.time_scale)
    }

    async fn submission(&self, reference: &str) -> Result<Option<Submission>, GatewayError> {
        let mut tx = self.db.read().await.map_err(unavailable)?;
        simulator::find(&mut tx, reference)
            .await
            .map_err(unavailable)
    }

    /// Writes a request down; `false` when it was there already.
    async fn receive(&self, request: &PortRequest) -> Result<bool, GatewayError> {
        let reference = request.reference.clone();
        let (porting, number) = (request.porting.to_string(), request.phone_number.clone());
        let received = self.db.write(move |tx| {
            let (reference, porting) = (reference.clone(), porting.clone());
            let number = number.clone();
            Box::pin(async move {
                simulator::receive(tx, &reference, &porting, number.as_str()).await?;
                simulator::note_call(tx, &reference, "submit", "received").await
            })
        });
        match received.await {
            Ok(()) => Ok(true),
            Err(StoreError::Unique) => self
                .note(&request.reference, "submit", "duplicate")
                .await
                .map(|()| false),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn note(
        &self,
        reference: &str,
        call: &'static str,
        result: &'static str,
    ) -> Result<(), GatewayError> {
        let reference = reference.to_owned();
        let noted = self.db.write(move |tx| {
            let reference = reference.clone();
            Box::pin(async move { simulator::note_call(tx, &reference, call, result).await })
        });
        noted.await.map_err(unavailable)
    }

    async fn refusals(&self, reference: &str) -> Result<u32, GatewayError> {
        let mut tx = self.db.read().await.map_err(unavailable)?;
        let count = simulator::count_calls(&mut tx, reference, "submit", "unavailable");
        count.await.map_err(unavailable)
    }
}

fn unavailable(error: StoreError) -> GatewayError {
    GatewayError::Unavailable(error.to_string())
}

#[async_trait]
impl Gateway for Simulator {
    async fn check(
        &self,
        _provider: &str,
        number: &PhoneNumber,
    ) -> Result<Portability, GatewayError> {
        match script_of(number) {
            Script { is_down: true, .. } => Err(GatewayError::Unavailable(
                "the simulator was told to be down".to_owned(),
            )),
            Script {
                is_portable: false, ..
            } => Ok(Portability::NotPortable(
                "The simulator does not port this number.".to_owned(),
            )),
            script => Ok(Portability::Portable {
                also_required: script.also_required.to_vec(),
            }),
        }
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        let reference = &request.reference;
        match script_of(&request.phone_number).submit {
            Submit::UnavailableTwice if self.refusals(reference).await? < 2 => {
                self.note(reference, "submit", "unavailable").await?;
                Err(GatewayError::Unavailable(
                    "503 from the simulator".to_owned(),
                ))
            }
            Submit::SilentFor(time) => {
                self.receive(request).await?;
                tokio::time::sleep(self.scaled(time)).await;
                Ok(Submitted::Accepted)
            }
            _ => {
                self.receive(request).await?;
                Ok(Submitted::Accepted)
            }
        }
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        Ok(self.submission(reference).await?.is_some())
    }

    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        let Some(submission) = self.submission(reference).await? else {
            return Ok(Progress::default());
        };
        if submission.canceled {
            return Ok(Progress::default());
        }
        let number = PhoneNumber::from_stored(&submission.phone_number)
            .map_err(|error| GatewayError::Unreadable(error.to_string()))?;
        let replies = script_of(&number).replies(submission.nth);
        let now = self.db.ambient().now();
        Ok(progress(
            &replies,
            |time| submission.received_at + signed(self.scaled(time)),
            now,
        ))
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        let name = reference.to_owned();
        let canceled = self.db.write(move |tx| {
            let reference = name.clone();
            Box::pin(async move {
                simulator::cancel(tx, &reference).await?;
                simulator::note_call(tx, &reference, "cancel", "received").await
            })
        });
        canceled.await.map_err(unavailable)
    }
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

/// The replies that are due, and when the next one is.
fn progress(
    replies: &[(Duration, Reply)],
    at: impl Fn(Duration) -> Timestamp,
    now: Timestamp,
) -> Progress {
    let due = replies.iter().filter(|(after, _)| at(*after) <= now);
    let next = replies
        .iter()
        .map(|(after, _)| at(*after))
        .find(|at| *at > now);
    Progress {
        answers: due.map(|(_, reply)| answer(reply)).collect(),
        ask_again_at: next,
    }
}

fn answer(reply: &Reply) -> Answer {
    let (outcome, raw_code, raw_text) = match reply {
        Reply::Complete => (Outcome::Completed, "SIM-00", "Port completed"),
        Reply::Delay => (Outcome::Delayed, "SIM-6H", "Due date cannot be met"),
        Reply::Expire => (Outcome::Expired, "SIM-99", "No response from the donor"),
        Reply::Fail => (Outcome::Failed, "SIM-50", "The port cannot be carried out"),
        Reply::Decline(refusal) => {
            let message = sentence(&refusal.code).to_owned();
            let code = refusal.code.clone();
            (
                Outcome::Declined { code, message },
                refusal.raw_code,
                refusal.raw_text,
            )
        }
    };
    Answer {
        outcome,
        said_at: None,
        raw_code: Some(raw_code.to_owned()),
        raw_text: Some(raw_text.to_owned()),
    }
}
