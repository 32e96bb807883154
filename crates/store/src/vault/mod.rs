//! Seals personal data at rest.
//!
//! Guarantee: what [`Vault::seal`] returns can be opened only with the same key, for the same table,
//! row and column; a value moved to another row does not open. The format is one byte for the form of
//! what is inside, four bytes of key id, 24 bytes of nonce, ciphertext with tag.
//!
//! The form is [`PLAIN`], or [`PACKED`] for documents that got shorter by it. Packing before sealing
//! tells nothing that sealing would hide: lengths depend on public phrases only, never on what one part
//! of a document has in common with another (see [`packing`]). PINs and other single values are not
//! documents and are sealed as they are. The form is bound like the place. From the first release on, a
//! release opens a new form before the next one seals with it: nodes of two versions run side by side.
//!
//! The key id lets keys be rotated: one key seals, any number of others still open. Keyed hashes are
//! made with a key of their own that rotation leaves alone (see [`crate::keys`]), so that a form that
//! is open in a browser, or an `Idempotency-Key`, does not lose its meaning with the change.

mod packing;

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

/// The value itself.
const PLAIN: u8 = 1;
/// A document, packed with the first list of phrases.
const PACKED: u8 = 2;
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
            [PLAIN | PACKED, a, b, c, d, ..] => Some(Self([*a, *b, *c, *d])),
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
        self.seal_form(PLAIN, place, plain)
    }

    fn seal_form(&self, form: u8, place: Place<'_>, content: &[u8]) -> Vec<u8> {
        let nonce: [u8; 24] = self.random.bytes();
        let payload = Payload {
            msg: content,
            aad: &place.associated_data(form),
        };
        let key = &self.current;
        let text = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("the cipher takes any value shorter than 256 GiB");
        let mut sealed = Vec::with_capacity(HEADER + text.len());
        sealed.push(form);
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
        let (form, content) = self.open_form(place, sealed)?;
        match form {
            PACKED => packing::unpack(&content).ok_or(VaultError::Broken),
            _ => Ok(content),
        }
    }

    fn open_form(
        &self,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<(u8, Zeroizing<Vec<u8>>), VaultError> {
        let id = KeyId::of(sealed).ok_or(VaultError::Broken)?;
        let key = self.keys().find(|key| key.id == id);
        let key = key.ok_or(VaultError::UnknownKey)?;
        let form = sealed[0];
        let nonce: [u8; 24] = sealed[5..HEADER]
            .try_into()
            .map_err(|_| VaultError::Broken)?;
        let payload = Payload {
            msg: &sealed[HEADER..],
            aad: &place.associated_data(form),
        };
        let content = key.cipher.decrypt(&XNonce::from(nonce), payload);
        let content = content.map_err(|_| VaultError::Broken)?;
        Ok((form, Zeroizing::new(content)))
    }

    /// Seals anew, with the key that seals now, what was sealed for the same place. The form stays.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn reseal(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (form, content) = self.open_form(place, sealed)?;
        Ok(self.seal_form(form, place, &content))
    }

    /// Seals a document.
    pub fn seal_json<T: Serialize>(&self, place: Place<'_>, document: &T) -> Vec<u8> {
        let plain = serde_json::to_vec(document).expect("our documents have text keys only");
        let plain = Zeroizing::new(plain);
        match packing::pack(&plain) {
            Some(packed) => self.seal_form(PACKED, place, &packed),
            None => self.seal(place, &plain),
        }
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
    /// What a value is bound to: its place, and its form if that is not the first.
    fn associated_data(&self, form: u8) -> Vec<u8> {
        let mut data = format!("{}\0{}\0{}", self.table, self.row, self.column).into_bytes();
        if form != PLAIN {
            data.extend_from_slice(&[0, form]);
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

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

    /// As every version so far has sealed documents, and as short ones still are.
    fn sealed_unpacked(document: &Json) -> Vec<u8> {
        vault().seal(PLACE, document.to_string().as_bytes())
    }

    #[test]
    fn documents_are_sealed_shorter_and_older_ones_still_open() {
        let document = json!({ "object": "connectSession", "outcome": null, "status": "created" });
        let sealed = vault().seal_json(PLACE, &document);
        let older = sealed_unpacked(&document);
        assert!(sealed.len() < older.len());
        for sealed in [sealed, older] {
            let opened: Json = vault().open_json(PLACE, &sealed).expect("opens");
            assert_eq!(opened, document);
        }
    }

    #[test]
    fn a_value_does_not_open_as_another_form() {
        let document = json!({ "object": "connectSession", "outcome": null, "status": "created" });
        for mut sealed in [
            vault().seal_json(PLACE, &document),
            sealed_unpacked(&document),
        ] {
            sealed[0] ^= PLAIN ^ PACKED;
            assert_eq!(vault().open(PLACE, &sealed), Err(VaultError::Broken));
        }
    }

    #[test]
    fn another_key_opens_and_only_the_current_one_seals() {
        let (old, new) = (STANDARD.encode([7; 32]), STANDARD.encode([8; 32]));
        let sealed = vault().seal(PLACE, b"0042");
        let rotated = Vault::new(&new, Random::system()).expect("a key");
        let rotated = rotated.opening([old.as_str()]).expect("a key");
        let opened = rotated.open(PLACE, &sealed).expect("opens");
        assert_eq!(opened.as_slice(), b"0042");
        let sealed_anew = rotated.reseal(PLACE, &sealed).expect("opens");
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
