//! What has to be done so that an event happens.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use jiff::Timestamp;
use portico_ambient::Clock;
use portico_domain::event::EventType;
use serde_json::{Value, json};

use super::{
    backend::{Answers, Backend, id_of},
    visit::Visit,
};
use crate::remote::ApiError;

/// The simulator's numbers, by what becomes of their portings; see docs/SIMULATOR.md.
mod number {
    pub const COMPLETES: &str = "+19595550100";
    pub const DECLINED: &str = "+19595550102";
    pub const EXPIRES: &str = "+19595550124";
    pub const FAILS: &str = "+19595550127";
}

/// Longer than the simulator takes for anything.
const PATIENCE: Duration = Duration::from_secs(60);
/// A URL that a webhook endpoint may have and that leads nowhere (RFC 2606).
const NOWHERE: &str = "https://portico.invalid/hooks";

/// What was set going.
#[derive(Debug)]
pub struct Made {
    /// The id of the resource it happens to.
    pub subject: String,
    /// How long it can take.
    pub patience: Duration,
}

/// How an event comes about, for people.
pub fn how(kind: EventType) -> &'static str {
    match kind {
        EventType::PortingCreated => "a draft is created",
        EventType::PortingUpdated => "a draft's account number is changed",
        EventType::PortingDeleted => "a draft is deleted",
        EventType::PortingRequested => "a complete porting reaches the simulated carrier",
        EventType::PortingInformationRequired => "a subscription takes an incomplete porting",
        EventType::PortingDeclined => "the simulated carrier declines +19595550102; about 2 s",
        EventType::PortingCompleted => "the simulated carrier completes +19595550100; about 2 s",
        EventType::PortingCanceled => "an incomplete porting is canceled",
        EventType::PortingExpired => "the simulated carrier lets +19595550124 expire; about 10 s",
        EventType::PortingFailed => "the simulated carrier fails +19595550127; about 2 s",
        EventType::SessionCreated => "a link to complete a porting is created",
        EventType::SessionUpdated => "a session's theme is changed",
        EventType::SessionOpened => "a link is opened, and its button pressed",
        EventType::SessionCompleted => "the hosted pages are gone through to the authorization",
        EventType::SessionAborted => "a link is opened and left again",
        EventType::SessionExpired => {
            "a link is not opened in time; takes the project's linkLifetimeSeconds, but where \
             `portico dev --test-clock` runs its clock is put forward"
        }
        EventType::SubscriptionCreated => "a subscription without a porting is created",
        EventType::SubscriptionActivated => "a subscription without a porting begins",
        EventType::SubscriptionUpdated => "a subscription's metadata is changed",
        EventType::SubscriptionCanceled => "a subscription's end is asked for",
        EventType::SubscriptionEnded => "a subscription is ended",
        EventType::UserCreated => "a user is created",
        EventType::UserUpdated => "a user's name is changed",
        EventType::UserDeleted => "a user is deleted",
        EventType::WebhookEndpointDisabled => {
            "a webhook endpoint that leads nowhere is created, disabled and deleted"
        }
    }
}

/// Does what makes the event happen.
///
/// # Errors
/// The server refuses, or does not answer.
pub async fn make(by: &Backend<'_>, kind: EventType) -> Result<Made, ApiError> {
    let name = kind.as_str();
    let subject = match name.split('.').next().unwrap_or_default() {
        "porting" => porting(by, kind).await?,
        "connectSession" => return session(by, kind).await,
        "subscription" => subscription(by, kind).await?,
        "user" => user(by, kind).await?,
        _ => endpoint(by).await?,
    };
    Ok(Made {
        subject,
        patience: PATIENCE,
    })
}

async fn user(by: &Backend<'_>, kind: EventType) -> Result<String, ApiError> {
    let user = by.user().await?;
    let path = format!("users/{user}");
    match kind {
        EventType::UserUpdated => {
            by.patch(&path, &json!({ "fullName": "Rosa Quimby" }))
                .await?
        }
        EventType::UserDeleted => by.act(Method::DELETE, &path).await?,
        _ => {}
    }
    Ok(user)
}

