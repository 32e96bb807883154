//! The error object on the wire.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use portico_app::PropertyError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{embeds::EmbedErrorResource, error::sentence};

/// What kind of error it is; each belongs to its statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ErrorType {
    /// 400, 405, 413, 415: the request cannot be read.
    Malformed,
    /// 401: no valid key.
    Unauthenticated,
    /// 403: a user token does not open this.
    PermissionDenied,
    /// 404: there is no such thing in this project.
    NotFound,
    /// 409: another request is in the way.
    Conflict,
    /// 422: a property is wrong, or a rule forbids it.
    Invalid,
    /// 429: too often.
    TooManyRequests,
    /// 500: our fault.
    Internal,
    /// 501: known and not served.
    NotImplemented,
    /// 503: try again later.
    ServiceUnavailable,
}

impl ErrorType {
    fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::PermissionDenied => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Why a request was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Error)]
pub struct ErrorResource {
    /// Always `error`.
    pub object: &'static str,
    /// What kind of error it is.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// For developers; may change, so do not parse it.
    pub message: String,
    /// The rule that was broken. The set grows: treat an unknown code as its `type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub code: Option<&'static str>,
    /// What to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hint: Option<&'static str>,
    /// The properties that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub details: Vec<ErrorDetailResource>,
}

/// What is wrong with one property.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ErrorDetail)]
pub struct ErrorDetailResource {
    /// Always `propertyErrorDetail`.
    pub object: &'static str,
    /// `propertyRequired`, `propertyInvalid`, `addressPropertyIncomplete` or
    /// `addressPropertyInvalid`.
    pub code: &'static str,
    /// A sentence on it.
    pub message: String,
    /// Its path: `address.postalCode`.
    pub property: String,
    /// Always null: Portico does not guess.
    #[schema(required)]
    pub suggestion: Option<String>,
}

/// An error on its way out.
pub(crate) struct Answer {
    pub status: StatusCode,
    body: ErrorResource,
    retry_after: Option<u64>,
}

impl Answer {
    pub fn new(kind: ErrorType, message: String) -> Self {
        let body = ErrorResource {
            object: "error",
            kind,
            message,
            code: None,
            hint: None,
            details: Vec::new(),
        };
        Self {
            status: kind.status(),
            body,
            retry_after: None,
        }
    }

    /// Our fault: nothing about the cause.
    pub fn internal() -> Self {
        let message = "Something went wrong on our side; it has been logged.".to_owned();
        Self::new(ErrorType::Internal, message)
    }

    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub fn code(mut self, code: &'static str) -> Self {
        self.body.code = Some(code);
        self
    }

    pub fn hint(mut self, hint: &'static str) -> Self {
        self.body.hint = Some(hint);
        self
    }

    pub fn retry_after(self, seconds: u64) -> Self {
        let retry_after = Some(seconds);
        Self {
            retry_after,
            ..self
        }
    }

    pub fn details(mut self, problems: &[PropertyError]) -> Self {
        let detail = |problem: &PropertyError| ErrorDetailResource {
            object: "propertyErrorDetail",
            code: problem.code.as_str(),
            message: sentence(problem),
            property: problem.property.clone(),
            suggestion: None,
        };
        self.body.details = problems.iter().map(detail).collect();
        self
    }
}

impl Answer {
    /// The same without the error object; see [`EmbedErrorResource`].
    pub fn for_embeds(self) -> Response {
        let error = self.body.message;
        let response = (self.status, Json(EmbedErrorResource { error })).into_response();
        with_retry_after(response, self.retry_after)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let response = (self.status, Json(self.body)).into_response();
        with_retry_after(response, self.retry_after)
    }
}

fn with_retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}
