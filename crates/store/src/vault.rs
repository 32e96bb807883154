//! Seals personal data at rest.
//!
//! Guarantee: what [`Vault::seal`] returns can be opened only with the same key, for the same table,
//! row and column; a value moved to another row does not open. The format is one version byte, four
//! bytes of key id, 24 bytes of nonce, ciphertext with tag. The key id lets keys be rotated.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use portico_ambient::Random;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const HEADER: usize = 1 + 4 + 24;

/// Why a key or a sealed value was refused. Never says what was inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum VaultError {
    #[error("the encryption key must be 32 bytes in base64")]
    Key,
    #[error("a sealed value was made with a key that is not configured")]
    UnknownKey,
    #[error("a sealed value does not open: it was changed, or moved from another row")]
    Broken,
    #[error("a sealed value is not the document expected")]
    Document,
}

/// The place of a sealed value; the value opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub row: &'a str,
    /// The column.
    pub column: &'static str,
}

/// The keys that seal and open. Cheap to clone; `Debug` shows nothing.
#[derive(Clone)]
pub struct Vault {
    key_id: [u8; 4],
    cipher: Arc<XChaCha20Poly1305>,
    /// For keyed hashes of secrets; derived from the key, so that rotation changes it too.
    mac_key: Arc<Zeroizing<[u8; 32]>>,
    random: Random,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A vault with one key: 32 bytes in base64.
    ///
    /// # Errors
    /// [`VaultError::Key`].
    pub fn new(key: &str, random: Random) -> Result<Self, VaultError> {
        let bytes = Zeroizing::new(STANDARD.decode(key.trim()).map_err(|_| VaultError::Key)?);
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(bytes.as_slice().try_into().map_err(|_| VaultError::Key)?);
        let derive = |label: &str| -> [u8; 32] {
            Sha256::new()
                .chain_update(label)
                .chain_update(bytes.as_slice())
                .finalize()
                .into()
        };
        let id = derive("portico key id");
        Ok(Self {
            key_id: [id[0], id[1], id[2], id[3]],
            cipher: Arc::new(XChaCha20Poly1305::new(&Key::from(*bytes))),
            mac_key: Arc::new(Zeroizing::new(derive("portico keyed hash"))),
            random,
        })
    }

    /// The key for keyed hashes (HMAC) of secrets and requests.
    pub fn mac_key(&self) -> &[u8; 32] {
        &self.mac_key
    }

    /// Seals `plain` for its place.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; 24] = self.random.bytes();
        let payload = Payload {
            msg: plain,
            aad: &place.associated_data(),
        };
        let text = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("the cipher takes any value shorter than 256 GiB");
        let mut sealed = Vec::with_capacity(HEADER + text.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        sealed
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// The key is not configured, or the value was changed or moved.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        if sealed.len() < HEADER || sealed[0] != VERSION {
            return Err(VaultError::Broken);
        }
        if sealed[1..5] != self.key_id {
            return Err(VaultError::UnknownKey);
        }
        let nonce: [u8; 24] = sealed[5..HEADER]
            .try_into()
            .map_err(|_| VaultError::Broken)?;
        let payload = Payload {
            msg: &sealed[HEADER..],
            aad: &place.associated_data(),
        };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| VaultError::Broken)
    }

    /// Seals a document.
    pub fn seal_json<T: Serialize>(&self, place: Place<'_>, document: &T) -> Vec<u8> {
        let plain = serde_json::to_vec(document).expect("our documents have text keys only");
        self.seal(place, &Zeroizing::new(plain))
    }

    /// Opens a document.
    ///
    /// # Errors
    /// As [`Vault::open`], or the document has another shape.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<T, VaultError> {
        serde_json::from_slice(&self.open(place, sealed)?).map_err(|_| VaultError::Document)
    }
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        format!("{}\0{}\0{}", self.table, self.row, self.column).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        Vault::new(&STANDARD.encode([7; 32]), Random::system()).expect("a key")
    }

    const PLACE: Place<'_> = Place {
        table: "portings",
        row: "prt_1",
        column: "pin",
    };

    #[test]
    fn a_value_opens_only_in_its_own_place() {
        let sealed = vault().seal(PLACE, b"0042");
        assert_eq!(
            vault().open(PLACE, &sealed).expect("opens").as_slice(),
            b"0042"
        );
        let elsewhere = Place {
            row: "prt_2",
            ..PLACE
        };
        assert_eq!(vault().open(elsewhere, &sealed), Err(VaultError::Broken));
    }

    #[test]
    fn a_changed_value_and_a_foreign_key_are_told_apart() {
        let mut sealed = vault().seal(PLACE, b"0042");
        let other = Vault::new(&STANDARD.encode([8; 32]), Random::system()).expect("a key");
        assert_eq!(other.open(PLACE, &sealed), Err(VaultError::UnknownKey));
        *sealed.last_mut().expect("not empty") ^= 1;
        assert_eq!(vault().open(PLACE, &sealed), Err(VaultError::Broken));
        assert!(Vault::new("c2hvcnQ=", Random::system()).is_err());
    }
}
