//! The ceiling of webhooks: a closed loop that signs a body of an event's size and posts it.

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::load::Requests;

/// What `connectSession.created` takes on the wire.
const BODY: usize = 900;

/// Requests that are signed as Standard Webhooks asks.
pub fn requests(address: SocketAddr) -> Requests {
    let key = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("HMAC takes keys of every length");
    let body = format!(r#"{{"id":"evt","data":"{}"}}"#, "x".repeat(BODY));
    Arc::new(move |number, request| {
        use std::io::Write;
        let id = format!("evt_{number:028}");
        let time = "1795460400";
        let mut mac = key.clone();
        for part in [&id, ".", time, ".", &body] {
            mac.update(part.as_bytes());
        }
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        write!(
            request,
            "POST /hook HTTP/1.1\r\nhost: {address}\r\nuser-agent: bench\r\n\
             content-type: application/cloudevents+json\r\nwebhook-id: {id}\r\nwebhook-timestamp: {time}\r\n\
             webhook-signature: v1,{signature}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("memory can be written to");
    })
}
