//! The headers of a webhook request, and its signature after Standard Webhooks 1.0: `v1,` and base64
//! of HMAC-SHA256 over id, time and body.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use portico_store::webhooks::endpoints::Secrets;
use sha2::Sha256;

type Key = Hmac<Sha256>;

const USER_AGENT: &str = concat!("Portico/", env!("CARGO_PKG_VERSION"));
/// Structured mode of CloudEvents' HTTP binding.
const CONTENT_TYPE: &str = "application/cloudevents+json";

/// Headers, names in lower case.
pub type Headers = [(&'static str, Cow<'static, str>); 5];

/// Signs for one endpoint. Has no `Debug`: it holds secrets.
pub struct Signer {
    current: Key,
    previous: Option<(Key, Timestamp)>,
}

impl Signer {
    /// A signer with an endpoint's secrets.
    pub fn new(secrets: &Secrets) -> Self {
        let previous = secrets.previous.as_ref();
        Self {
            previous: previous.map(|(secret, until)| (key(secret), *until)),
            ..Self::with(&secrets.current)
        }
    }

    /// A signer with one secret.
    pub fn with(secret: &[u8]) -> Self {
        Self {
            current: key(secret),
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
        let time = now.as_second().to_string();
        let mut signatures = one(&self.current, id, &time, body);
        if let Some((previous, until)) = &self.previous
            && now < *until
        {
            signatures.push(' ');
            signatures.push_str(&one(previous, id, &time, body));
        }
        signatures
    }
}

fn key(secret: &[u8]) -> Key {
    Key::new_from_slice(secret).expect("HMAC takes keys of every length")
}

fn one(key: &Key, id: &str, time: &str, body: &[u8]) -> String {
    let mut mac = key.clone();
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        mac.update(part);
    }
    let mut text = String::with_capacity(48);
    text.push_str("v1,");
    STANDARD.encode_string(mac.finalize().into_bytes(), &mut text);
    text
}
