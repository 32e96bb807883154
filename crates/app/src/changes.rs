//! Writing down what changed: events for integrators, the audit trail for operators.

use jiff::Timestamp;
use portico_domain::event::{Actor, EventType};
use portico_metrics::metrics;
use portico_store::{Tx, audit, events};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::{App, AppError};

/// Whose change it is and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub project: &'a str,
    pub subject: &'a str,
    pub actor: &'a Actor,
}

impl<'a> Scope<'a> {
    /// An event with the resource as it is, and what it was.
    fn event(
        self,
        kind: EventType,
        (data, previous): (&'a Json, Option<&'a Json>),
    ) -> events::NewEvent<'a> {
        events::NewEvent {
            project: self.project,
            kind,
            subject: self.subject,
            actor: self.actor,
            data,
            previous,
            is_first: kind.is_creation(),
        }
    }
}

/// Writes an event that carries the whole resource.
pub(crate) async fn record(
    tx: &mut Tx,
    scope: Scope<'_>,
    kind: EventType,
    resource: &impl Serialize,
) -> Result<(), AppError> {
    write(tx, scope, kind, &to_json(resource), None).await
}

/// An event of `time` that carries a whole resource, ready to be written.
pub(crate) fn draft(
    app: &App,
    scope: Scope<'_>,
    (kind, time): (EventType, Timestamp),
    resource: &impl Serialize,
) -> events::Draft {
    let data = to_json(resource);
    let event = scope.event(kind, (&data, None));
    events::Draft::new((app.db.ambient(), app.db.vault()), time, &event)
}

/// Writes an event that was made ready.
pub(crate) async fn record_draft(tx: &mut Tx, event: &events::Draft) -> Result<(), AppError> {
    events::insert_draft(tx, event).await?;
    count(tx, event.kind());
    Ok(())
}

/// Writes an `updated` event with the old values of what changed. Nothing changed, nothing written.
pub(crate) async fn record_update(
    tx: &mut Tx,
    scope: Scope<'_>,
    kind: EventType,
    states: (&impl Serialize, &impl Serialize),
) -> Result<(), AppError> {
    let (before, after) = (to_json(states.0), to_json(states.1));
    let previous = difference(&before, &after);
    if previous.is_empty() {
        return Ok(());
    }
    write(tx, scope, kind, &after, Some(&Json::Object(previous))).await
}

/// Writes an `updated` event for what was erased; the old values are not told.
pub(crate) async fn record_erased(
    tx: &mut Tx,
    scope: Scope<'_>,
    kind: EventType,
    states: (&impl Serialize, &Json),
) -> Result<(), AppError> {
    write(tx, scope, kind, &to_json(states.0), Some(states.1)).await
}

/// Writes an entry of the audit trail. `facts` hold names and codes, never what a person entered.
pub(crate) async fn audit(
    tx: &mut Tx,
    scope: Scope<'_>,
    action: &'static str,
    facts: Json,
) -> Result<(), AppError> {
    let Scope {
        project,
        subject,
        actor,
    } = scope;
    audit::insert(
        tx,
        &audit::NewEntry {
            project,
            subject,
            action,
            facts,
            actor,
        },
    )
    .await?;
    Ok(())
}

async fn write(
    tx: &mut Tx,
    scope: Scope<'_>,
    kind: EventType,
    data: &Json,
    previous: Option<&Json>,
) -> Result<(), AppError> {
    events::insert(tx, &scope.event(kind, (data, previous))).await?;
    count(tx, kind);
    Ok(())
}

/// Counts an event once it is kept.
fn count(tx: &mut Tx, kind: EventType) {
    tx.after_commit(move || metrics().changes.event(kind.as_str()));
}

/// The names of the top-level fields that differ.
pub(crate) fn changed_fields(states: (&impl Serialize, &impl Serialize)) -> Vec<String> {
    let differing = difference(&to_json(states.0), &to_json(states.1));
    differing.into_iter().map(|(name, _)| name).collect()
}

fn to_json(resource: &impl Serialize) -> Json {
    serde_json::to_value(resource).expect("resources have text keys only")
}

/// The old values of the top-level fields that differ.
fn difference(before: &Json, after: &Json) -> Map<String, Json> {
    let fields = before.as_object().into_iter().flatten();
    fields
        .filter(|(name, old)| after.get(name.as_str()) != Some(old))
        .map(|(name, old)| (name.clone(), old.clone()))
        .collect()
}
