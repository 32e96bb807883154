use std::collections::BTreeMap;

use jiff::Timestamp;
use portico_domain::webhook::{DeliveryState, TypePattern, WebhookEndpoint};
use portico_store::webhooks::deliveries::{Attempt, Delivery};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::webhooks::Headers;

/// A webhook endpoint: who is told of the project's events.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookEndpoint)]
pub struct WebhookEndpointResource {
    /// Always `webhookEndpoint`.
    pub object: &'static str,
    /// `whe_` and 28 letters and digits.
    pub id: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Your words on it.
    #[schema(required)]
    pub description: Option<String>,
    /// Why it is disabled: `requested`; `gone`, it answered 410; `failing`, it only failed for five
    /// days. Null while it is enabled.
    #[schema(required)]
    pub disabled_reason: Option<&'static str>,
    /// What signs its deliveries. Shown once, at creation and at rotation; null otherwise.
    #[schema(required)]
    pub secret: Option<String>,
    /// `enabled` or `disabled`.
    pub status: &'static str,
    /// Which event types it is told.
    pub types: Vec<String>,
    /// Where events are posted.
    pub url: String,
}

impl WebhookEndpointResource {
    /// An endpoint, on a server with that prefix of event types.
    pub fn new(endpoint: &WebhookEndpoint, type_prefix: &str) -> Self {
        let on_wire = |pattern: &TypePattern| pattern.with_prefix(type_prefix);
        Self {
            object: "webhookEndpoint",
            id: endpoint.id.to_string(),
            created_at: endpoint.created_at,
            description: endpoint.description.clone(),
            disabled_reason: endpoint.disabled.map(|reason| reason.as_str()),
            secret: None,
            status: endpoint.status().as_str(),
            types: endpoint.types.iter().map(on_wire).collect(),
            url: endpoint.url.clone(),
        }
    }

    /// The same with its secret, for the one answer that shows it.
    #[must_use]
    pub fn with_secret(self, secret: &SecretString) -> Self {
        let secret = Some(secret.expose_secret().to_owned());
        Self { secret, ..self }
    }
}

/// The delivery of one event to one endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub struct WebhookDeliveryResource {
    /// Always `webhookDelivery`.
    pub object: &'static str,
    /// `whd_` and 28 letters and digits.
    pub id: String,
    /// Every try that was made, oldest first; the newest 20.
    pub attempts: Vec<WebhookAttemptResource>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The endpoint's id.
    pub endpoint: String,
    /// The event's id.
    pub event: String,
    /// The event's type.
    pub event_type: String,
    /// When it is tried next; null when it is not.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
    /// `waiting`, `delivered`, or `failed` when every try did.
    pub state: &'static str,
}

/// One try to deliver.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookAttempt)]
pub struct WebhookAttemptResource {
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Why there was no answer: `unresolved`, `forbidden`, `unreachable`, `untrusted`, `timedOut`
    /// or `broken`. Null when there was one.
    #[schema(required)]
    pub error: Option<String>,
    /// The status of the answer; null when there was none.
    #[schema(required)]
    pub status_code: Option<u16>,
}

impl WebhookDeliveryResource {
    /// A delivery, on a server with that prefix of event types.
    pub fn new(delivery: Delivery, type_prefix: &str) -> Self {
        let waits = delivery.state == DeliveryState::Waiting;
        Self {
            object: "webhookDelivery",
            id: delivery.id.to_string(),
            attempts: delivery.attempts.into_iter().map(Into::into).collect(),
            created_at: delivery.created_at,
            endpoint: delivery.endpoint.to_string(),
            event: delivery.event.to_string(),
            event_type: format!("{type_prefix}{}", delivery.event_type),
            next_attempt_at: waits.then_some(delivery.run_at),
            state: delivery.state.as_str(),
        }
    }
}

impl From<Attempt> for WebhookAttemptResource {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at,
            duration_ms: attempt.ms,
            error: attempt.error,
            status_code: attempt.status,
        }
    }
}

/// How many deliveries a request to send again led to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Redelivery)]
pub struct RedeliveryResource {
    /// Always `redelivery`.
    pub object: &'static str,
    /// What will be sent because of it; what was waiting anyway is not counted.
    pub deliveries: u32,
}

impl From<u32> for RedeliveryResource {
    fn from(deliveries: u32) -> Self {
        Self {
            object: "redelivery",
            deliveries,
        }
    }
}

/// The request that brings an event to an endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedEvent)]
pub struct SignedEventResource {
    /// Always `signedEvent`.
    pub object: &'static str,
    /// The body: the event. What is posted must be this text, byte for byte.
    pub body: String,
    /// The headers, `webhook-signature` among them; names in lower case.
    pub headers: BTreeMap<&'static str, String>,
}

impl SignedEventResource {
    /// A request of those headers and body.
    pub fn new(headers: Headers, body: String) -> Self {
        Self {
            object: "signedEvent",
            body,
            headers: headers
                .into_iter()
                .map(|(name, value)| (name, value.into_owned()))
                .collect(),
        }
    }
}
