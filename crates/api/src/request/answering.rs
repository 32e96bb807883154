//! How a call that writes is answered: what was made, or, for an `Idempotency-Key` that was answered
//! before, the same again.
//!
//! Guarantee: what [`Call::write`] answers with success is on disk, and for one idempotency key its
//! work was done once.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use futures_util::future::BoxFuture;
use http::{HeaderValue, StatusCode, header};
use portico_store::{
    Failure, StoreError, Tx, Vault,
    idempotency::{self, Sealed},
};
use serde::Serialize;
use tokio::time::{Duration, timeout};

use super::{
    Call, Caller,
    idempotency::{Sent, Slot},
};
use crate::ApiError;

/// How long an earlier answer is looked for where the database has just failed.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

impl Call {
    /// The answer to an earlier request with the same idempotency key. For calls that ask a gateway
    /// before they write: a repetition must not ask again.
    ///
    /// # Errors
    /// The key belongs to a different request.
    pub async fn replayed(&self) -> Result<Option<Response>, ApiError> {
        let Some(ticket) = &self.ticket else {
            return Ok(None);
        };
        let mut tx = self.by.app.glance().await?;
        Ok(ticket.slot.find(&mut tx).await?.map(respond))
    }

    /// Runs an operation in one transaction and answers with what it made; or, for a key that was
    /// answered before, answers the same again and runs nothing.
    ///
    /// # Errors
    /// What the operation returned; then nothing of it is kept.
    pub async fn write<T, F>(&self, status: StatusCode, work: F) -> Result<Response, ApiError>
    where
        T: Serialize + Send,
        F: for<'t> Fn(&'t mut Tx, Arc<Caller>) -> BoxFuture<'t, Result<T, ApiError>>
            + Send
            + Sync
            + 'static,
    {
        let work = Arc::new(work);
        self.answered(move |tx, by, keeper| {
            let work = work.clone();
            Box::pin(async move {
                let made = work(tx, by).await?;
                keeper.keep(tx, Answer::of(status, &made)?).await
            })
        })
        .await
    }

    /// As [`Call::write`], where it is known beforehand what the answer will most likely be: that is
    /// made ready outside the transaction. The work returns another where it came to something else.
    ///
    /// # Errors
    /// What the operation returned; then nothing of it is kept.
    pub async fn write_known<T, F>(
        &self,
        (status, known): (StatusCode, &T),
        work: F,
    ) -> Result<Response, ApiError>
    where
        T: Serialize + Send,
        F: for<'t> Fn(&'t mut Tx, Arc<Caller>) -> BoxFuture<'t, Result<Option<T>, ApiError>>
            + Send
            + Sync
            + 'static,
    {
        let mut known = Answer::of(status, known)?;
        known.seal(self.by.app.db.vault(), self.slot());
        let work = Arc::new((work, known));
        self.answered(move |tx, by, keeper| {
            let work = work.clone();
            Box::pin(async move {
                let (work, known) = &*work;
                let answer = match work(tx, by).await? {
                    Some(other) => Answer::of(status, &other)?,
                    None => known.clone(),
                };
                keeper.keep(tx, answer).await
            })
        })
        .await
    }

    fn slot(&self) -> Option<&Slot> {
        self.ticket.as_ref().map(|ticket| &ticket.slot)
    }

    /// Answers with what `work` kept in its transaction, or with what was kept before.
    async fn answered<F>(&self, work: F) -> Result<Response, ApiError>
    where
        F: for<'t> Fn(&'t mut Tx, Arc<Caller>, Keeper) -> BoxFuture<'t, Result<Sent, ApiError>>
            + Send
            + Sync
            + 'static,
    {
        let by = self.by.clone();
        let slot = self.slot().cloned();
        let work = Arc::new(work);
        // Almost every key is new. So the work runs at once, and only when it cannot be kept or
        // fails it is asked whether the key had been answered before.
        let outcome = self.by.app.db.write(move |tx| {
            let (by, slot, work) = (by.clone(), slot.clone(), work.clone());
            Box::pin(async move {
                if let Some(key) = &by.recalled {
                    key.confirm(tx).await?;
                }
                if tx.is_rerun()
                    && let Some(slot) = &slot
                {
                    if let Some(sent) = slot.find(tx).await? {
                        return Ok(sent);
                    }
                    slot.forget_old(tx).await?;
                }
                work(tx, by, Keeper(slot)).await
            })
        });
        match outcome.await {
            Ok(sent) => {
                if let Some(key) = &self.by.recalled {
                    key.note_confirmed();
                }
                Ok(respond(sent))
            }
            Err(error) => self.refuse(error).await,
        }
    }

    /// As [`Call::replayed`], if that is known soon: a database that has gone away would keep the caller
    /// waiting once more, one that only takes nothing new, as on a full disk, answers at once.
    async fn replayed_soon(&self) -> Result<Option<Response>, ApiError> {
        let Some(slot) = self.slot().cloned() else {
            return Ok(None);
        };
        let app = self.by.app.clone();
        // On its own: a connection whose statement is given up half-way is of no use to others.
        let look = tokio::spawn(async move { slot.find(&mut app.glance().await?).await });
        match timeout(LONGEST_LOOK, look).await {
            Ok(Ok(found)) => Ok(found?.map(respond)),
            _ => Ok(None),
        }
    }

    /// Answers with an error; or, for a key that was answered before, the same again.
    ///
    /// # Errors
    /// That error.
    pub async fn refuse(&self, error: ApiError) -> Result<Response, ApiError> {
        let earlier = match error.store_error() {
            Some(StoreError::Unavailable(_)) => self.replayed_soon().await?,
            // Boxed: a future is as large as the largest that it waits for, and this one is rare.
            _ => Box::pin(self.replayed()).await?,
        };
        match earlier {
            Some(response) => Ok(response),
            None => Err(ApiError::settled(error, self.now())),
        }
    }
}

