//! The headers of a webhook request, and its signature after Standard Webhooks 1.0.

use std::borrow::Cow;

use jiff::Timestamp;
use portico_outgoing::SigningKey;
use portico_store::webhooks::endpoints::Secrets;

const USER_AGENT: &str = concat!("Portico/", env!("CARGO_PKG_VERSION"));
/// Structured mode of CloudEvents' HTTP binding.
const CONTENT_TYPE: &str = "application/cloudevents+json";

/// Headers, names in lower case.
pub type Headers = [(&'static str, Cow<'static, str>); 5];

/// Signs for one endpoint. Has no `Debug`: it holds secrets.
pub struct Signer {
    current: SigningKey,
    previous: Option<(SigningKey, Timestamp)>,
}

impl Signer {
    /// A signer with an endpoint's secrets.
    pub fn new(secrets: &Secrets) -> Self {
        let previous = secrets.previous.as_ref();
        Self {
            previous: previous.map(|(secret, until)| (SigningKey::new(secret), *until)),
            ..Self::with(&secrets.current)
        }
    }

    /// A signer with one secret.
    pub fn with(secret: &[u8]) -> Self {
        Self {
            current: SigningKey::new(secret),
            previous: None,
        }
    }

    /// Every header of the request that brings `body`, the event of that id, now.
    pub fn headers(&self, id: &str, now: Timestamp, body: &[u8]) -> Headers {
        [
            ("content-type", Cow::Borrowed(CONTENT_TYPE)),
            ("user-agent", Cow::Borrowed(USER_AGENT)),
            ("webhook-id", Cow::Owned(id.to_owned())),
            ("webhook-timestamp", Cow::Owned(now.as_second().to_string())),
            ("webhook-signature", Cow::Owned(self.sign(id, now, body))),
        ]
    }

    /// The value of `webhook-signature` for what is sent now: one signature for each secret that is
    /// valid, the newest first.
    fn sign(&self, id: &str, now: Timestamp, body: &[u8]) -> String {
        let second = now.as_second();
        let mut signatures = self.current.sign(id, second, body);
        if let Some((previous, until)) = &self.previous
            && now < *until
        {
            signatures.push(' ');
            signatures.push_str(&previous.sign(id, second, body));
        }
        signatures
    }
}
