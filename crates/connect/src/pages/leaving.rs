//! On the way to `callbackUrl`: through a page of our own, because a form's redirect to another
//! origin is blocked by `form-action` in some browsers, and because people should see where they go.

use axum::{extract::Path, http::StatusCode, response::Response};
use portico_app::sessions;
use portico_domain::{
    id::SessionId,
    session::{CallbackStatus, CallbackUrl, Liveness},
};

use crate::{
    site::{AnyVisit, Fail, Posted, flow::Screen, page, redirect},
    view::{Destination, Frame, Leaving},
};

/// The page that leads to a callback.
pub fn page_to(
    frame: Frame,
    url: &CallbackUrl,
    session: SessionId,
    status: CallbackStatus,
) -> Response {
    let nonce = frame.nonce.clone();
    let target = url.with_outcome(session, status);
    let destination = match url.is_web() {
        true => Destination::Web {
            host: url.destination(),
        },
        false => Destination::App,
    };
    page(
        StatusCode::OK,
        &nonce,
        &[],
        &Leaving {
            frame,
            target,
            destination,
        },
    )
}

/// GET: leads away with what the visit ended with. A visit that is over leads away with
/// `auth_expired`.
pub async fn show(AnyVisit(visit): AnyVisit) -> Result<Response, Fail> {
    let session = &visit.session;
    let status = match visit.liveness() {
        Liveness::Alive => session.outcome.map(|(status, _)| status),
        Liveness::Idle | Liveness::Ended => Some(CallbackStatus::AuthExpired),
    };
    match (&session.callback_url, status) {
        (Some(url), Some(status)) => Ok(page_to(visit.frame_with(None), url, session.id, status)),
        _ if visit.liveness() != Liveness::Alive => Err(visit.ended()),
        _ => Ok(visit.go_on(None)),
    }
}

/// POST: back from a result page. The error screen says that what was intended is not possible; the
/// others that there is nothing left to do.
pub async fn go_back(
    Path(path): Path<std::collections::HashMap<String, String>>,
    posted: Posted,
) -> Result<Response, Fail> {
    let visit = &posted.visit;
    let screen = visit.screen();
    let from_error = path.get("page").is_some_and(|page| page == "error");
    if screen.is_question() {
        return Ok(posted.finish(visit.go_on(None)));
    }
    let fails = from_error && screen == Screen::Error;
    let session = visit.session.clone();
    let ended = visit.app.write(move |tx, _| {
        let session = session.clone();
        Box::pin(async move {
            match fails {
                true => sessions::fail(tx, &session).await,
                false => sessions::complete(tx, &session).await,
            }
        })
    });
    ended.await.map_err(|error| visit.fail(&error))?;
    let next = match visit.session.callback_url {
        Some(_) => visit.paths().page("leaving"),
        None => visit.paths().home(),
    };
    Ok(posted.finish(redirect(&next)))
}
