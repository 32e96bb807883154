//! Erasing personal data: after a project's `retentionDays`, when a user is deleted, and when an
//! operator asks for it.
//!
//! Guarantee: account number, birthday, address, names and carriers' own words leave every copy: the
//! porting's row, its events and its subscription's, carriers' raw answers. Events keep their place
//! and order and then show null. What is open is never touched: an entry is written only when a
//! porting has ended, and the store repeats that guard. Work is done in small transactions that any
//! process may do at any time, again and again; a crash undoes at most one of them.

mod copies;

use jiff::{SignedDuration, Timestamp};
use portico_domain::{
    event::{Actor, EventType},
    id::{PortingId, UserId},
    porting::Status,
    user::{User, UserStatus},
};
use portico_store::{
    PageRequest, Tx,
    erasures::{self, Erasure},
    events, portings, projects, users,
};
use serde_json::json;

use crate::{
    AppError,
    changes::{self, Scope},
    wire::UserResource,
};
use copies::About;

/// How many entries one transaction sees to.
const ENTRIES: u32 = 10;
/// How many events of an entry one transaction sees to.
const EVENTS: u32 = 50;

/// Erases the next of what has waited long enough. Whether there may be more.
///
/// # Errors
/// The store failed.
pub async fn erase_due(tx: &mut Tx) -> Result<bool, AppError> {
    for project in projects::all(tx).await? {
        let age = SignedDuration::from_hours(24 * i64::from(project.settings.retention_days));
        let since = tx.now().saturating_sub(age).unwrap_or(Timestamp::MIN);
        let due = erasures::due(tx, &project.id, since, ENTRIES).await?;
        if !due.is_empty() {
            erase_all(tx, &due).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Erases the next of what [`redact`] left to be done. Whether there may be more.
///
/// # Errors
/// The store failed.
pub async fn erase_user(tx: &mut Tx, user: UserId) -> Result<bool, AppError> {
    let due = erasures::due_of_user(tx, user, ENTRIES).await?;
    erase_all(tx, &due).await?;
    Ok(!due.is_empty())
}

async fn erase_all(tx: &mut Tx, due: &[Erasure]) -> Result<(), AppError> {
    for erasure in due {
        erase(tx, erasure).await?;
    }
    Ok(())
}

async fn erase(tx: &mut Tx, erasure: &Erasure) -> Result<(), AppError> {
    if let Ok(id) = erasure.subject.parse::<PortingId>() {
        erasures::erase_porting(tx, id).await?;
    }
    let about = About::new(&erasure.about);
    let events = events::after(tx, &erasure.subject, erasure.position, EVENTS).await?;
    for event in &events {
        let mut erased = event.clone();
        if about.erase_from(&mut erased) {
            events::rewrite(tx, &erased).await?;
        }
    }
    match events.last() {
        Some(last) if events.len() == EVENTS as usize => {
            erasures::advance(tx, erasure, last.sequence).await?;
        }
        _ => erasures::finish(tx, erasure).await?,
    }
    Ok(())
}

/// Erases a user at the request of the person: what is in the tables at once, copies in events by
/// [`erase_user`] or the next upkeep. The user itself stays, so that what hangs on it keeps its owner.
///
/// # Errors
/// There is no such user, or one of the user's portings is open.
pub async fn redact(tx: &mut Tx, actor: &Actor, id: UserId) -> Result<(), AppError> {
    let found = users::get(tx, id).await?;
    let user = found.ok_or(AppError::NotFound("user"))?;
    refuse_open_portings(tx, &user).await?;
    crate::users::delete_drafts(tx, actor, &user).await?;
    let after = User {
        // Unique, because e-mail addresses are; and nobody's, because `.invalid` never is (RFC 2606).
        email: match user.status {
            UserStatus::Deleted => String::new(),
            _ => format!("{}@redacted.invalid", id.body().to_lowercase()),
        },
        email_verified: false,
        full_name: None,
        birthday: None,
        metadata: Default::default(),
        ..user
    };
    users::erase(tx, id, after.status, &after.email).await?;
    let scope = Scope {
        project: &after.project,
        subject: id.as_str(),
        actor,
    };
    if after.status != UserStatus::Deleted {
        let erased = json!({ "birthday": null, "email": null, "fullName": null, "metadata": {} });
        let resource = UserResource::from(&after);
        changes::record_erased(tx, scope, EventType::UserUpdated, (&resource, &erased)).await?;
    }
    changes::audit(tx, scope, "user.redacted", json!({})).await?;
    erasures::at_once(tx, &after.project, id).await?;
    Ok(())
}

async fn refuse_open_portings(tx: &mut Tx, user: &User) -> Result<(), AppError> {
    let statuses = Status::ALL.into_iter().filter(|status| status.is_open());
    let open = portings::Filter {
        statuses: statuses.map(Status::as_str).collect(),
        user: Some(user.id),
        ..portings::Filter::default()
    };
    let one = PageRequest {
        limit: 1,
        ..PageRequest::default()
    };
    let found = portings::list(tx, &user.project, &open, &one).await?.items;
    match found.first() {
        Some(porting) => {
            let why = format!(
                "has a porting that is {}: {}; cancel it or let it end first.",
                porting.status(),
                porting.id
            );
            Err(AppError::invalid("user", why))
        }
        None => Ok(()),
    }
}
