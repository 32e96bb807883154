//! Sent: what happens next.

use axum::{http::StatusCode, response::Response};
use portico_app::portings;
use portico_domain::session::SessionStatus;

use super::transfer::{transfer_of, way_out};
use crate::{
    site::{Fail, Visit, flow::Screen, page},
    view,
};

/// GET: shown after this visit's confirmation, as long as the request is on its way.
pub async fn show(visit: Visit) -> Result<Response, Fail> {
    let on_its_way = visit.screen() == Screen::Status;
    let confirmed = visit.session.status == SessionStatus::Completed;
    let Some(porting) = visit.porting.as_ref().filter(|_| on_its_way && confirmed) else {
        return Ok(visit.go_on(visit.notice()));
    };
    let mut tx = visit.app.look().await.map_err(|error| visit.fail(&error))?;
    let is_held = portings::is_held(&mut tx, porting).await;
    let is_held = is_held.map_err(|error| visit.fail(&error))?;
    let frame = visit.frame();
    let transfer = transfer_of(frame.texts, porting);
    let view = view::Outro {
        frame,
        transfer,
        is_held,
        status_href: visit.paths().page("status"),
        way_out: way_out(&visit, "outro"),
    };
    Ok(page(StatusCode::OK, &view))
}
