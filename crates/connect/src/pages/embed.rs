//! `<portico-connect>`: the module that shows Connect inside a page, for every page to load.

use std::sync::{Arc, LazyLock};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use portico_app::token_hash;

use crate::{
    site::put,
    view::{EMBED_MODULE, EMBED_TYPES, Written},
};

/// An hour: a new release is seen soon; asked again, an unchanged one is not sent again.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

static MODULE: LazyLock<Asset> = LazyLock::new(|| Asset::new("text/javascript", &EMBED_MODULE));
static TYPES: LazyLock<Asset> = LazyLock::new(|| Asset::new("text/plain", EMBED_TYPES));

/// A file that every page may load.
struct Asset {
    kind: HeaderValue,
    tag: HeaderValue,
    text: Arc<Written>,
}

impl Asset {
    fn new(kind: &str, text: &str) -> Self {
        let hash = token_hash(text);
        let hex: String = hash.iter().take(8).map(|it| format!("{it:02x}")).collect();
        let value = |text: String| HeaderValue::from_str(&text).expect("plain ASCII");
        Self {
            kind: value(format!("{kind}; charset=utf-8")),
            // Weak, because it goes out compressed and not.
            tag: value(format!("W/\"{hex}\"")),
            text: Arc::new(Written::common(text)),
        }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get_all(header::IF_NONE_MATCH).iter();
        let tag = self.tag.to_str().unwrap_or_default();
        let is_known = known
            .filter_map(|value| value.to_str().ok())
            .flat_map(|tags| tags.split(','))
            .any(|known| known.trim() == tag);
        let mut response = match is_known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => StatusCode::OK.into_response(),
        };
        if is_known {
            // As with the answer that is not sent again: RFC 9110, 15.4.5.
            let vary = HeaderValue::from_static("accept-encoding");
            response.headers_mut().insert(header::VARY, vary);
        } else {
            put(&mut response, self.text.clone());
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.kind.clone());
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::CACHE_CONTROL, CACHE);
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        headers.insert(CORP, HeaderValue::from_static("cross-origin"));
        response
    }
}

/// GET: the module.
pub async fn module(headers: HeaderMap) -> Response {
    MODULE.answer(&headers)
}

/// GET: its types.
pub async fn types(headers: HeaderMap) -> Response {
    TYPES.answer(&headers)
}
