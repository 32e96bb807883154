//! Pictures, from our own host.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use portico_app::App;
use portico_store::projects;

use crate::{site::Fail, view::FAVICON_SVG};

/// An hour: a new logo is seen soon, and a visit loads it once.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The page icon.
pub async fn icon() -> Response {
    picture("image/svg+xml", FAVICON_SVG.into())
}

/// A project's logo.
pub async fn logo(
    State(app): State<App>,
    headers: HeaderMap,
    Path(project): Path<String>,
) -> Result<Response, Fail> {
    let failed =
        |error| Fail::from_error(&error, &app, &headers, format!("/portal/logo/{project}"));
    let mut tx = app.look().await.map_err(failed)?;
    let found = projects::logo(&mut tx, &project).await;
    match found.map_err(|error| failed(error.into()))? {
        Some((kind, bytes)) => Ok(picture(&kind, bytes.into())),
        None => Ok(StatusCode::NOT_FOUND.into_response()),
    }
}

fn picture(kind: &str, bytes: axum::body::Bytes) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(kind).expect("a media type of ours");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
