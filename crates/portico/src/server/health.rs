//! `/healthz`: the process lives. `/readyz`: it can serve. Neither needs a key.

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

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(ready))
        .with_state(app)
}

async fn ready(State(app): State<App>) -> Response {
    match app.db.schema_state().await {
        Ok(SchemaState::Current) => Json(json!({ "status": "ok" })).into_response(),
        Ok(_) => answers::unavailable("The database's schema is not the one of this version."),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not ready");
            answers::unavailable("The database does not answer.")
        }
    }
}
