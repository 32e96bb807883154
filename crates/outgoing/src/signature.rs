//! Signatures of Standard Webhooks 1.0, which say that a call comes from us and when.
//!
//! A signature is `v1,` and base64 of HMAC-SHA256 over id, time and body, joined by dots.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use sha2::Sha256;

/// What the text of a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// How long a secret may be, in bytes.
const SECRET_LEN: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret, ready to sign. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Why a text is no secret. Says nothing of what it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be `whsec_` and base64 of 24 to 64 bytes; make one with `openssl rand -base64 32`")]
pub struct SecretError;

impl SigningKey {
    /// A key from a secret's bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of every length"))
    }

    /// A key from a secret's text.
    ///
    /// # Errors
    /// It has another form.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.strip_prefix(SECRET_PREFIX).ok_or(SecretError)?;
        let secret = STANDARD.decode(encoded).map_err(|_| SecretError)?;
        match SECRET_LEN.contains(&secret.len()) {
            true => Ok(Self::new(&secret)),
            false => Err(SecretError),
        }
    }

    /// The signature of `body`, sent as message `id` at `second` since 1970.
    pub fn sign(&self, id: &str, second: i64, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        let time = second.to_string();
        for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
            mac.update(part);
        }
        let mut text = String::with_capacity(48);
        text.push_str("v1,");
        STANDARD.encode_string(mac.finalize().into_bytes(), &mut text);
        text
    }
}

/// The headers that carry a signature.
///
/// # Panics
/// `id` or `signature` holds what no header may: they are ids and base64.
pub fn signature_headers(id: &str, second: i64, signature: &str) -> [(HeaderName, HeaderValue); 3] {
    let text = |text: &str| HeaderValue::from_str(text).expect("ids and base64 are ASCII");
    [
        (HeaderName::from_static("webhook-id"), text(id)),
        (
            HeaderName::from_static("webhook-timestamp"),
            HeaderValue::from(second),
        ),
        (
            HeaderName::from_static("webhook-signature"),
            text(signature),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_in_its_published_form_only() {
        let of = |length| format!("{SECRET_PREFIX}{}", STANDARD.encode(vec![7; length]));
        assert!(SigningKey::parse(&of(24)).is_ok());
        assert!(SigningKey::parse(&of(64)).is_ok());
        let bare = STANDARD.encode([7; 32]);
        for wrong in [&of(23), &of(65), &bare, "whsec_", "whsec_%%%", ""] {
            assert_eq!(SigningKey::parse(wrong).err(), Some(SecretError), "{wrong}");
        }
    }
}
