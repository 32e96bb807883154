use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;

use super::{FakeTelnyx, resources};

/// A notice as the carrier pushes it.
#[derive(Debug, Clone)]
pub struct PushedNotice {
    /// Where to.
    pub url: String,
    /// The headers that sign it.
    pub headers: [(&'static str, String); 2],
    /// The body.
    pub body: String,
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[42; 32]).expect("a seed")
}

impl FakeTelnyx {
    /// What its notices are verified with.
    pub fn public_key(&self) -> [u8; 32] {
        pair().public_key().as_ref().try_into().expect("32 bytes")
    }

    /// The notices about everything that happened to orders with a webhook URL, oldest first, sent `at`.
    pub fn notices(&self, at: Timestamp) -> Vec<PushedNotice> {
        let books = self.books();
        let url = |id: &str| {
            let order = books.orders.iter().find(|order| order.id == id)?;
            order.webhook_url.clone()
        };
        let pushed = books.events.iter().filter_map(|event| {
            let url = url(&event.order)?;
            let mut data = resources::event(event);
            data["occurred_at"] = json!(event.at);
            let body = json!({ "data": data, "meta": { "attempt": 1, "delivered_to": url } });
            Some(signed(url, body.to_string(), at))
        });
        pushed.collect()
    }
}

fn signed(url: String, body: String, at: Timestamp) -> PushedNotice {
    let timestamp = at.as_second().to_string();
    let signature = pair().sign(format!("{timestamp}|{body}").as_bytes());
    PushedNotice {
        url,
        headers: [
            ("telnyx-timestamp", timestamp),
            ("telnyx-signature-ed25519", STANDARD.encode(signature)),
        ],
        body,
    }
}
