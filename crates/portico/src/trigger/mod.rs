//! `portico trigger`: makes an event happen in a test project.
//!
//! Guarantee: nothing is made up. What it does is what a backend, a subscriber's browser and the
//! simulated carrier do, through the server's public interfaces; the event is Portico's own.

mod backend;
mod page;
mod recipe;
mod visit;

use std::time::Duration;

use anyhow::{anyhow, bail};
use portico_domain::{event::EventType, id::EventId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    cli::TriggerArgs,
    listen::{say, without_prefix},
    remote::{Api, ApiError},
};
use backend::Backend;

/// How often the event is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// An event as it is looked for.
#[derive(Deserialize)]
struct Found {
    id: EventId,
    #[serde(rename = "type")]
    kind: String,
    time: String,
    subject: String,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Found>,
}

/// Makes the event happen, and waits for it unless told otherwise.
///
/// # Errors
/// An argument is at fault, the project is live, the server refuses, or the event does not come.
pub async fn run(args: TriggerArgs) -> anyhow::Result<()> {
    if args.list {
        list(args.json);
        return Ok(());
    }
    let kind = named(args.event.as_deref().unwrap_or_default())?;
    let api = Api::open(&args.server)?;
    expect_test_project(&api).await?;
    let made = recipe::make(&Backend::new(&api), kind).await?;
    if args.no_wait {
        tell_on_its_way(args.json, kind, &made.subject);
        return Ok(());
    }
    let patience = args.timeout.map_or(made.patience, Duration::from_secs);
    let found = tokio::time::timeout(patience, wait_for(&api, kind, &made.subject)).await;
    let found = found.map_err(|_| {
        anyhow!(
            "--timeout: {} of {} did not happen within {} s",
            kind.as_str(),
            made.subject,
            patience.as_secs()
        )
    })??;
    tell_happened(args.json, &found);
    Ok(())
}

/// The type of that name, with or without a server's prefix.
fn named(name: &str) -> anyhow::Result<EventType> {
    let mut all = EventType::ALL.into_iter();
    let kind = all.find(|kind| kind.as_str() == without_prefix(name));
    kind.ok_or_else(|| {
        anyhow!("EVENT: there is no event {name}; `portico trigger --list` shows all")
    })
}

async fn expect_test_project(api: &Api) -> anyhow::Result<()> {
    let project: Value = api.find_project().await?;
    if project["type"] != "test" {
        bail!(
            "--project: {} is a live project; only in a test project are events made",
            api.project()
        );
    }
    Ok(())
}

/// Looks until it is there; a server that is unwell meanwhile is asked again, and that is said once.
async fn wait_for(api: &Api, kind: EventType, subject: &str) -> Result<Found, ApiError> {
    let mut was_unwell = false;
    loop {
        match find(api, kind, subject).await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(error) if error.may_pass() => {
                if !std::mem::replace(&mut was_unwell, true) {
                    eprintln!("{error}; asking again until it answers");
                }
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn find(api: &Api, kind: EventType, subject: &str) -> Result<Option<Found>, ApiError> {
    let path = format!("events?subject={subject}&limit=200");
    let answer = api.get(&path).await?;
    let list: List = serde_json::from_slice(&answer).map_err(|_| ApiError::Unreadable)?;
    // The newest is first; the first of its kind is what was made to happen.
    let mut oldest_first = list.items.into_iter().rev();
    Ok(oldest_first.find(|it| without_prefix(&it.kind) == kind.as_str()))
}

fn list(is_json: bool) {
    for kind in EventType::ALL {
        let (name, how) = (kind.as_str(), recipe::how(kind));
        tell(
            is_json,
            &json!({ "eventType": name, "how": how }),
            &format!("{name:<28}  {how}"),
        );
    }
}

fn tell_on_its_way(is_json: bool, kind: EventType, subject: &str) {
    let kind = kind.as_str();
    let program = json!({ "object": "triggered", "eventType": kind, "event": null,
                          "subject": subject, "time": null });
    tell(
        is_json,
        &program,
        &format!("{kind} is on its way for {subject}"),
    );
}

fn tell_happened(is_json: bool, found: &Found) {
    let program = json!({ "object": "triggered", "eventType": found.kind, "event": found.id,
                          "subject": found.subject, "time": found.time });
    tell(is_json, &program, &format!("{}  {}", found.kind, found.id));
}

fn tell(is_json: bool, program: &Value, person: &str) {
    if is_json {
        say(&program.to_string());
    } else {
        say(person);
    }
}
