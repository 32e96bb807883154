//! Connect: the hosted pages a subscriber sees.
//!
//! [`view`] renders them and [`text`] holds their words, both without knowing of HTTP or of the
//! rest of Portico. [`site`] is what every page shares (who is visiting, what may be posted, how a
//! page is answered), [`pages`] the pages around the questions, [`steps`] the questions.
//!
//! Where a visit stands is never kept here: every request asks the porting (see [`site::flow`]), so
//! a refresh, a second tab, another device or a crash all continue at the same place.

mod pages;
mod site;
mod steps;
pub mod text;
pub mod view;

#[cfg(fuzzing)]
pub use site::Form;

use axum::{
    Router,
    routing::{get, post},
};
use portico_app::App;

/// Connect's routes, and the module that shows Connect inside a page. Every address without a secret in
/// it is below `/portal/s/{session}`.
pub fn router(app: App) -> Router {
    Router::new()
        .route(
            "/portal/entry",
            get(pages::entry::show).post(pages::entry::open),
        )
        .route("/portal/entry/back", get(pages::entry::back))
        .route("/embed/portico-connect.js", get(pages::embed::module))
        .route("/embed/portico-connect.d.ts", get(pages::embed::types))
        .route("/portal/icon.svg", get(pages::asset::icon))
        .route("/portal/logo/{project}", get(pages::asset::logo))
        .route("/portal/s/{session}", get(pages::home))
        .route(
            "/portal/s/{session}/donorProvider",
            get(steps::donor_provider::show).post(steps::donor_provider::save),
        )
        .route(
            "/portal/s/{session}/carrierDetails",
            get(steps::carrier_details::show).post(steps::carrier_details::save),
        )
        .route(
            "/portal/s/{session}/holderDetails",
            get(steps::holder_details::show).post(steps::holder_details::save),
        )
        .route(
            "/portal/s/{session}/address",
            get(steps::address::show).post(steps::address::save),
        )
        .route(
            "/portal/s/{session}/donorProviderApproval",
            get(steps::approval::show).post(steps::approval::save),
        )
        .route(
            "/portal/s/{session}/portProtected",
            get(steps::protection::show).post(steps::protection::save),
        )
        .route(
            "/portal/s/{session}/review",
            get(steps::review::show).post(steps::review::confirm),
        )
        .route("/portal/s/{session}/outro", get(pages::outro::show))
        .route("/portal/s/{session}/status", get(pages::status::show))
        .route("/portal/s/{session}/overview", get(pages::overview::show))
        .route("/portal/s/{session}/error", get(pages::declined::show))
        .route(
            "/portal/s/{session}/return/{page}",
            post(pages::leaving::go_back),
        )
        .route(
            "/portal/s/{session}/leave",
            get(pages::leave::ask).post(pages::leave::leave),
        )
        .route("/portal/s/{session}/leaving", get(pages::leaving::show))
        .route("/portal/s/{session}/aborted", get(pages::leave::aborted))
        .fallback(pages::unknown)
        .method_not_allowed_fallback(pages::unknown)
        .layer(axum::middleware::from_fn(site::send))
        .with_state(app)
}
