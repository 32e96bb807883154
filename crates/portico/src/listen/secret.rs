//! The secret that signs what `listen` posts.
//!
//! It is derived from the API key and the project: whoever has the key gets the same secret on every
//! machine and at every start, without anything being kept anywhere; the key cannot be found from it;
//! and it verifies nothing that Portico itself ever sends.

use hmac::{Hmac, KeyInit, Mac};
use portico_app::webhooks::secret_text;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What the key is used for; another use of it must have another text.
const PURPOSE: &[u8] = b"portico listen 1\0";

/// A secret of 32 bytes.
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// The secret of a project for whoever has `key`.
    pub fn derive(key: &SecretString, project: &str) -> Self {
        let key = key.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
        mac.update(PURPOSE);
        mac.update(project.as_bytes());
        Self(Zeroizing::new(mac.finalize().into_bytes().into()))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Its text, as applications are given it.
    pub fn text(&self) -> SecretString {
        secret_text(self.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_and_each_project_has_one_of_its_own() {
        let text = |key: &str, project| {
            let secret = Secret::derive(&SecretString::from(key), project);
            secret.text().expose_secret().to_owned()
        };
        let secret = text("portico_key", "acme");
        assert_eq!(secret, text("portico_key", "acme"));
        assert_ne!(secret, text("portico_key", "other"));
        assert_ne!(secret, text("portico_kez", "acme"));
        assert!(secret.starts_with("whsec_"));
    }
}
