//! What embeds call: pages and apps of the integrator that show a form of their own and act for the
//! subscriber, with a user token in place of an API key.

pub(crate) mod calls;
pub(crate) mod cors;

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use portico_app::{
    ClientAddr,
    embeds::{self, Exchange, TOKEN_LIFETIME},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{Server, call::read_object, head::check_content_type, json, parse::text},
};
use cors::TokenProject;

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(exchange))
}

/// What a link holds.
#[derive(ToSchema)]
#[schema(as = EmbedAuth)]
#[serde(deny_unknown_fields)]
pub struct EmbedAuthInput {
    /// The `token` of the session's `url`.
    #[schema(min_length = 1, max_length = 2048)]
    pub secret: String,
}

/// What an embed acts with.
#[derive(Serialize, ToSchema)]
#[schema(as = EmbedAuthResult)]
pub struct EmbedAuthResource {
    /// The user token.
    pub token: UserTokenResource,
}

/// A user token.
#[derive(Serialize, ToSchema)]
#[schema(as = UserToken)]
pub struct UserTokenResource {
    /// To be sent as `Authorization: Bearer …`. Kept in memory only: whoever has it acts for the user.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until it stops working.
    pub expires_in: i64,
}

/// Why an embed got no token. Not the error object of the other calls: published SDKs read this one.
#[derive(Serialize, ToSchema)]
#[schema(as = EmbedError)]
pub struct EmbedErrorResource {
    /// For developers; may change, so do not parse it.
    pub error: String,
}

/// Trade a link for a user token
///
/// Redeems the link of a Connect Session: it then opens in no browser, and the session is `opened`.
/// Works once, without an API key; nothing tells an expired, a used and an unknown token apart. The user
/// token reads its user's subscriptions and portings, changes the portings, lists service providers,
/// and may do nothing else (403). It stops after an hour, and when the user is blocked or deleted or
/// the subscription ends. A page has to be of an origin that the project lists in `embedOrigins`.
#[utoipa::path(post, path = "/api/embeds/auth", tag = "Embeds", operation_id = "authenticateEmbed",
    request_body = EmbedAuthInput, security(()),
    responses(
        (status = 200, description = "The user token.", body = EmbedAuthResource),
        (status = 400, description = "The body is not JSON.", body = EmbedErrorResource),
        (status = 403, description = "The page's origin is not listed; the link stays good.",
            body = EmbedErrorResource),
        (status = 413, description = "The body is larger than 64 KiB.", body = EmbedErrorResource),
        (status = 415, description = "Content-Type is not application/json.",
            body = EmbedErrorResource),
        (status = 422, description = "The token is expired, used or unknown, or the body is wrong.",
            body = EmbedErrorResource),
        (status = 429, description = "Too many wrong tokens; see Retry-After.",
            body = EmbedErrorResource, headers(("Retry-After" = u64))),
        (status = 500, description = "Something went wrong on our side.", body = EmbedErrorResource),
        (status = 503, description = "The database is not available; see Retry-After.",
            body = EmbedErrorResource, headers(("Retry-After" = u64)))))]
async fn exchange(State(server): State<Server>, request: Request) -> Response {
    match authenticate(&server, request).await {
        Ok(token) => (StatusCode::OK, Json(resource(&token))).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn resource(token: &SecretString) -> EmbedAuthResource {
    EmbedAuthResource {
        token: UserTokenResource {
            access_token: token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: TOKEN_LIFETIME.as_secs(),
        },
    }
}

async fn authenticate(server: &Server, request: Request) -> Result<SecretString, Refusal> {
    let (parts, body) = request.into_parts();
    check_content_type(&parts, true)?;
    let body = json::parse(&json::read(body).await?)?;
    let secret = read_object(&body, Vec::new(), |body| body.required("secret", text))?;
    let origin = origin_of(&parts.headers);
    let client = parts.extensions.get::<ClientAddr>();
    let client = client.map_or_else(String::new, |ClientAddr(ip)| ip.to_string());
    let exchanged = server.app.write(move |tx, app| {
        let (secret, origin, client) = (secret.clone(), origin.clone(), client.clone());
        Box::pin(
            async move { embeds::exchange(tx, &app, &secret, (origin.as_deref(), &client)).await },
        )
    });
    let now = server.app.db.ambient().now();
    let (project, outcome) = exchanged
        .await
        .map_err(|error| ApiError::from(error).settled(now))?;
    if let Some(project) = &project {
        TokenProject::note(&parts.extensions, project);
    }
    match outcome {
        Exchange::Token(token) => Ok(token),
        Exchange::OriginNotAllowed => Err(Refusal::Origin),
        Exchange::Over | Exchange::Unknown => Err(Refusal::Link),
    }
}

/// The page that asks; an app sends none. One that browsers do not write is nobody's.
fn origin_of(headers: &HeaderMap) -> Option<String> {
    let origin = headers.get(header::ORIGIN)?;
    Some(origin.to_str().unwrap_or("null").to_owned())
}

/// Why there is no token.
enum Refusal {
    Link,
    Origin,
    Other(ApiError),
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::Link => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "The session's link has expired, was used, or is unknown; create a new session.",
            ),
            Self::Origin => (
                StatusCode::FORBIDDEN,
                "This page's origin is not in the project's embedOrigins.",
            ),
            Self::Other(error) => return error.for_embeds(),
        };
        let error = error.to_owned();
        (status, Json(EmbedErrorResource { error })).into_response()
    }
}
