//! The JSON API: Connect Sessions, portings and what they hang on.

/// The API's routes.
pub fn router(_app: portico_app::App) -> axum::Router {
    axum::Router::new()
}
