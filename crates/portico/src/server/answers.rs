//! Answers of the server itself, when no handler can give one: JSON for programs, a page for people.

use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use portico_ambient::Random;
use portico_connect::{
    text::Texts,
    view::{self, Brand, Frame, Support, Theme, Trouble, Unavailable},
};
use serde_json::json;

use super::observe::careful;

/// What to say about when to come back, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Who reads an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A caller of the API.
    Program,
    /// A subscriber in Connect, or in a page that shows it.
    Person,
}

impl Audience {
    /// Who asks for `path`.
    pub fn of(path: &str) -> Self {
        let is_below = |prefix| match path.strip_prefix(prefix) {
            Some(rest) => rest.is_empty() || str::starts_with(rest, '/'),
            None => false,
        };
        match is_below("/portal") || is_below("/embed") {
            true => Self::Person,
            false => Self::Program,
        }
    }
}

/// Every connection is taken.
pub fn full(path: &str) -> Response {
    let audience = Audience::of(path);
    let message = "The server has no connection left; try again.";
    let mut response = answer(audience, StatusCode::SERVICE_UNAVAILABLE, message);
    set(&mut response, header::RETRY_AFTER, RETRY_AFTER);
    close(&mut response);
    // This answer passes no other layer.
    careful(response.headers_mut(), audience, false);
    response
}

/// A handler panicked.
pub fn broken(audience: Audience) -> Response {
    let message = "Something went wrong on our side; nothing of the request was kept.";
    answer(audience, StatusCode::INTERNAL_SERVER_ERROR, message)
}

/// The request's body did not come in time.
pub fn too_slow(audience: Audience) -> Response {
    let message = "The request's body did not come in time.";
    let mut response = answer(audience, StatusCode::REQUEST_TIMEOUT, message);
    close(&mut response);
    response
}

/// The request's body is larger than 64 KiB.
pub fn too_large(audience: Audience) -> Response {
    let message = "The request's body is larger than 64 KiB.";
    answer(audience, StatusCode::PAYLOAD_TOO_LARGE, message)
}

/// The server cannot serve; for the operator's probes.
pub fn unavailable(message: &str) -> Response {
    answer(Audience::Program, StatusCode::SERVICE_UNAVAILABLE, message)
}

fn answer(audience: Audience, status: StatusCode, message: &str) -> Response {
    match audience {
        Audience::Program => (status, Json(error(status, message))).into_response(),
        Audience::Person => page(status),
    }
}

fn error(status: StatusCode, message: &str) -> serde_json::Value {
    let kind = match status {
        StatusCode::SERVICE_UNAVAILABLE => "serviceUnavailable",
        StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => "malformed",
        _ => "internal",
    };
    json!({ "object": "error", "type": kind, "message": message })
}

/// Connect's page for a server that cannot answer now. Whose link it was is not known here, so any page
/// may show it in a frame: it names nobody, and nothing on it changes anything.
fn page(status: StatusCode) -> Response {
    let nonce = Random::system().base62(22);
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors *"
    );
    let page = Unavailable {
        frame: Frame {
            texts: Texts::fallback(),
            nonce,
            brand: Brand::default(),
            theme: Theme::Auto,
            support: Support::default(),
            notice: None,
            embedders: Vec::new(),
            embed: None,
        },
        trouble: match status {
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => Trouble::NotTaken,
            _ => Trouble::Busy,
        },
        // What was asked for may have been a form; only the page before knows how to send it again.
        retry_href: None,
    };
    let mut response = (status, Html(view::html(&page))).into_response();
    let policy = HeaderValue::from_str(&policy).expect("base62 digits are fit for a header");
    set(&mut response, header::CONTENT_SECURITY_POLICY, policy);
    set(
        &mut response,
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    );
    response
}

/// Ends the connection after this answer.
pub fn close(response: &mut Response) {
    set(
        response,
        header::CONNECTION,
        HeaderValue::from_static("close"),
    );
}

fn set(response: &mut Response, name: HeaderName, value: HeaderValue) {
    response.headers_mut().insert(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_for_people_and_json_for_programs() {
        for path in [
            "/portal",
            "/portal/entry",
            "/portal/s/csn_x/review",
            "/embed/portico-connect.js",
        ] {
            assert_eq!(Audience::of(path), Audience::Person, "{path}");
        }
        for path in [
            "/",
            "/projects/dev/portings",
            "/portals",
            "/readyz",
            "/api/embeds/auth",
        ] {
            assert_eq!(Audience::of(path), Audience::Program, "{path}");
        }
    }
}
