//! `/healthz`: the process lives. `/readyz`: it can serve, and is not about to stop. Neither needs a
//! key.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use portico_app::App;
use portico_store::SchemaState;
use serde_json::json;

use super::answers;

/// Whether this process should be sent requests. Cheap to clone.
#[derive(Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// The process is about to stop.
    pub fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn has_ended(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The routes.
pub fn router(app: App, readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(ready))
        .with_state((app, readiness))
}

async fn ready(State((app, readiness)): State<(App, Readiness)>) -> Response {
    if readiness.has_ended() {
        return answers::unavailable("The server is about to stop.");
    }
    match app.db.schema_state().await {
        // During an upgrade the schema is newer for a while; migrations only add to it.
        Ok(SchemaState::Current | SchemaState::Newer) => {
            Json(json!({ "status": "ok" })).into_response()
        }
        Ok(SchemaState::Older) => {
            answers::unavailable("The database's schema is older than this version.")
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not ready");
            answers::unavailable("The database does not answer.")
        }
    }
}
