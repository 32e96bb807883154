//! Calls with an API key that was valid a short while ago. To look it up first would cost a creation on
//! PostgreSQL a quarter of its rate; it is checked together with what the call writes.
//!
//! Guarantee: nothing is kept, told or refused as if a key were valid that was not so at some moment
//! after the call had come, or as if its project's settings were still what they were. (While such a call
//! is under way, its `Idempotency-Key` is in use.)

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::{
    extract::{FromRequest, Request},
    response::Response,
};
use futures_util::future::BoxFuture;
use portico_app::api_keys::Opened;
use portico_store::{Failure, StoreError, Tx};
use secrecy::{ExposeSecret, SecretString};

use super::{Call, Caller, Server, head::bearer};
use crate::ApiError;

/// A call of somebody who may only be recalled.
pub(crate) struct Recalled {
    server: Server,
    token: SecretString,
    call: Call,
}

/// A key that was valid a short while ago.
pub(super) struct RecalledKey {
    opened: Opened,
    is_confirmed: AtomicBool,
}

impl RecalledKey {
    /// Makes what a transaction keeps depend on the key.
    ///
    /// # Errors
    /// It is not valid any more, or its project has other settings.
    pub(super) async fn confirm(&self, tx: &mut Tx) -> Result<(), ApiError> {
        match self.opened.is_still_so(tx).await? {
            true => Ok(()),
            false => Err(ApiError::Unauthenticated),
        }
    }

    /// Notes that a transaction in which it was confirmed was kept.
    pub(super) fn note_confirmed(&self) {
        self.is_confirmed.store(true, Relaxed);
    }
}

impl FromRequest<Server> for Recalled {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &Server) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let token = bearer(&parts.headers).ok_or(ApiError::Unauthenticated)?;
        let token = SecretString::from(token);
        let by = match Caller::recall(server, token.expose_secret()) {
            Some(by) => by,
            None => Caller::find(server, token.expose_secret()).await?,
        };
        let is_recalled = by.recalled.is_some();
        match Call::of(by, (&mut parts, body), server).await {
            Ok(call) => Ok(Self {
                server: server.clone(),
                token,
                call,
            }),
            Err(error) if is_recalled => {
                Caller::find(server, token.expose_secret()).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }
}

impl Recalled {
    /// Answers with what `handler` makes of the call. Unless the key was confirmed by that, it is looked
    /// up, and where something has changed the call is handled anew.
    ///
    /// # Errors
    /// The handler's; or the key is not valid any more.
    pub(crate) async fn answer(
        mut self,
        handler: impl for<'c> Fn(&'c Call) -> BoxFuture<'c, Result<Response, ApiError>>,
    ) -> Result<Response, ApiError> {
        let outcome = handler(&self.call).await;
        if !self.call.by.is_to_be_confirmed() || is_outage(&outcome) {
            return outcome;
        }
        let by = Caller::find(&self.server, self.token.expose_secret()).await?;
        let is_as_recalled = by.project.settings == self.call.by.project.settings;
        // The key is valid. The database may write the same settings differently by now.
        let was_refused = matches!(outcome, Err(ApiError::Unauthenticated));
        if is_as_recalled && !was_refused {
            return outcome;
        }
        self.call.by = by.into();
        handler(&self.call).await
    }
}

impl Caller {
    fn recall(server: &Server, token: &str) -> Option<Self> {
        let opened = server.app.recall(token)?;
        let mut by = Self::with_key(server.app.clone(), &opened);
        by.recalled = Some(RecalledKey {
            opened,
            is_confirmed: AtomicBool::new(false),
        });
        Some(by)
    }

    fn is_to_be_confirmed(&self) -> bool {
        let key = self.recalled.as_ref();
        key.is_some_and(|key| !key.is_confirmed.load(Relaxed))
    }
}

/// Whether nothing is told but that the database is away; then a look would only take longer.
fn is_outage(outcome: &Result<Response, ApiError>) -> bool {
    let error = outcome.as_ref().err();
    let store = error.and_then(Failure::store_error);
    matches!(store, Some(StoreError::Unavailable(_)))
}
