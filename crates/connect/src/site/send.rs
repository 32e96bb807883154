//! Pages and other texts go out compressed to whoever takes gzip, which every browser does.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};

use crate::view::Written;

/// Puts a text into an answer, which becomes its body on the way out.
pub fn put(response: &mut Response, text: Arc<Written>) {
    response.extensions_mut().insert(text);
}

/// Writes the page or text that answers a request.
pub async fn send(request: Request, next: Next) -> Response {
    // What is only asked about is not compressed.
    let takes_gzip = request.method() != Method::HEAD && takes_gzip(request.headers());
    let mut response = next.run(request).await;
    let Some(text) = response.extensions_mut().remove::<Arc<Written>>() else {
        return response;
    };
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().append(header::VARY, vary);
    *response.body_mut() = match takes_gzip {
        true => {
            let encoding = HeaderValue::from_static("gzip");
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, encoding);
            Body::from(text.gzip())
        }
        false => Body::from(text.text()),
    };
    response
}

/// Whether `Accept-Encoding` names gzip, and not to refuse it (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).iter();
    let texts = all.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.trim().parse::<f32>() != Ok(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let takes = |text: &'static str| {
            let value = HeaderValue::from_static(text);
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]))
        };
        for text in [
            "gzip",
            "br, GZIP;q=0.5",
            "deflate,gzip ; q=1.0",
            "gzip, *;q=0",
        ] {
            assert!(takes(text), "{text}");
        }
        for text in ["", "br", "gzip;q=0", "gzip; q=0.000, br", "*", "identity"] {
            assert!(!takes(text), "{text}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
