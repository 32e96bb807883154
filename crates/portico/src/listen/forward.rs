//! Posts events to the target, signed.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use portico_ambient::Clock;
use portico_app::webhooks::Signer;
use portico_domain::id::WebhookEndpointId;
use portico_outgoing::{AddressPolicy, CallError, Client, Endpoint, Target};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::feed::Event;
use crate::remote::{Api, ApiError};

/// Who signs.
pub enum Signing {
    /// This process, with its own secret.
    Here(Box<Signer>),
    /// The server, with the secrets of a webhook endpoint of the project.
    As(WebhookEndpointId),
}

/// What the target made of an event.
#[derive(Debug)]
pub struct Forwarded {
    /// The status of its answer, or why there was none.
    pub answer: Result<u16, CallError>,
    /// How long that took.
    pub took: Duration,
}

impl Forwarded {
    /// Whether it took the event.
    pub fn is_taken(&self) -> bool {
        self.answer.is_ok_and(|status| (200..300).contains(&status))
    }
}

/// Posts to one target.
pub struct Forwarder<'a> {
    api: &'a Api,
    signing: Signing,
    clock: Clock,
    target: Endpoint,
}

type Request = (Vec<(HeaderName, HeaderValue)>, Bytes);

#[derive(Deserialize)]
struct SignedEvent {
    body: String,
    headers: std::collections::BTreeMap<String, String>,
}

impl<'a> Forwarder<'a> {
    /// Posts to `target` what `signing` signs.
    pub fn new(api: &'a Api, (signing, clock): (Signing, Clock), target: Target) -> Self {
        Self {
            api,
            signing,
            clock,
            target: Client::new(AddressPolicy::anywhere()).endpoint(target),
        }
    }

    /// Posts an event once. The target has as long as a webhook endpoint has.
    ///
    /// # Errors
    /// The server does not sign it.
    pub async fn forward(&self, event: &Event) -> Result<Forwarded, ApiError> {
        let (headers, body) = match &self.signing {
            Signing::Here(signer) => self.sign(signer, event),
            Signing::As(endpoint) => self.have_signed(*endpoint, event).await?,
        };
        let began = Instant::now();
        let answer = self.target.post(headers, body).await;
        Ok(Forwarded {
            answer: answer.map(|reply| reply.status.as_u16()),
            took: began.elapsed(),
        })
    }

    fn sign(&self, signer: &Signer, event: &Event) -> Request {
        let headers = signer.headers(event.id.as_str(), self.clock.now(), &event.body);
        let headers = headers.map(|(name, value)| {
            let value = HeaderValue::try_from(value.into_owned());
            let value = value.expect("ids, numbers and base64 are ASCII");
            (HeaderName::from_static(name), value)
        });
        (headers.into(), event.body.clone())
    }

    async fn have_signed(
        &self,
        endpoint: WebhookEndpointId,
        event: &Event,
    ) -> Result<Request, ApiError> {
        let path = format!("webhookEndpoints/{endpoint}/sign");
        let asked = json!({ "event": event.id });
        let signed = self.api.change(Method::POST, &path, Some(&asked)).await?;
        let unreadable = |_| ApiError::Unreadable;
        let signed: SignedEvent = serde_json::from_value(signed).map_err(unreadable)?;
        let mut headers = Vec::new();
        for (name, value) in signed.headers {
            let name = HeaderName::try_from(name).map_err(|_| ApiError::Unreadable)?;
            let value = HeaderValue::try_from(value).map_err(|_| ApiError::Unreadable)?;
            headers.push((name, value));
        }
        Ok((headers, Bytes::from(signed.body)))
    }
}
