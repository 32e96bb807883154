//! Seals personal data at rest.
//!
//! Guarantee: what [`Vault::seal`] returns can be opened only with the same key, for the same table,
//! row and column; a value moved to another row does not open. The format is one version byte, four
//! bytes of key id, 24 bytes of nonce, ciphertext with tag.
//!
//! The key id lets keys be rotated: one key seals, any number of others still open. Keyed hashes are
//! made with a key of their own that rotation leaves alone (see [`crate::keys`]), so that a form that
//! is open in a browser, or an `Idempotency-Key`, does not lose its meaning with the change.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

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

/// Names a key without telling it: four bytes of a hash, eight hexadecimal digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// The key that sealed a value; `None` when it has another form.
    pub fn of(sealed: &[u8]) -> Option<Self> {
        (sealed.len() >= HEADER).then(|| Self::of_head(sealed))?
    }

    /// The same from the first five bytes or more.
    pub(crate) fn of_head(head: &[u8]) -> Option<Self> {
        match head {
            [VERSION, a, b, c, d, ..] => Some(Self([*a, *b, *c, *d])),
            _ => None,
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

struct SealingKey {
    id: KeyId,
    cipher: XChaCha20Poly1305,
    /// Where a database's key for keyed hashes comes from.
    mac_key: Zeroizing<[u8; 32]>,
}

/// The keys that seal and open. Cheap to clone; `Debug` shows nothing.
#[derive(Clone)]
pub struct Vault {
    current: Arc<SealingKey>,
    /// These open, and seal nothing.
    others: Arc<[SealingKey]>,
    mac_key: Arc<OnceLock<Zeroizing<[u8; 32]>>>,
    random: Random,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl SealingKey {
    fn read(text: &str) -> Result<Self, VaultError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| VaultError::Key)?);
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
            id: KeyId([id[0], id[1], id[2], id[3]]),
            cipher: XChaCha20Poly1305::new(&Key::from(*bytes)),
            mac_key: Zeroizing::new(derive("portico keyed hash")),
        })
    }
}

impl Vault {
    /// A vault with one key: 32 bytes in base64.
    ///
    /// # Errors
    /// [`VaultError::Key`].
    pub fn new(key: &str, random: Random) -> Result<Self, VaultError> {
        Ok(Self {
            current: Arc::new(SealingKey::read(key)?),
            others: Arc::new([]),
            mac_key: Arc::default(),
            random,
        })
    }

    /// The same vault, which also opens what other keys sealed.
    ///
    /// # Errors
    /// [`VaultError::Key`].
    pub fn opening<'k>(
        self,
        others: impl IntoIterator<Item = &'k str>,
    ) -> Result<Self, VaultError> {
        let others = others.into_iter().map(SealingKey::read);
        Ok(Self {
            others: others.collect::<Result<_, _>>()?,
            ..self
        })
    }

    /// The key that seals.
    pub fn key_id(&self) -> KeyId {
        self.current.id
    }

    /// Every key that opens, the one that seals first.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys().map(|key| key.id)
    }

    fn keys(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&*self.current).chain(self.others.iter())
    }

    /// The key for keyed hashes (HMAC) of secrets and requests: the database's, or before that is
    /// known the one a new database gets.
    pub fn mac_key(&self) -> &[u8; 32] {
        self.mac_key.get().unwrap_or(&self.current.mac_key)
    }

    /// Takes the database's key for keyed hashes. It never changes, so the first call decides.
    pub(crate) fn set_mac_key(&self, key: Zeroizing<[u8; 32]>) {
        let _ = self.mac_key.set(key);
    }

    /// Seals `plain` for its place.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; 24] = self.random.bytes();
        let payload = Payload {
            msg: plain,
            aad: &place.associated_data(),
        };
        let key = &self.current;
        let text = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("the cipher takes any value shorter than 256 GiB");
        let mut sealed = Vec::with_capacity(HEADER + text.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&key.id.0);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        sealed
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// The key is not configured, or the value was changed or moved.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let id = KeyId::of(sealed).ok_or(VaultError::Broken)?;
        let key = self.keys().find(|key| key.id == id);
        let key = key.ok_or(VaultError::UnknownKey)?;
        let nonce: [u8; 24] = sealed[5..HEADER]
            .try_into()
            .map_err(|_| VaultError::Broken)?;
        let payload = Payload {
            msg: &sealed[HEADER..],
            aad: &place.associated_data(),
        };
        let plain = key.cipher.decrypt(&XNonce::from(nonce), payload);
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
    fn another_key_opens_and_only_the_current_one_seals() {
        let (old, new) = (STANDARD.encode([7; 32]), STANDARD.encode([8; 32]));
        let sealed = vault().seal(PLACE, b"0042");
        let rotated = Vault::new(&new, Random::system()).expect("a key");
        let rotated = rotated.opening([old.as_str()]).expect("a key");
        let opened = rotated.open(PLACE, &sealed).expect("opens");
        assert_eq!(opened.as_slice(), b"0042");
        let sealed_anew = rotated.seal(PLACE, &opened);
        assert_eq!(KeyId::of(&sealed_anew), Some(rotated.key_id()));
        assert_eq!(KeyId::of(&sealed), Some(vault().key_id()));
        assert_eq!(
            vault().open(PLACE, &sealed_anew),
            Err(VaultError::UnknownKey)
        );
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
