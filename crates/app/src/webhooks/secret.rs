//! Secrets that sign, in the form of Standard Webhooks 1.0: `whsec_` and base64 of 24 to 64 bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
pub use portico_outgoing::SECRET_PREFIX;
use secrecy::SecretString;

/// The text of a secret, as its owner is given it.
pub fn text(secret: &[u8]) -> SecretString {
    SecretString::from(format!("{SECRET_PREFIX}{}", STANDARD.encode(secret)))
}
