//! One call of the API: who calls, for which project, with what. What may be said of a call before its
//! handler runs stands in `head`, how it is answered in `answering`.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use portico_app::{App, PropertyError};
use portico_domain::{
    event::Actor,
    id::{Id, Kind, SessionId, UserId},
    project::Project,
};
use portico_store::Tx;
use serde_json::{Map, Value as Json};

use super::{
    fields::{Fields, presentable},
    idempotency::{InFlight, Ticket},
    path::PathValues,
    recalled::RecalledKey,
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
    /// That the key is valid is only recalled.
    pub(super) recalled: Option<RecalledKey>,
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
