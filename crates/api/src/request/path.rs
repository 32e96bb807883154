//! Names in paths, and what they stand for. The router, the check of a path and the document all
//! go by this table.

use std::collections::BTreeMap;

use axum::extract::{RawPathParams, rejection::RawPathParamsRejection};
use portico_app::App;
use portico_domain::{
    id::{Id, Kind, UserId},
    user::UserStatus,
};
use portico_store::{
    Tx, events, plans, portings, sessions, subscriptions, user_addresses, users,
    webhooks::endpoints,
};

use crate::ApiError;

/// A name in a path.
pub struct PathName {
    /// As it stands between the braces.
    pub name: &'static str,
    /// What the ids begin with.
    pub prefix: &'static str,
    /// Letters and digits after the prefix.
    pub digits: usize,
}

const fn id(name: &'static str, prefix: &'static str) -> PathName {
    let digits = portico_domain::id::BODY_LEN;
    PathName {
        name,
        prefix,
        digits,
    }
}

/// Every name but `project`, which is a slug.
pub const NAMES: [PathName; 9] = [
    id("address", "adr"),
    id("event", "evt"),
    id("plan", "pln"),
    id("porting", "prt"),
    id("session", "csn"),
    PathName {
        name: "serviceProvider",
        prefix: "svp",
        digits: 22,
    },
    id("subscription", "sub"),
    id("user", "usr"),
    id("webhookEndpoint", "whe"),
];

impl PathName {
    /// The pattern its ids follow.
    pub fn pattern(&self) -> String {
        format!("^{}_[0-9A-Za-z]{{{}}}$", self.prefix, self.digits)
    }

    fn fits(&self, text: &str) -> bool {
        let body = text
            .strip_prefix(self.prefix)
            .and_then(|rest| rest.strip_prefix('_'));
        body.is_some_and(|body| {
            body.len() == self.digits && body.bytes().all(|it| it.is_ascii_alphanumeric())
        })
    }
}

/// The values of a request's path; every id has the form of its kind.
#[derive(Default)]
pub struct PathValues(BTreeMap<String, String>);

impl PathValues {
    /// Takes the values out of the path.
    ///
    /// # Errors
    /// An id has not the form of its kind, so there can be nothing of that name.
    pub fn read(params: Result<RawPathParams, RawPathParamsRejection>) -> Result<Self, ApiError> {
        let params = match params {
            Ok(params) => params,
            Err(RawPathParamsRejection::MissingPathParams(_)) => return Ok(Self::default()),
            Err(_) => return Err(ApiError::NoSuchPath),
        };
        let mut values = BTreeMap::new();
        for (name, value) in &params {
            if let Some(known) = NAMES.iter().find(|known| known.name == name)
                && !known.fits(value)
            {
                return Err(ApiError::not_found(known.name));
            }
            values.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self(values))
    }

    /// The text of a name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The id of a name.
    ///
    /// # Errors
    /// The route has no such name; a defect.
    pub fn id<K: Kind>(&self, name: &str) -> Result<Id<K>, ApiError> {
        self.text(name)
            .and_then(|text| text.parse().ok())
            .ok_or(ApiError::Defect(
                "a route lacks the id its handler asks for",
            ))
    }

    /// Checks that everything the path names exists in the project.
    ///
    /// # Errors
    /// Something does not.
    pub async fn check_exists(&self, app: &App, project: &str) -> Result<(), ApiError> {
        let mut named = NAMES.iter().filter(|known| self.text(known.name).is_some());
        let Some(first) = named.next() else {
            return Ok(());
        };
        let mut tx = app.glance().await?;
        for known in std::iter::once(first).chain(named) {
            if !self.exists(&mut tx, project, known.name).await? {
                return Err(ApiError::not_found(known.name));
            }
        }
        Ok(())
    }

    /// Checks that the porting or subscription the path names is the user's own.
    ///
    /// # Errors
    /// It is not, or there is none.
    pub async fn check_owner(
        &self,
        app: &App,
        project: &str,
        user: UserId,
    ) -> Result<(), ApiError> {
        let owner = if self.text("porting").is_some() {
            let id = self.id("porting")?;
            let found = portings::find(&mut app.glance().await?, project, id).await?;
            found.map(|porting| porting.user)
        } else if self.text("subscription").is_some() {
            let id = self.id("subscription")?;
            let found = subscriptions::find(&mut app.glance().await?, project, id).await?;
            found.map(|subscription| subscription.user)
        } else {
            return Ok(());
        };
        let kind = match self.text("porting") {
            Some(_) => "porting",
            None => "subscription",
        };
        match owner == Some(user) {
            true => Ok(()),
            false => Err(ApiError::not_found(kind)),
        }
    }

    async fn exists(&self, tx: &mut Tx, project: &str, name: &str) -> Result<bool, ApiError> {
        Ok(match name {
            "event" => events::find(tx, project, self.id(name)?).await?.is_some(),
            "plan" => plans::find(tx, project, self.id(name)?).await?.is_some(),
            "porting" => portings::find(tx, project, self.id(name)?).await?.is_some(),
            "session" => sessions::get(tx, self.id(name)?)
                .await?
                .is_some_and(|session| session.project == project),
            "subscription" => subscriptions::find(tx, project, self.id(name)?)
                .await?
                .is_some(),
            "user" => users::find(tx, project, self.id(name)?)
                .await?
                .is_some_and(|user| user.status != UserStatus::Deleted),
            "address" => user_addresses::find(tx, self.id("user")?, self.id(name)?)
                .await?
                .is_some(),
            "webhookEndpoint" => endpoints::find(tx, project, self.id(name)?)
                .await?
                .is_some(),
            // The same for every project.
            _ => true,
        })
    }
}
