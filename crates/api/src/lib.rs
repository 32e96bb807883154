//! The JSON API: Connect Sessions, portings and what they hang on.
//!
//! One module per group of calls, each with its requests, its handlers and their documentation. A
//! request's body has two halves there: a struct that describes it in the OpenAPI document, and a
//! function that reads it and says everything that is wrong with it at once; a test holds the two
//! together. Handlers hold a [`Call`](request) and run one operation of `portico-app`.

mod carrier_notices;
mod document;
mod error;
mod error_body;
mod request;

pub mod embeds;
pub mod events;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod plans;
pub mod portings;
pub mod projects;
pub mod service_providers;
pub mod sessions;
pub mod subscriptions;
pub mod user_addresses;
pub mod users;
pub mod webhooks;

use std::sync::LazyLock;

use axum::{
    Router,
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use error::ApiError;
use http::{HeaderValue, header};
use portico_app::App;
use request::Server;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The API's routes, with JSON for every path and method that does not exist.
pub fn router(app: App) -> Router {
    let (routes, _) = calls().split_for_parts();
    let notices = carrier_notices::routes(app.clone());
    let server = Server::new(app);
    routes
        .route("/openapi.json", get(document_text))
        .fallback(async || ApiError::NoSuchPath)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer((
            map_response(guarded),
            from_fn_with_state(server.clone(), embeds::cors::share),
        ))
        .with_state(server)
        .merge(notices)
}

/// The OpenAPI document of exactly those routes.
pub fn openapi() -> OpenApi {
    let (_, document) = calls().split_for_parts();
    document::complete(document)
}

fn calls() -> OpenApiRouter<Server> {
    OpenApiRouter::with_openapi(document::base())
        .merge(sessions::routes())
        .merge(portings::routes())
        .merge(service_providers::routes())
        .merge(subscriptions::routes())
        .merge(users::routes())
        .merge(user_addresses::routes())
        .merge(plans::routes())
        .merge(projects::routes())
        .merge(events::routes())
        .merge(webhooks::routes())
        .merge(embeds::routes())
}

async fn document_text() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        serde_json::to_string(&openapi()).expect("the document has text keys only")
    });
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, TEXT.as_str()).into_response()
}

/// Answers hold customer data and links: nobody on the way may keep or reinterpret them.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let no_store = HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, no_store);
    let no_sniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, no_sniff);
    response
}
