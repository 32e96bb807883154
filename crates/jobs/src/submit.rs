//! Handing an attempt to its gateway.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use portico_app::{
    AppError,
    portings::{self, Submission},
};
use portico_carrier::{Answer, PortRequest, Submitted};

use crate::held::{Held, Next};

/// How often a gateway is asked at most whether it has an attempt that must not be sent again yet.
const SHORTEST_WAIT: Duration = Duration::from_secs(2);

/// Hands the attempt in, unless the gateway has it.
pub(crate) async fn run(held: &Held) -> Result<(), AppError> {
    match begin(held).await? {
        Submission::Nothing => Ok(()),
        Submission::Send(request) => send(held, &request).await,
        Submission::AskFirst { request, open_call } => ask_first(held, &request, open_call).await,
    }
}

async fn begin(held: &Held) -> Result<Submission, AppError> {
    held.settle(|tx, reference| {
        Box::pin(async move {
            let submission = portings::begin_submission(tx, reference).await?;
            let next = match submission {
                Submission::Nothing => Next::Finish,
                Submission::Send(_) | Submission::AskFirst { .. } => Next::GoOn,
            };
            Ok((submission, next))
        })
    })
    .await
}

async fn send(held: &Held, request: &PortRequest) -> Result<(), AppError> {
    let handed_in = held.ask(async {
        let gateway = held.gateway(&request.provider)?;
        gateway.submit(request).await
    });
    match handed_in.await {
        Ok(submitted) => keep(held, submitted).await,
        Err(why) => held.hand_in_again(&why).await,
    }
}

async fn keep(held: &Held, submitted: Submitted) -> Result<(), AppError> {
    match submitted {
        Submitted::Accepted => accepted(held).await,
        Submitted::Kept { look_again_at } => kept(held, look_again_at).await,
        Submitted::Refused(answers) => refused(held, answers).await,
    }
}

/// An earlier call was cut off: by a crash, a time-out, or an error that does not say whether the
/// carrier acted. Only a gateway that does not know the attempt gets it again, and that only when the
/// earlier call can no longer be carried out.
async fn ask_first(
    held: &Held,
    request: &PortRequest,
    open_call: Option<u32>,
) -> Result<(), AppError> {
    let has = held.ask(async {
        let gateway = held.gateway(&request.provider)?;
        gateway.has(&request.reference).await
    });
    match has.await {
        Ok(true) => ask_what_became(held, request).await,
        Ok(false) => match held.rest_of(open_call) {
            Some(rest) => {
                held.put_off(held.app.db.ambient().now() + ask_again_in(rest))
                    .await
            }
            None if send_again(held).await? => send(held, request).await,
            None => Ok(()),
        },
        Err(why) => held.retry(&why).await,
    }
}

/// Before the time is over too: the gateway may have it by then, and other processes come to know of the call.
fn ask_again_in(rest: Duration) -> Duration {
    (rest / 4).max(SHORTEST_WAIT).min(rest)
}

async fn ask_what_became(held: &Held, request: &PortRequest) -> Result<(), AppError> {
    let submitted = held.ask(async {
        let gateway = held.gateway(&request.provider)?;
        gateway.submitted(&request.reference).await
    });
    match submitted.await {
        Ok(submitted) => keep(held, submitted).await,
        Err(why) => held.retry(&why).await,
    }
}

/// Comes back until the carrier has it.
async fn kept(held: &Held, look_again_at: Timestamp) -> Result<(), AppError> {
    held.settle(move |tx, reference| {
        Box::pin(async move {
            let next = match portings::kept(tx, reference).await? {
                true => Next::PutBack(look_again_at),
                false => Next::Finish,
            };
            Ok(((), next))
        })
    })
    .await
}

async fn send_again(held: &Held) -> Result<bool, AppError> {
    held.settle(|tx, reference| {
        Box::pin(async move {
            let again = portings::send_again(tx, reference).await?;
            let next = if again { Next::GoOn } else { Next::Finish };
            Ok((again, next))
        })
    })
    .await
}

async fn accepted(held: &Held) -> Result<(), AppError> {
    held.settle(|tx, reference| {
        Box::pin(async move {
            portings::accepted(tx, reference).await?;
            Ok(((), Next::Finish))
        })
    })
    .await
}

async fn refused(held: &Held, answers: Vec<Answer>) -> Result<(), AppError> {
    let answers = Arc::new(answers);
    held.finish_with(move |tx, reference| {
        let answers = answers.clone();
        Box::pin(async move { portings::refused(tx, reference, &answers).await })
    })
    .await
}
