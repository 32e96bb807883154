//! On the way to `callbackUrl`: through a page of our own, because a form's redirect to another
//! origin is blocked by `form-action` in some browsers, and because people should see where they go.
//! In a frame it tells the page around it how the visit ended, and leads on only when asked to, in the
//! whole window.

use axum::{extract::Path, http::StatusCode, response::Response};
use portico_app::sessions;
use portico_domain::{
    id::SessionId,
    session::{CallbackStatus, CallbackUrl, Liveness},
};

use crate::{
    site::{AnyVisit, Fail, Posted, ends, flow::Screen, page, redirect},
    view::{Destination, Frame, Leaving, Notice},
};

/// The page that leads to a callback.
pub fn page_to(
    frame: Frame,
    url: &CallbackUrl,
    session: SessionId,
    status: CallbackStatus,
) -> Response {
    let frame = ends(frame, status);
    let target = url.with_outcome(session, status);
    let destination = match url.is_web() {
        true => Destination::Web {
            host: url.destination(),
        },
        false => Destination::App,
    };
    page(
        StatusCode::OK,
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
    let is_over = visit.liveness() != Liveness::Alive;
    // What the visit ended with stays true however late this page is opened.
    let status = session.outcome.map(|(status, _)| status);
    let status = status.or(is_over.then_some(CallbackStatus::AuthExpired));
    match (&session.callback_url, status) {
        (Some(url), Some(status)) => Ok(page_to(visit.frame_with(None), url, session.id, status)),
        _ if is_over => Err(visit.ended()),
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
    let page = path.get("page").map(String::as_str).unwrap_or_default();
    if !still_shows(page, screen) {
        return Ok(posted.finish(visit.go_on(Some(Notice::ChangedElsewhere))));
    }
    let fails = screen == Screen::Error;
    let session = visit.session.id;
    let ended = visit.app.write(move |tx, _| {
        Box::pin(async move {
            match fails {
                true => sessions::fail(tx, session).await,
                false => sessions::complete(tx, session).await,
            }
        })
    });
    ended.await.map_err(|error| visit.fail(&error))?;
    // Also when the visit was over by then: what it ended with is the truth.
    Ok(redirect(&match visit.session.callback_url {
        Some(_) => visit.paths().page("leaving"),
        None => visit.paths().home(),
    }))
}

/// Whether the page that the way back was pressed on still tells the truth. A request that was
/// completed while its page was open needs nothing more from the subscriber.
fn still_shows(page: &str, screen: Screen) -> bool {
    match page {
        "outro" | "status" => matches!(screen, Screen::Status | Screen::Overview),
        "overview" => screen == Screen::Overview,
        "error" => screen == Screen::Error,
        _ => false,
    }
}
