//! What copied rows need so that they look as if the product had written them: ids that grow with the
//! time they were made at, and data that opens.

use anyhow::Context;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use portico_domain::id::{Id, Kind};

use crate::subject::ENCRYPTION_KEY;

/// Moments evenly over a time, and ids made at them.
#[derive(Clone, Copy)]
pub struct Times {
    /// Milliseconds since 1970.
    from: u64,
    until: u64,
    count: u64,
}

impl Times {
    /// The days before `until`, in milliseconds since 1970, shared by `count` rows.
    pub fn before(until: u64, days: u64, count: u64) -> Self {
        let from = until - days * 24 * 60 * 60 * 1_000;
        Self { from, until, count }
    }

    /// When that one was made, in microseconds since 1970, as the product keeps times.
    pub fn micros(&self, number: u64) -> i64 {
        let micros = self.millis(number) * 1_000;
        i64::try_from(micros).expect("before the year 292,277")
    }

    /// Its id, the same each time.
    pub fn id<K: Kind>(&self, number: u64) -> String {
        let kind = K::PREFIX
            .bytes()
            .fold(0, |sum, byte| sum << 8 | u64::from(byte));
        let mut random = [0; 12];
        random[..8].copy_from_slice(&scrambled(number ^ (kind << 40)).to_be_bytes());
        random[8..].copy_from_slice(&scrambled(number).to_be_bytes()[..4]);
        Id::<K>::from_parts(self.millis(number), 0, random).to_string()
    }

    fn millis(&self, number: u64) -> u64 {
        self.from + (self.until - self.from) / self.count.max(1) * number
    }
}

/// A number that has nothing of the order of `number` (splitmix64).
pub fn scrambled(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Opens and seals events' data as the product does, with the key that it is run with here.
pub struct Seal {
    cipher: XChaCha20Poly1305,
}

/// Form and key id.
const LABEL: usize = 5;
const HEAD: usize = LABEL + 24;

impl Seal {
    /// With the harness's key.
    ///
    /// # Errors
    /// None with the key as it stands.
    pub fn new() -> anyhow::Result<Self> {
        let key = STANDARD.decode(ENCRYPTION_KEY)?;
        Ok(Self {
            cipher: XChaCha20Poly1305::new_from_slice(&key)?,
        })
    }

    /// What was sealed for the event: the document, packed as the product does. Ids stand in it as they
    /// are, but for their prefix.
    ///
    /// # Errors
    /// It was not sealed so.
    pub fn open(&self, event: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        let (head, text) = sealed.split_at_checked(HEAD).context("too short")?;
        let payload = Payload {
            msg: text,
            aad: &place(event, head[0]),
        };
        let nonce = XNonce::try_from(&head[LABEL..])?;
        let content = self.cipher.decrypt(&nonce, payload);
        content.ok().context("the product seals in another way now")
    }

    /// Seals for another event under the label of `like`; the nonce comes from `number`.
    ///
    /// # Errors
    /// None for texts of an event's length.
    pub fn seal(
        &self,
        (event, number): (&str, u64),
        content: &[u8],
        like: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        let mut sealed = like[..LABEL].to_vec();
        for part in 0..3 {
            sealed.extend_from_slice(&scrambled(number * 3 + part).to_be_bytes());
        }
        let payload = Payload {
            msg: content,
            aad: &place(event, like[0]),
        };
        let nonce = XNonce::try_from(&sealed[LABEL..])?;
        let sealing = self.cipher.encrypt(&nonce, payload);
        sealed.extend(sealing.ok().context("an event can be sealed")?);
        Ok(sealed)
    }
}

/// What the event's data is bound to: its place, and its form unless that is the plain one.
fn place(event: &str, form: u8) -> Vec<u8> {
    let mut place = format!("events\0{event}\0data").into_bytes();
    if form != 1 {
        place.extend([0, form]);
    }
    place
}
