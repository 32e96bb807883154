//! An endpoint, ready to be called.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use portico_app::{Config, webhooks::Signer, wire::EventResource};
use portico_domain::id::{EventId, WebhookEndpointId};
use portico_outgoing::{CallError, Client, Endpoint, Reply, Target};
use portico_store::{StoreError, Vault, events::SealedEvent, webhooks::endpoints};
use serde_json::value::RawValue;

/// An endpoint with its connections and its secrets.
pub struct Recipient {
    /// Which endpoint.
    pub id: WebhookEndpointId,
    /// Which of its states this was made from.
    pub version: i64,
    /// `None` when the operator does not allow the address any more.
    endpoint: Option<Endpoint>,
    signer: Signer,
}

impl Recipient {
    /// Makes a stored endpoint ready.
    ///
    /// # Errors
    /// Its secrets do not open.
    pub fn new(
        stored: &endpoints::Recipient,
        vault: &Vault,
        client: &Client,
    ) -> Result<Self, StoreError> {
        let target = Target::parse(&stored.endpoint.url, client.policy());
        Ok(Self {
            id: stored.endpoint.id,
            version: stored.version,
            endpoint: target.ok().map(|target| client.endpoint(target)),
            signer: Signer::new(&stored.secrets(vault)?),
        })
    }

    /// Sends an event.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn send(
        &self,
        event: EventId,
        now: Timestamp,
        body: Bytes,
    ) -> Result<Reply, CallError> {
        let endpoint = self.endpoint.as_ref().ok_or(CallError::Forbidden)?;
        let headers = self.signer.headers(event.as_str(), now, &body);
        let headers = headers.map(|(name, value)| {
            let value = HeaderValue::try_from(value.into_owned());
            let value = value.expect("ids, numbers and base64 are ASCII");
            (HeaderName::from_static(name), value)
        });
        endpoint.post(headers, body).await
    }

    /// Closes connections nobody used for a while.
    pub fn close_unused(&self) {
        if let Some(endpoint) = &self.endpoint {
            endpoint.close_unused();
        }
    }
}

/// What is sent: the event as the API shows it. Its data is copied as it is kept, not read.
///
/// # Errors
/// The data does not open.
pub fn body(event: SealedEvent, vault: &Vault, config: &Config) -> Result<Bytes, StoreError> {
    let event = event.open::<Box<RawValue>>(vault)?;
    let resource = EventResource::new(event, &config.event_type_prefix, &config.public_url);
    let text = serde_json::to_vec(&resource).expect("resources have text keys only");
    Ok(Bytes::from(text))
}
