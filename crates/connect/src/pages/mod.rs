//! The pages around the questions.

pub mod asset;
pub mod declined;
pub mod embed;
pub mod entry;
pub mod leave;
pub mod leaving;
pub mod outro;
pub mod overview;
pub mod status;
mod transfer;

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use portico_app::{App, sessions};

use crate::site::flow::Screen;
use crate::site::{Fail, Visit};

/// The session's own address: leads to where the porting stands. Whoever left and comes back here
/// is inside again.
pub async fn home(visit: Visit) -> Result<Response, Fail> {
    if visit.screen().is_question() || visit.screen() == Screen::Error {
        let session = visit.session.id;
        let reopened = visit
            .app
            .write(move |tx, _| Box::pin(async move { sessions::reopen(tx, session).await }));
        reopened.await.map_err(|error| visit.fail(&error))?;
    }
    Ok(visit.go_on(visit.notice()))
}

/// An address that leads nowhere: the same page as for a wrong link.
pub async fn unknown(State(app): State<App>, headers: HeaderMap) -> Response {
    Fail::unknown(&app, &headers).into_response()
}
