//! Declined, and not for the subscriber to repair.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use portico_domain::porting::State;

use super::transfer::{transfer_of, way_out};
use crate::{
    site::{Visit, flow::Screen, page},
    view,
};

/// GET: the error screen, with the way to customer support.
pub async fn show(visit: Visit) -> Response {
    let porting = visit
        .porting
        .as_ref()
        .filter(|_| visit.screen() == Screen::Error);
    let Some(porting) = porting else {
        return visit.go_on(visit.notice());
    };
    let State::Declined(decline) = &porting.state else {
        return visit.ended().into_response();
    };
    let frame = visit.frame();
    let transfer = transfer_of(frame.texts, porting);
    let view = view::Declined {
        frame,
        code: decline.code.to_string(),
        transfer,
        way_out: way_out(&visit, "error"),
    };
    page(StatusCode::OK, &view)
}
