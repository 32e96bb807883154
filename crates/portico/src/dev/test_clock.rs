//! `POST /testing/clock`: moves the time, so that tests need not wait for it.

use axum::{Json, Router, extract::State, routing::post};
use jiff::{SignedDuration, Timestamp};
use portico_ambient::ManualClock;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    /// Negative values step back.
    advance_seconds: i64,
}

#[derive(Serialize)]
struct Now {
    now: Timestamp,
}

/// The route.
pub fn router(clock: ManualClock) -> Router {
    Router::new()
        .route("/testing/clock", post(advance))
        .with_state(clock)
}

async fn advance(State(clock): State<ManualClock>, Json(by): Json<Advance>) -> Json<Now> {
    clock.advance(SignedDuration::from_secs(by.advance_seconds));
    Json(Now {
        now: clock.clock().now(),
    })
}
