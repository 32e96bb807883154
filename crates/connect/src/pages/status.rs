//! Nothing to do now.

use axum::{http::StatusCode, response::Response};
use portico_app::{AppError, portings};
use portico_domain::porting::{Porting, State};

use super::transfer::{transfer_of, way_out};
use crate::{
    site::{Fail, Visit, date, flow::Screen, moment, page},
    text::Texts,
    view::{self, Stage},
};

/// GET: where a sent porting stands.
pub async fn show(visit: Visit) -> Result<Response, Fail> {
    let porting = visit
        .porting
        .as_ref()
        .filter(|_| visit.screen() == Screen::Status);
    let Some(porting) = porting else {
        return Ok(visit.go_on(visit.notice()));
    };
    let frame = visit.frame();
    let texts = frame.texts;
    let stage = stage(&visit, porting, texts).await;
    let view = view::Status {
        as_of: Some(moment(texts, visit.app.db.ambient().now())),
        frame,
        transfer: transfer_of(texts, porting),
        stage: stage.map_err(|error| visit.fail(&error))?,
        way_out: way_out(&visit, "status"),
        refresh_href: visit.paths().page("status"),
    };
    Ok(page(StatusCode::OK, &view))
}

async fn stage(visit: &Visit, porting: &Porting, texts: &Texts) -> Result<Stage, AppError> {
    let mut tx = visit.app.read().await?;
    if portings::is_held(&mut tx, porting).await? {
        return Ok(Stage::Held);
    }
    let today = portings::day_of(tx.now());
    Ok(match (&porting.state, porting.scheduled_after(today)) {
        (
            State::Requested {
                delayed_at: Some(_),
            },
            _,
        ) => Stage::Delayed,
        (State::Requested { .. }, Some(day)) => Stage::Scheduled {
            on: date(texts, day),
        },
        (State::Requested { .. }, None) => Stage::Requested,
        _ => Stage::Pending,
    })
}