async fn subscription(by: &Backend<'_>, kind: EventType) -> Result<String, ApiError> {
    let subscription = by.subscription(&by.user().await?, None).await?;
    let path = format!("subscriptions/{subscription}");
    match kind {
        EventType::SubscriptionUpdated => {
            let note = json!({ "metadata": { "note": "changed by portico trigger" } });
            by.patch(&path, &note).await?;
        }
        EventType::SubscriptionCanceled => by.act(Method::POST, &format!("{path}/cancel")).await?,
        EventType::SubscriptionEnded => by.act(Method::POST, &format!("{path}/end")).await?,
        _ => {}
    }
    Ok(subscription)
}

async fn porting(by: &Backend<'_>, kind: EventType) -> Result<String, ApiError> {
    match kind {
        EventType::PortingCreated | EventType::PortingUpdated | EventType::PortingDeleted => {
            draft(by, kind).await
        }
        EventType::PortingInformationRequired | EventType::PortingCanceled => {
            let porting = by.porting(number::COMPLETES, Answers::AllButName).await?;
            if kind == EventType::PortingCanceled {
                let path = format!("portings/{porting}/cancel");
                by.act(Method::POST, &path).await?;
            }
            Ok(porting)
        }
        EventType::PortingDeclined => by.porting(number::DECLINED, Answers::All).await,
        EventType::PortingExpired => by.porting(number::EXPIRES, Answers::All).await,
        EventType::PortingFailed => by.porting(number::FAILS, Answers::All).await,
        _ => by.porting(number::COMPLETES, Answers::All).await,
    }
}

async fn draft(by: &Backend<'_>, kind: EventType) -> Result<String, ApiError> {
    let user = by.user().await?;
    let draft = by.draft(&user, number::COMPLETES, Answers::All).await?;
    let path = format!("portings/{draft}");
    match kind {
        EventType::PortingUpdated => {
            by.patch(&path, &json!({ "accountNumber": "4410027720" }))
                .await?;
        }
        EventType::PortingDeleted => by.act(Method::DELETE, &path).await?,
        _ => {}
    }
    Ok(draft)
}

async fn session(by: &Backend<'_>, kind: EventType) -> Result<Made, ApiError> {
    let session = by.session(number::COMPLETES).await?;
    let subject = id_of(&session)?;
    let mut patience = PATIENCE;
    let link = session["url"].as_str().ok_or(ApiError::Unreadable)?;
    match kind {
        EventType::SessionUpdated => {
            let dark = json!({ "appearance": { "theme": "dark" } });
            by.patch(&format!("connectSessions/{subject}"), &dark)
                .await?;
        }
        EventType::SessionOpened => drop(Visit::open(by.api, link).await?),
        EventType::SessionAborted => Visit::open(by.api, link).await?.leave().await?,
        EventType::SessionCompleted => Visit::open(by.api, link).await?.complete().await?,
        EventType::SessionExpired => patience += let_time_pass(by, &session).await?,
        _ => {}
    }
    Ok(Made { subject, patience })
}

/// Puts the clock past the link's life, where it can be put; how long that is still to come.
async fn let_time_pass(by: &Backend<'_>, session: &Value) -> Result<Duration, ApiError> {
    let expires_at = session["expiresAt"].as_str().map(str::parse::<Timestamp>);
    let expires_at = expires_at
        .and_then(Result::ok)
        .ok_or(ApiError::Unreadable)?;
    let created_at = session["createdAt"].as_str().map(str::parse::<Timestamp>);
    let created_at = created_at
        .and_then(Result::ok)
        .ok_or(ApiError::Unreadable)?;
    let life = expires_at.duration_since(created_at);
    let by_seconds = json!({ "advanceSeconds": life.as_secs() + 1 });
    let request = Request::post("/testing/clock")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(by_seconds.to_string()));
    let put = by
        .api
        .send_once(request.expect("a well-formed request"))
        .await?;
    if put.status.is_success() {
        return Ok(Duration::ZERO);
    }
    let until = Clock::system().now() + life;
    eprintln!("waiting for the end of the link's life, at {until:.0}");
    Ok(Duration::try_from(life).unwrap_or_default())
}

async fn endpoint(by: &Backend<'_>) -> Result<String, ApiError> {
    let new = json!({ "url": NOWHERE, "types": ["*"], "description": "Made by portico trigger" });
    let endpoint = by.create("webhookEndpoints", &new).await?;
    let path = format!("webhookEndpoints/{endpoint}");
    by.patch(&path, &json!({ "status": "disabled" })).await?;
    by.act(Method::DELETE, &path).await?;
    Ok(endpoint)
}