/// An answer, and perhaps the same sealed, to be kept.
#[derive(Clone)]
struct Answer {
    sent: Sent,
    sealed: Option<Sealed>,
}

impl Answer {
    fn of(status: StatusCode, made: &impl Serialize) -> Result<Self, ApiError> {
        let sent = Sent {
            status,
            body: to_bytes(made)?,
            replayed: false,
        };
        let sealed = None;
        Ok(Self { sent, sealed })
    }

    fn seal(&mut self, vault: &Vault, slot: Option<&Slot>) {
        if self.sealed.is_none() {
            self.sealed = slot.map(|slot| slot.seal(vault, &self.sent));
        }
    }
}

/// Keeps the answer to a call that has a key.
struct Keeper(Option<Slot>);

impl Keeper {
    /// Keeps an answer. When another request kept one for the key in the meantime, the transaction is
    /// undone and its work runs again.
    async fn keep(self, tx: &mut Tx, mut answer: Answer) -> Result<Sent, ApiError> {
        answer.seal(tx.vault(), self.0.as_ref());
        if let Some(sealed) = &answer.sealed {
            idempotency::keep(tx, sealed).await?;
        }
        Ok(answer.sent)
    }
}

/// 200 with a resource.
///
/// # Errors
/// It cannot be written as JSON; a defect.
pub fn ok(resource: &impl Serialize) -> Result<Response, ApiError> {
    Ok(respond(Sent {
        status: StatusCode::OK,
        body: to_bytes(resource)?,
        replayed: false,
    }))
}

fn to_bytes(resource: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(resource).map_err(|_| ApiError::Defect("a resource is no JSON"))
}

fn respond(sent: Sent) -> Response {
    let mut response = Response::new(Body::from(sent.body));
    *response.status_mut() = sent.status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if sent.replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", yes);
    }
    response
}
