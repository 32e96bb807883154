//! Leaving on purpose.

use axum::{http::StatusCode, response::Response};
use portico_app::sessions;

use crate::{
    site::{Fail, Posted, Visit, page, redirect},
    view::{self, Aborted},
};

/// GET: do you really want to go?
pub async fn ask(visit: Visit) -> Response {
    if !visit.screen().is_question() {
        return visit.go_on(None);
    }
    let frame = visit.frame();
    let view = view::Leave {
        frame,
        action: visit.paths().page("leave"),
        form_token: visit.form_token.clone(),
        stay_href: visit.paths().home(),
        returns: visit.session.callback_url.is_some(),
    };
    page(StatusCode::OK, &view)
}

/// POST: the visit ends, the answers stay. Once the request is on its way there is nothing to leave:
/// the page shows that instead.
pub async fn leave(posted: Posted) -> Result<Response, Fail> {
    let visit = &posted.visit;
    if !visit.screen().is_question() {
        return Ok(posted.finish(visit.go_on(Some(view::Notice::MovedOn))));
    }
    let session = visit.session.id;
    let aborted = visit
        .app
        .write(move |tx, _| Box::pin(async move { sessions::abort(tx, session).await }));
    aborted.await.map_err(|error| visit.fail(&error))?;
    let next = if visit.session.callback_url.is_some() {
        "leaving"
    } else {
        "aborted"
    };
    Ok(redirect(&visit.paths().page(next)))
}

/// GET: left, with nowhere to go.
pub async fn aborted(visit: Visit) -> Response {
    let frame = visit.frame();
    let view = Aborted {
        frame,
        resume_href: visit.paths().home(),
    };
    page(StatusCode::OK, &view)
}
