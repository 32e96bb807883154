//! What may change something.
//!
//! Guarantee: a form is taken only with its session's token, which only pages of that session in
//! that browser hold; and never when the browser says that another site sent it.

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use portico_app::{App, keyed_hash};
use portico_domain::id::SessionId;

/// The token of a session's forms: bound to the browser's cookie, so it needs no storage.
pub fn form_token(app: &App, session: SessionId, cookie: &str) -> String {
    let parts = [
        b"form".as_slice(),
        session.as_str().as_bytes(),
        cookie.as_bytes(),
    ];
    URL_SAFE_NO_PAD.encode(keyed_hash(app.db.vault().mac_key(), &parts))
}

/// Whether a POST may come from our own pages, by what the browser says of it.
///
/// Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms, so where
/// `Sec-Fetch-Site` is absent that origin is let through, to the form token, which always decides.
pub fn comes_from_us(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match text("sec-fetch-site".parse().expect("a header name")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(header::ORIGIN)
            .is_none_or(|origin| origin == "null" || same_origin(origin, public_url)),
    }
}

fn same_origin(origin: &str, public_url: &str) -> bool {
    let parse = |text| url::Url::parse(text).map(|url| url.origin());
    matches!((parse(origin), parse(public_url)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a value"));
        }
        comes_from_us(&headers, "https://port.example/base")
    }

    #[test]
    fn what_the_browser_says_decides_and_silence_goes_on_to_the_token() {
        assert!(taken(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "null")
        ]));
        assert!(taken(&[("sec-fetch-site", "none")]));
        assert!(!taken(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://port.example")
        ]));
        assert!(!taken(&[("sec-fetch-site", "same-site")]));
        assert!(taken(&[("origin", "null")]));
        assert!(taken(&[("origin", "https://port.example")]));
        assert!(!taken(&[("origin", "https://evil.example")]));
        assert!(taken(&[]));
    }
}
