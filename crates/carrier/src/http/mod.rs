//! A carrier or aggregator that a backend of the operator's speaks to: it is handed requests by a small
//! signed protocol (`docs/CARRIERS.md`) and tells what its carrier says, in its answers or later.
//!
//! Guarantee: what a backend told is on disk before anything is made of it. A request is sent under its
//! reference as `webhook-id`, so a backend that sees it twice can tell; and whoever does not know
//! whether it arrived asks for it before it is sent again.

mod call;
mod messages;

use async_trait::async_trait;
use http::StatusCode;
use jiff::SignedDuration;
use portico_domain::{event::Actor, phone::PhoneNumber};
use portico_store::{
    Db, StoreError, attempts,
    carriers::updates::{self, NewUpdate, Update},
    portings,
};

pub use call::Backend;
use messages::{Message, Told};

use crate::{
    Answer, Gateway, GatewayError, Kind, PortRequest, Portability, Progress, Submitted,
    handed::Handed,
    mapping::{Mapper, Reason},
    told::{self, unavailable},
};

/// How often a backend is asked for what it might have failed to tell.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The gateway of a carrier behind a backend.
#[derive(Clone)]
pub struct Http {
    db: Db,
    backend: Backend,
    mapper: Mapper,
    checks_portability: bool,
}

impl Http {
    /// A gateway to `backend`, whose updates are kept in `db`.
    pub fn new(db: Db, backend: Backend, mapper: Mapper) -> Self {
        Self {
            db,
            backend,
            mapper,
            checks_portability: false,
        }
    }

    /// The same gateway, which asks the backend whether a number can move.
    #[must_use]
    pub fn checking_portability(self, checks_portability: bool) -> Self {
        Self {
            checks_portability,
            ..self
        }
    }

    /// Sends a message that is answered anew each time it is sent.
    async fn ask(&self, message: &Message<'_>) -> Result<call::Reply, GatewayError> {
        let ambient = self.db.ambient();
        let id = format!("msg_{}", ambient.random.base62(22));
        self.backend.send(ambient, &id, message).await
    }

    async fn project_of(&self, request: &PortRequest) -> Result<String, GatewayError> {
        let mut tx = self.db.read().await.map_err(unavailable)?;
        let found = portings::get(&mut tx, request.porting).await;
        let gone = || GatewayError::Unavailable("the porting is gone".to_owned());
        Ok(found.map_err(unavailable)?.ok_or_else(gone)?.project)
    }

    async fn has_answered(&self, reference: &str) -> Result<bool, GatewayError> {
        let mut tx = self.db.read().await.map_err(unavailable)?;
        let answered = updates::has_any(&mut tx, reference).await;
        answered.map_err(unavailable)
    }

    /// Asks the backend for a request, and keeps what it tells. Whether it has it.
    async fn look_up(&self, reference: &str) -> Result<bool, GatewayError> {
        let reply = self.ask(&Message::LookUpPorting { reference }).await?;
        if reply.status != StatusCode::OK {
            return Err(reply.unexpected());
        }
        let found = messages::looked_up(&reply.body, reference)?;
        self.keep(reference, found.updates).await?;
        Ok(found.known)
    }

    /// Keeps what was told in an answer, but for what is kept already.
    async fn keep(&self, reference: &str, told: Vec<Told>) -> Result<(), GatewayError> {
        if told.is_empty() {
            return Ok(());
        }
        let (reference, told) = (reference.to_owned(), std::sync::Arc::new(told));
        let kept = self.db.write(move |tx| {
            let (reference, told) = (reference.clone(), told.clone());
            Box::pin(async move {
                let Some(attempt) = attempts::find(tx, &reference).await? else {
                    return Ok(());
                };
                let kept = updates::of_attempt(tx, &reference).await?;
                for told in told.iter().filter(|told| !is_kept(&kept, told)) {
                    let new = NewUpdate {
                        reference: &reference,
                        porting: attempt.porting,
                        sender_id: told.sender_id.as_deref(),
                        said: &told.said,
                        actor: &Actor::System,
                    };
                    updates::insert(tx, &new).await?;
                }
                Ok(())
            })
        });
        match kept.await {
            // The backend told it by a call of its own meanwhile.
            Ok(()) | Err(StoreError::Unique) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn new_answers(&self, reference: &str) -> Result<Vec<Answer>, GatewayError> {
        let news = told::news(&self.db, reference).await?;
        Ok(told::answers(&self.mapper, &news))
    }

    async fn handed_over(
        &self,
        request: &PortRequest,
        reply: &call::Reply,
    ) -> Result<Submitted, GatewayError> {
        let reference = &request.reference;
        match reply.status {
            StatusCode::ACCEPTED => {}
            StatusCode::OK => {
                let told = messages::update(&reply.body, reference)?;
                self.keep(reference, vec![told]).await?;
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                let said = messages::refusal(&reply.body)?;
                let reason = Reason {
                    code: said.code().map(str::to_owned),
                    text: said.text().map(str::to_owned),
                    said_at: None,
                };
                return Ok(Submitted::Refused(told::refusal(&self.mapper, reason)));
            }
            _ => return Err(reply.unexpected()),
        }
        self.submitted(reference).await
    }
}

fn is_kept(kept: &[Update], told: &Told) -> bool {
    kept.iter().any(|kept| match &told.sender_id {
        Some(id) => kept.sender_id.as_ref() == Some(id),
        None => kept.said == told.said,
    })
}

#[async_trait]
impl Gateway for Http {
    async fn check(
        &self,
        provider: &str,
        number: &PhoneNumber,
    ) -> Result<Portability, GatewayError> {
        if !self.checks_portability {
            return Ok(Portability::Portable {
                also_required: Vec::new(),
            });
        }
        let reply = self.ask(&Message::check(provider, number)).await?;
        match reply.status {
            StatusCode::OK => messages::portability(&reply.body),
            _ => Err(reply.unexpected()),
        }
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        let project = self.project_of(request).await?;
        let message = Message::SubmitPorting {
            reference: &request.reference,
            project: &project,
            porting: Box::new(Handed::from(request)),
        };
        let ambient = self.db.ambient();
        let reply = self.backend.send(ambient, &request.reference, &message);
        self.handed_over(request, &reply.await?).await
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        Ok(self.has_answered(reference).await? || self.look_up(reference).await?)
    }

    async fn submitted(&self, reference: &str) -> Result<Submitted, GatewayError> {
        Ok(match self.has_answered(reference).await? {
            true => Submitted::Accepted,
            false => Submitted::Kept {
                look_again_at: self.db.ambient().now() + LOOK_EVERY,
            },
        })
    }

    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        let now = self.db.ambient().now();
        let mut answers = self.new_answers(reference).await?;
        let heard = told::last_heard(&self.db, reference).await?;
        let look_at = heard.map_or(now, |heard| heard + LOOK_EVERY);
        if answers.is_empty() && look_at <= now {
            // The backend may have failed to tell.
            self.look_up(reference).await?;
            answers = self.new_answers(reference).await?;
        }
        Ok(Progress {
            answers,
            ask_again_at: Some(look_at.max(now + LOOK_EVERY)),
        })
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        let ambient = self.db.ambient();
        let message = Message::CancelPorting { reference };
        let id = format!("{reference}.cancel");
        let reply = self.backend.send(ambient, &id, &message).await?;
        match reply.status.is_success() {
            true => Ok(()),
            false => Err(reply.unexpected()),
        }
    }

    fn kind(&self) -> Option<Kind> {
        Some(Kind::Http)
    }
}
