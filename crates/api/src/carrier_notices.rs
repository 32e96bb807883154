//! Where carriers push notices: `POST /carriers/{provider}/notices/{reference}`.
//!
//! Guarantee: a notice changes nothing. One that the carrier signed makes us ask the carrier sooner than
//! we would have; so one that comes twice, late or out of turn does no harm. The answer is the same
//! whether there is such an attempt or not.
//!
//! Not part of the contract with integrators, and so not in the OpenAPI document.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use portico_app::{App, portings};
use portico_carrier::{Notice, NoticeError};

use crate::ApiError;

/// The longest reference of an attempt.
const MAX_REFERENCE: usize = 64;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/carriers/{provider}/notices/{reference}", post(take))
        .with_state(app)
}

async fn take(
    State(app): State<App>,
    Path((provider, reference)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let gateway = app.gateways.find(&provider).ok_or(ApiError::NoSuchPath)?;
    let notice = Notice {
        headers: &headers,
        body: &body,
        received_at: app.db.ambient().now(),
    };
    match gateway.notice(&notice) {
        Err(NoticeError::NotTaken) => Err(ApiError::NoSuchPath),
        Err(NoticeError::NotSigned) => Err(ApiError::NotSigned),
        Ok(()) if reference.len() > MAX_REFERENCE => Ok(StatusCode::OK),
        Ok(()) => {
            app.write(move |tx, _| {
                let reference = reference.clone();
                Box::pin(async move { portings::hint(tx, &reference).await })
            })
            .await?;
            Ok(StatusCode::OK)
        }
    }
}
