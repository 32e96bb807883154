//! Answers for pages of other origins (CORS).
//!
//! Guarantee: a page reads an answer that says anything of a project only where the project lists the
//! page's origin, and never with cookies. `tower-http`'s layer decides by the request's head; here it
//! is the token that tells the project, which for the exchange stands in the body.
//!
//! Whose origins count: those of the project in the path; where the path names none, those of the
//! project whose token was sent. An answer to a token of no project says nothing about any, so every
//! page may read it: how else would an embed learn that its link has expired. For the same reason
//! the preflight of a path without a project is answered to every page.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use portico_app::{embeds::may_embed, projects};
use portico_domain::project::Project;

use super::calls::{self, OpenCall};
use crate::request::Server;

/// What an embed may send.
const HEADERS: HeaderValue =
    HeaderValue::from_static("accept, authorization, content-type, idempotency-key");
/// What it may read beside the body.
const EXPOSED: HeaderValue = HeaderValue::from_static("retry-after, x-request-id");
/// Seconds for which a browser need not ask again; an origin taken off a list is gone as soon.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const VARY: HeaderValue = HeaderValue::from_static("origin");

/// Whose token was sent; filled in by whoever reads the token.
#[derive(Clone, Default)]
pub struct TokenProject(Arc<OnceLock<Project>>);

impl TokenProject {
    /// Notes it, if the request came from a page.
    pub fn note(extensions: &http::Extensions, project: &Project) {
        if let Some(noted) = extensions.get::<Self>() {
            let _ = noted.0.set(project.clone());
        }
    }
}

/// Lets pages of other origins call what is open to embeds.
pub async fn share(State(server): State<Server>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let Some(call) = matched.and_then(|path| calls::find(path.as_str())) else {
        return next.run(request).await;
    };
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = match origin {
        Some(origin) => answer(&server, call, (request, origin), next).await,
        None => next.run(request).await,
    };
    response.headers_mut().append(header::VARY, VARY);
    response
}

async fn answer(
    server: &Server,
    call: &OpenCall,
    asked: (Request, HeaderValue),
    next: Next,
) -> Response {
    let (request, origin) = asked;
    let (mut parts, body) = request.into_parts();
    let named = project_of_path(&mut parts).await;
    if is_preflight(&parts) {
        let is_open = match &named {
            Some(named) => is_open_to(server, named, &origin).await,
            None => true,
        };
        return preflight(call, is_open.then_some(origin));
    }
    let noted = TokenProject::default();
    parts.extensions.insert(noted.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let is_open = match (&named, noted.0.get()) {
        (Some(named), Some(project)) if *named == project.id => allows(server, project, &origin),
        (Some(named), _) => is_open_to(server, named, &origin).await,
        (None, Some(project)) => allows(server, project, &origin),
        (None, None) => true,
    };
    if is_open {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

async fn project_of_path(parts: &mut Parts) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let found = params.iter().find(|(name, _)| *name == "project");
    found.map(|(_, value)| value.to_owned())
}

fn is_preflight(parts: &Parts) -> bool {
    const ASKS: HeaderName = header::ACCESS_CONTROL_REQUEST_METHOD;
    parts.method == Method::OPTIONS && parts.headers.contains_key(ASKS)
}

fn allows(server: &Server, project: &Project, origin: &HeaderValue) -> bool {
    let origin = origin.to_str().unwrap_or_default();
    may_embed(&server.app.config, project, origin)
}

/// As [`allows`], by the project's id. What cannot be looked up is not open.
async fn is_open_to(server: &Server, project: &str, origin: &HeaderValue) -> bool {
    let Ok(mut tx) = server.app.glance().await else {
        return false;
    };
    let found = projects::get(&mut tx, project).await;
    found.is_ok_and(|project| allows(server, &project, origin))
}

fn preflight(call: &OpenCall, origin: Option<HeaderValue>) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(origin) = origin {
        let methods = HeaderValue::from_static(call.methods.1);
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    (StatusCode::NO_CONTENT, headers).into_response()
}
