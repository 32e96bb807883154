//! How a page is answered: the headers every one has, and what is shown when something fails.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use portico_app::{App, AppError};

use super::{
    frame::{nameless, nameless_anywhere},
    put,
};
use crate::view::{
    Expired, ExpiredReason, Frame, Page, TooManyRequests, Trouble, Unavailable, Written,
};

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// A page. Its body is written by [`super::send`], which knows what the browser takes.
pub fn page(status: StatusCode, page: &impl Page) -> Response {
    let mut response = status.into_response();
    let Frame {
        nonce, embedders, ..
    } = page.frame();
    let ancestors = if embedders.is_empty() {
        "'none'".to_owned()
    } else {
        embedders.join(" ")
    };
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; \
         img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    );
    put(&mut response, Arc::new(Written::of(page)));
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy).expect("nonces and origins are ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(COOP, HeaderValue::from_static("same-origin"));
    response
}

/// To another page of ours, by GET.
pub fn redirect(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let path = HeaderValue::from_str(path).expect("our addresses are ASCII");
    response.headers_mut().insert(header::LOCATION, path);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Why a request gets no page of its own.
pub struct Fail(Response);

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        self.0
    }
}

impl From<Response> for Fail {
    fn from(response: Response) -> Self {
        Self(response)
    }
}

impl Fail {
    /// The same page for a wrong link, an unknown session, a missing cookie and a tampered form.
    pub fn unknown(app: &App, headers: &HeaderMap) -> Self {
        Self::unknown_in(nameless(app, headers))
    }

    /// The same in a frame that names nobody either.
    pub fn unknown_in(nameless: Frame) -> Self {
        Self::expired(
            StatusCode::NOT_FOUND,
            nameless,
            ExpiredReason::Unknown,
            None,
        )
    }

    /// A link or visit that is over, told to somebody who had a right to it.
    pub fn over(frame: Frame, reason: ExpiredReason, back_href: Option<String>) -> Self {
        Self::expired(StatusCode::GONE, frame, reason, back_href)
    }

    fn expired(
        status: StatusCode,
        frame: Frame,
        reason: ExpiredReason,
        back_href: Option<String>,
    ) -> Self {
        Self(page(
            status,
            &Expired {
                frame,
                reason,
                back_href,
            },
        ))
    }

    /// What an operation's refusal looks like to a visitor we do not know; `retry_href` is safe to
    /// open again.
    pub fn from_error(
        error: &AppError,
        app: &App,
        headers: &HeaderMap,
        retry_href: String,
    ) -> Self {
        match error {
            AppError::NotFound(_) => Self::unknown(app, headers),
            other => Self::told(other, app, nameless_anywhere(app, headers), retry_href),
        }
    }

    /// The same in the visitor's own frame.
    pub fn told(error: &AppError, app: &App, frame: Frame, retry_href: String) -> Self {
        match error {
            AppError::TooMany(until) => {
                let seconds = seconds_until(*until, app.db.ambient().now());
                let wait_minutes = u32::try_from(seconds.div_ceil(60)).unwrap_or(u32::MAX);
                let view = TooManyRequests {
                    frame,
                    wait_minutes,
                    retry_href,
                };
                let status = StatusCode::TOO_MANY_REQUESTS;
                Self(with_retry_after(page(status, &view), seconds))
            }
            other => {
                tracing::error!(error = other as &dyn std::error::Error, "a page failed");
                let view = Unavailable {
                    frame,
                    trouble: Trouble::Busy,
                    retry_href: Some(retry_href),
                };
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self(with_retry_after(page(status, &view), 5))
            }
        }
    }
}

fn seconds_until(until: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(until.duration_since(now).as_secs())
        .unwrap_or(0)
        .max(1)
}

fn with_retry_after(mut response: Response, seconds: u64) -> Response {
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
