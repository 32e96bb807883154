use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::zeroize::Zeroize;

/// The longest value of a control, in bytes; what is longer is cut, and then too long for its type.
const MAX_VALUE: usize = 4_096;
/// More controls than any page has.
const MAX_CONTROLS: usize = 64;

/// What a form sent. Values may be secrets: they are wiped when the form is dropped.
pub struct Form(HashMap<String, String>);

impl Form {
    /// Reads `application/x-www-form-urlencoded` text. Of a control sent twice the first counts.
    pub fn parse(body: &[u8]) -> Self {
        let mut controls = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(body).take(MAX_CONTROLS) {
            let mut value = value.into_owned();
            if value.len() > MAX_VALUE {
                let end = (0..=MAX_VALUE).rev().find(|at| value.is_char_boundary(*at));
                value.truncate(end.unwrap_or_default());
            }
            controls.entry(name.into_owned()).or_insert(value);
        }
        Self(controls)
    }

    /// What stood in a control, trimmed; empty when the control was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// Whether a checkbox was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.text(name) == "true" || self.text(name) == "on"
    }

    /// Whether a warning of that code was shown and sent on.
    pub fn confirms(&self, code: &str) -> bool {
        self.text("confirm_warnings")
            .split(',')
            .any(|given| given == code)
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            value.zeroize();
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let body = Bytes::from_request(request, state).await;
        Ok(Self::parse(&body.map_err(IntoResponse::into_response)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_counts_and_hostile_values_stay_text() {
        let form = Form::parse(b"a=1&a=2&b=%00%E2%80%AE&c=%FF&d=+x+");
        assert_eq!(form.text("a"), "1");
        assert_eq!(form.text("b"), "\0\u{202e}");
        assert_eq!(form.text("d"), "x");
        assert_eq!(form.text("e"), "");
    }

    #[test]
    fn a_value_is_cut_between_characters() {
        let form = Form::parse(format!("a={}", "é".repeat(5_000)).as_bytes());
        assert!(form.text("a").len() <= MAX_VALUE);
    }
}
