//! One call of the API: who calls, for which project, with what; and how it is answered.
//!
//! Guarantee: what [`Call::write`] answers with success is on disk, and for one idempotency key its
//! work was done once. What may be said of a call before its handler runs stands in `head`.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use futures_util::future::BoxFuture;
use http::{HeaderValue, StatusCode, header};
use jiff::{Timestamp, civil::Date};
use portico_app::{App, PropertyError};
use portico_domain::{
    event::Actor,
    id::{Id, Kind, SessionId, UserId},
    project::Project,
};
use portico_store::{
    Tx, Vault,
    idempotency::{self, Sealed},
};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{
    fields::{Fields, presentable},
    idempotency::{InFlight, Sent, Slot, Ticket},
    path::PathValues,
};
use crate::ApiError;

/// What every handler shares.
#[derive(Clone)]
pub struct Server {
    /// The operations and what they need.
    pub app: App,
    pub(super) in_flight: InFlight,
}

impl Server {
    /// A server of `app`.
    pub fn new(app: App) -> Self {
        let in_flight = InFlight::default();
        Self { app, in_flight }
    }
}

/// Who calls.
pub struct Caller {
    /// The operations and what they need.
    pub app: App,
    /// The key, or the user of a user token, as the actor of what it does.
    pub actor: Actor,
    /// The key's project.
    pub project: Project,
    /// What a user token stands for; none of a key.
    pub embed: Option<Embed>,
}

/// What a user token stands for.
pub struct Embed {
    /// Whose subscriptions and portings it opens.
    pub user: UserId,
    /// The session whose link it was given for.
    pub session: SessionId,
}

/// One call of the API.
pub struct Call {
    /// Who calls.
    pub by: Arc<Caller>,
    pub(super) path: PathValues,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Json>,
    pub(super) ticket: Option<Ticket>,
}

impl Call {
    /// The id that the path gives under `name`.
    ///
    /// # Errors
    /// The route has no such name.
    pub fn id<K: Kind>(&self, name: &str) -> Result<Id<K>, ApiError> {
        self.path.id(name)
    }

    /// The text that the path gives under `name`.
    pub fn path_text(&self, name: &str) -> &str {
        self.path.text(name).unwrap_or_default()
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.by.app.db.ambient().now()
    }

    /// The present day, in UTC.
    pub fn today(&self) -> Date {
        portico_app::portings::day_of(self.now())
    }

    /// A consistent view for reading.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(&self) -> Result<Tx, ApiError> {
        Ok(self.by.app.read().await?)
    }

    /// Reads the query.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn query<T>(&self, read: impl FnOnce(&mut Fields) -> Option<T>) -> Result<T, ApiError> {
        let (fields, problems) = self.query_fields();
        understood(fields, problems, read)
    }

    /// Makes sure that there is no query.
    ///
    /// # Errors
    /// Every parameter that is there.
    pub fn no_query(&self) -> Result<(), ApiError> {
        self.query(|_| Some(()))
    }

    fn query_fields(&self) -> (Fields, Vec<PropertyError>) {
        let (mut values, mut problems) = (Map::new(), Vec::new());
        for (name, text) in &self.query {
            let mut refuse = |rule| {
                problems.push(PropertyError::invalid(&presentable(name), rule));
            };
            // An empty one is passed on as missing, so that an unknown name is still noticed.
            let value = match text.as_str() {
                "" => {
                    refuse("must not be empty.");
                    Json::Null
                }
                text => Json::from(text),
            };
            if values.insert(name.clone(), value).is_some() {
                refuse("is given more than once.");
            }
        }
        (Fields::new(values), problems)
    }

    /// The body as it came, before anything about it is checked.
    pub fn json(&self) -> Option<&Json> {
        self.body.as_ref()
    }

    /// Reads the body. A call with a body has no query.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn body<T>(&self, read: impl FnOnce(&mut Fields) -> Option<T>) -> Result<T, ApiError> {
        let empty = || ApiError::Malformed("The body is empty; send a JSON object.".to_owned());
        self.read_body(self.body.as_ref().ok_or_else(empty)?, read)
    }

    /// Makes sure that there is no body, or an empty object, and no query.
    ///
    /// # Errors
    /// Every property that is there.
    pub fn no_body(&self) -> Result<(), ApiError> {
        let nothing = Json::Object(Map::new());
        self.read_body(self.body.as_ref().unwrap_or(&nothing), |_| Some(()))
    }

    fn read_body<T>(
        &self,
        body: &Json,
        read: impl FnOnce(&mut Fields) -> Option<T>,
    ) -> Result<T, ApiError> {
        let (query, mut problems) = self.query_fields();
        problems.extend(query.finish());
        read_object(body, problems, read)
    }

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
            Ok(sent) => Ok(respond(sent)),
            Err(error) => self.refuse(error).await,
        }
    }

    /// Answers with an error; or, for a key that was answered before, the same again.
    ///
    /// # Errors
    /// That error.
    pub async fn refuse(&self, error: ApiError) -> Result<Response, ApiError> {
        // Boxed: a future is as large as the largest that it waits for, and this one is rare.
        match Box::pin(self.replayed()).await? {
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

/// Reads a body, which must be an object; `problems` were found before.
///
/// # Errors
/// Everything that is wrong with it, after those.
pub(crate) fn read_object<T>(
    body: &Json,
    mut problems: Vec<PropertyError>,
    read: impl FnOnce(&mut Fields) -> Option<T>,
) -> Result<T, ApiError> {
    let Json::Object(values) = body else {
        problems.push(PropertyError::invalid("body", "must be a JSON object."));
        return Err(ApiError::invalid(problems));
    };
    understood(Fields::new(values.clone()), problems, read)
}

fn understood<T>(
    mut fields: Fields,
    mut problems: Vec<PropertyError>,
    read: impl FnOnce(&mut Fields) -> Option<T>,
) -> Result<T, ApiError> {
    let made = read(&mut fields);
    problems.extend(fields.finish());
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    made.ok_or(ApiError::Defect("a request was refused without a reason"))
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
