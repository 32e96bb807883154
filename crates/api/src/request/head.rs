//! Who calls and what for: everything that is checked before a handler runs.
//!
//! Guarantee: a handler that holds a [`Call`] knows that its key is valid (or was so a moment ago and will
//! be asked for: see `recalled`), that the path's project
//! is the key's own, that every id in the path has its form and, where a body follows, exists. With a
//! user token it knows that the call is open to embeds and that what the path names is the user's. The
//! order of the checks is the contract's: headers, path, then query and body.

use std::sync::Arc;

use axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, FromRequestParts, MatchedPath, RawPathParams, Request},
};
use http::{HeaderMap, Method, header, request::Parts};
use portico_app::{App, api_keys::Opened, embeds};
use portico_domain::event::Actor;
use serde_json::Value as Json;

use super::{
    Call, Caller, Server,
    call::Embed,
    idempotency::{self, Slot},
    json,
    path::PathValues,
};
use crate::{
    ApiError,
    embeds::{calls::takes_user_token, cors::TokenProject},
};

impl FromRequest<Server> for Call {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &Server) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let token = bearer(&parts.headers).ok_or(ApiError::Unauthenticated)?;
        let by = Caller::find(server, token).await?;
        Self::of(by, (&mut parts, body), server).await
    }
}

impl Call {
    /// The call that a request makes, once it is known by whom.
    pub(super) async fn of(
        by: Caller,
        (parts, body): (&mut Parts, Body),
        server: &Server,
    ) -> Result<Self, ApiError> {
        let head = Head::read(by, (parts, !body.is_end_stream()), server).await?;
        head.with_body(parts, body, server).await
    }
}

/// What is known before the body is read.
struct Head {
    by: Arc<Caller>,
    path: PathValues,
    key: Option<String>,
}

impl Head {
    async fn read(
        by: Caller,
        (parts, has_body): (&mut Parts, bool),
        server: &Server,
    ) -> Result<Self, ApiError> {
        TokenProject::note(&parts.extensions, &by.project);
        check_content_type(parts, has_body)?;
        let is_keyed = matches!(parts.method, Method::POST | Method::DELETE);
        let key = match is_keyed {
            true => idempotency::key_of(&parts.headers)?,
            false => None,
        };
        if by.embed.is_some() && !is_open_to_embeds(parts) {
            return Err(ApiError::PermissionDenied);
        }
        let params = RawPathParams::from_request_parts(parts, server).await;
        let path = PathValues::read(params)?;
        if path
            .text("project")
            .is_some_and(|named| named != by.project.id)
        {
            return Err(ApiError::not_found("project"));
        }
        // What may be a repetition may name what is no longer there.
        let changes = [Method::PATCH, Method::POST, Method::DELETE].contains(&parts.method);
        if changes && key.is_none() {
            Box::pin(path.check_exists(&server.app, &by.project.id)).await?;
        }
        if let Some(embed) = &by.embed {
            Box::pin(path.check_owner(&server.app, &by.project.id, embed.user)).await?;
        }
        let by = Arc::new(by);
        Ok(Self { by, path, key })
    }

    async fn with_body(self, parts: &Parts, body: Body, server: &Server) -> Result<Call, ApiError> {
        let bytes = match parts.method {
            Method::GET | Method::HEAD => Default::default(),
            _ => json::read(body).await?,
        };
        let body = match bytes.is_empty() {
            true => None,
            false => Some(json::parse(&bytes)?),
        };
        let ticket = match &self.key {
            Some(key) => {
                let slot = self.slot(key, parts, body.as_ref());
                Some(server.in_flight.begin(slot)?)
            }
            None => None,
        };
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        Ok(Call {
            by: self.by,
            path: self.path,
            query: url::form_urlencoded::parse(query).into_owned().collect(),
            body,
            ticket,
        })
    }

    fn slot(&self, key: &str, parts: &Parts, body: Option<&Json>) -> Slot {
        let by = &self.by;
        // Written anew, so that spaces and the order of properties make no difference.
        let text = |body| serde_json::to_vec(body).expect("JSON has text keys only");
        let canonical = body.map(text).unwrap_or_default();
        let path = parts.uri.path().as_bytes();
        let request = [parts.method.as_str().as_bytes(), path, &canonical];
        Slot::new(by.app.db.vault(), &by.project.id, key, request)
    }
}

impl Caller {
    /// Who has that token: a backend with an API key, or an embed with a user token.
    ///
    /// # Errors
    /// Nobody has.
    pub(super) async fn find(server: &Server, token: &str) -> Result<Self, ApiError> {
        let app = server.app.clone();
        if embeds::is_user_token(token) {
            // Boxed, as what follows: a future is as large as the largest that it waits for, and is moved
            // several times for each call.
            let found = Box::pin(async {
                let mut tx = app.glance().await?;
                embeds::authenticate(&mut tx, token).await
            });
            let opened = found.await?.ok_or(ApiError::Unauthenticated)?;
            return Ok(Self {
                actor: Actor::User(opened.user.to_string()),
                project: opened.project,
                app,
                embed: Some(Embed {
                    user: opened.user,
                    session: opened.session,
                }),
                recalled: None,
            });
        }
        let found = app.authenticate(token).await?;
        let opened = found.ok_or(ApiError::Unauthenticated)?;
        Ok(Self::with_key(app, &opened))
    }

    pub(super) fn with_key(app: App, opened: &Opened) -> Self {
        Self {
            actor: Actor::ApiKey(opened.key().to_string()),
            project: opened.project().clone(),
            app,
            embed: None,
            recalled: None,
        }
    }
}

fn is_open_to_embeds(parts: &Parts) -> bool {
    let path = parts.extensions.get::<MatchedPath>();
    path.is_some_and(|path| takes_user_token(&parts.method, path.as_str()))
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim_start())
}

/// A body must say that it is JSON. Where there is none, nothing has to be said.
///
/// # Errors
/// It says something else.
pub(crate) fn check_content_type(parts: &Parts, has_body: bool) -> Result<(), ApiError> {
    let reads_none = matches!(parts.method, Method::GET | Method::HEAD);
    let named = parts.headers.get(header::CONTENT_TYPE);
    let essence = named
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    let is_json = essence.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"));
    if is_json || reads_none || !has_body {
        Ok(())
    } else {
        Err(ApiError::NotJson)
    }
}
