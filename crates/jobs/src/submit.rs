//! Handing an attempt to its gateway.

use portico_app::{
    AppError,
    portings::{self, Submission},
};
use portico_carrier::PortRequest;

use crate::held::{Held, Next};

/// Hands the attempt in, unless the gateway has it.
pub(crate) async fn run(held: &Held) -> Result<(), AppError> {
    match begin(held).await? {
        Submission::Nothing => Ok(()),
        Submission::Send(request) => send(held, &request).await,
        Submission::AskFirst(request) => ask_first(held, &request).await,
    }
}

async fn begin(held: &Held) -> Result<Submission, AppError> {
    held.settle(|tx, reference| {
        Box::pin(async move {
            let submission = portings::begin_submission(tx, reference).await?;
            let next = match submission {
                Submission::Nothing => Next::Finish,
                Submission::Send(_) | Submission::AskFirst(_) => Next::GoOn,
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
        Ok(()) => accepted(held).await,
        Err(why) => held.retry(&why).await,
    }
}

/// An earlier call was cut off: by a crash, a time-out, or an error that does not say whether the
/// carrier acted. Only a gateway that does not know the attempt gets it again.
async fn ask_first(held: &Held, request: &PortRequest) -> Result<(), AppError> {
    let has = held.ask(async {
        let gateway = held.gateway(&request.provider)?;
        gateway.has(&request.reference).await
    });
    match has.await {
        Ok(true) => accepted(held).await,
        Ok(false) if still_wanted(held).await? => send(held, request).await,
        Ok(false) => Ok(()),
        Err(why) => held.retry(&why).await,
    }
}

async fn still_wanted(held: &Held) -> Result<bool, AppError> {
    held.settle(|tx, reference| {
        Box::pin(async move {
            let wanted = portings::still_wanted(tx, reference).await?;
            let next = if wanted { Next::GoOn } else { Next::Finish };
            Ok((wanted, next))
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
