//! Why a request was refused, as the contract writes it.
//!
//! Guarantee: an answer says what the caller can act on and nothing of what happened inside. The
//! cause of a 5xx is logged here, once, and never shown; no message repeats a submitted value of a
//! field that holds customer data.

use std::error::Error as _;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use portico_app::{AppError, PropertyCode, PropertyError};
use portico_store::{Failure, StoreError};

use crate::error_body::{Answer, ErrorType};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A header cannot be understood, or the body is no JSON.
    #[error("{0}")]
    Malformed(String),
    /// The key is missing, unknown or revoked.
    #[error("Invalid authorization token")]
    Unauthenticated,
    /// A notice has no signature of the carrier's, or an old one.
    #[error("The notice is not signed by the carrier, or too old.")]
    NotSigned,
    /// A user token is not for this call.
    #[error("A user token does not open this.")]
    PermissionDenied,
    /// Nothing is at this path.
    #[error("There is nothing at this path.")]
    NoSuchPath,
    /// The path exists, the method does not.
    #[error("This path does not take that method; see the Allow header.")]
    MethodNotAllowed,
    /// A request with the same idempotency key is being worked on.
    #[error("A request with this Idempotency-Key is being worked on.")]
    KeyInUse,
    /// The idempotency key belongs to a different request.
    #[error("This Idempotency-Key was used for a different request.")]
    KeyReused,
    /// The body is over the limit.
    #[error("The body is larger than 64 KiB.")]
    TooLarge,
    /// The body is declared to be something else.
    #[error("Content-Type must be application/json.")]
    NotJson,
    /// An intent of the contract that Portico does not serve.
    #[error("The intent {0} is not supported.")]
    IntentNotSupported(&'static str),
    /// Too often; possible again after so many seconds.
    #[error("This was done too often; try again later.")]
    TooMany(u64),
    /// Something that cannot be; a defect of ours.
    #[error("{0}")]
    Defect(&'static str),
    /// An operation refused.
    #[error(transparent)]
    App(AppError),
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::App(AppError::Store(error))
    }
}

impl Failure for ApiError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::App(error) => error.store_error(),
            _ => None,
        }
    }
}

impl ApiError {
    /// Properties are wrong.
    pub fn invalid(problems: Vec<PropertyError>) -> Self {
        Self::App(AppError::Invalid(problems))
    }

    /// There is no such thing in this project.
    pub fn not_found(what: &'static str) -> Self {
        Self::App(AppError::NotFound(what))
    }

    /// Says in seconds when something done too often is possible again.
    pub fn settled(self, now: Timestamp) -> Self {
        match self {
            Self::App(AppError::TooMany(at)) => {
                let seconds = at.duration_since(now).as_secs() + 1;
                Self::TooMany(seconds.max(1).unsigned_abs())
            }
            other => other,
        }
    }

    /// The answer in the shape that embeds read.
    pub fn for_embeds(self) -> Response {
        let answer = self.answer();
        self.log(answer.status);
        answer.for_embeds()
    }

    fn answer(&self) -> Answer {
        let answer = |kind| Answer::new(kind, self.to_string());
        match self {
            Self::Malformed(_) => answer(ErrorType::Malformed),
            Self::Unauthenticated => answer(ErrorType::Unauthenticated)
                .hint("Send the project's API key as Authorization: Bearer <key>."),
            Self::NotSigned => answer(ErrorType::Unauthenticated),
            Self::PermissionDenied => answer(ErrorType::PermissionDenied)
                .hint("Let your backend do this, with the project's API key."),
            Self::NoSuchPath => answer(ErrorType::NotFound),
            Self::MethodNotAllowed => {
                answer(ErrorType::Malformed).status(StatusCode::METHOD_NOT_ALLOWED)
            }
            Self::KeyInUse => answer(ErrorType::Conflict)
                .code("idempotencyKeyInUse")
                .hint("Send the request again in a moment; it will get the same answer."),
            Self::KeyReused => answer(ErrorType::Invalid)
                .code("idempotencyKeyReused")
                .hint("Use a new key for each new request."),
            Self::TooLarge => answer(ErrorType::Malformed).status(StatusCode::PAYLOAD_TOO_LARGE),
            Self::NotJson => {
                answer(ErrorType::Malformed).status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::IntentNotSupported(_) => {
                answer(ErrorType::NotImplemented).code("intentNotSupported")
            }
            Self::TooMany(seconds) => answer(ErrorType::TooManyRequests).retry_after(*seconds),
            Self::Defect(_) => Answer::internal(),
            Self::App(error) => app_answer(error),
        }
    }

    fn log(&self, status: StatusCode) {
        let cause = self.source();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self, cause, "request failed");
        } else if self.store_error().is_some() && status.is_server_error() {
            tracing::error!(error = %self, cause, "the database is not available");
        }
    }
}

fn app_answer(error: &AppError) -> Answer {
    let answer = |kind| Answer::new(kind, error.to_string());
    match error {
        AppError::NotFound(_) => answer(ErrorType::NotFound),
        AppError::Invalid(problems) => {
            Answer::new(ErrorType::Invalid, summary(problems)).details(problems)
        }
        AppError::Business(code, _) => answer(ErrorType::Invalid).code(code.as_str()),
        AppError::Case(_) => answer(ErrorType::Conflict),
        // Only reached when nobody told how long: see `settled`.
        AppError::TooMany(_) => answer(ErrorType::TooManyRequests).retry_after(60),
        AppError::GatewayDown => answer(ErrorType::ServiceUnavailable).retry_after(5),
        AppError::Store(StoreError::Unavailable(_)) => {
            let message = "Portico cannot reach its database; try again shortly.".to_owned();
            Answer::new(ErrorType::ServiceUnavailable, message).retry_after(1)
        }
        // Repeated here for as long as a caller may wait; nothing of it was kept.
        AppError::Store(StoreError::Conflict) => {
            let message = "Too many requests change the same things at once; try again shortly.";
            Answer::new(ErrorType::ServiceUnavailable, message.to_owned()).retry_after(1)
        }
        AppError::Store(StoreError::Stale(_) | StoreError::Unique) => {
            let message = "Another request changed the same thing at the same moment; try again.";
            Answer::new(ErrorType::Conflict, message.to_owned())
        }
        AppError::Store(_) | AppError::Transition(_) => Answer::internal(),
    }
}

fn summary(problems: &[PropertyError]) -> String {
    match problems {
        [one] => sentence(one),
        many => format!("{} properties are not valid; see details.", many.len()),
    }
}

/// The problem as a sentence about its property: rules are written as "must be …".
pub(crate) fn sentence(problem: &PropertyError) -> String {
    let PropertyError {
        property, message, ..
    } = problem;
    if problem.code == PropertyCode::PropertyRequired {
        return format!("{property} is required.");
    }
    let stop = if message.ends_with('.') { "" } else { "." };
    format!("{property} {message}{stop}")
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let answer = self.answer();
        self.log(answer.status);
        let mut response = answer.into_response();
        if matches!(self, Self::Unauthenticated) {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
