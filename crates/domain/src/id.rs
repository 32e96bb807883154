//! Identifiers: a three-letter prefix, `_`, and a time-ordered base62 body.
//!
//! The body is 160 bits: 48 of milliseconds since 1970, 16 of a counter inside the millisecond and
//! 96 of randomness, written as 28 base62 digits. The alphabet is in ASCII order, so sorting ids as
//! bytes sorts them by creation, which is what keyset paging relies on.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Digits of an id's body.
pub const BODY_LEN: usize = 28;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Names a kind of resource by its prefix.
pub trait Kind {
    /// Three lower-case letters.
    const PREFIX: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $alias:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {}
        impl Kind for $kind { const PREFIX: &'static str = $prefix; }
        #[doc = concat!("Id of the form `", $prefix, "_…`.")]
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A Connect Session.
    Session SessionId = "csn";
    /// A porting.
    PortingKind PortingId = "prt";
    /// A subscription.
    SubscriptionKind SubscriptionId = "sub";
    /// A user, the subscriber.
    UserKind UserId = "usr";
    /// A plan.
    PlanKind PlanId = "pln";
    /// A user's address.
    UserAddressKind UserAddressId = "adr";
    /// An event.
    EventKind EventId = "evt";
    /// A project API key.
    ApiKeyKind ApiKeyId = "apk";
    /// A user token (internal).
    UserTokenKind UserTokenId = "utk";
    /// A webhook endpoint.
    WebhookEndpointKind WebhookEndpointId = "whe";
    /// The delivery of an event to a webhook endpoint.
    WebhookDeliveryKind WebhookDeliveryId = "whd";
    /// What a carrier said about a porting, as an operator's backend or an operator told it.
    CarrierUpdateKind CarrierUpdateId = "cup";
    /// A row of the audit trail (internal).
    AuditKind AuditId = "aud";
    /// A durable job (internal).
    JobKind JobId = "job";
}

/// A typed id: a porting's id cannot be passed where a subscription's is wanted.
pub struct Id<K> {
    text: [u8; 32],
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Id<K> {
    /// Builds an id from its parts; the caller hands in time and randomness.
    pub fn from_parts(millis: u64, counter: u16, random: [u8; 12]) -> Self {
        let mut bits = [0_u8; 20];
        bits[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bits[6..8].copy_from_slice(&counter.to_be_bytes());
        bits[8..].copy_from_slice(&random);
        let mut text = [0_u8; 32];
        text[..3].copy_from_slice(K::PREFIX.as_bytes());
        text[3] = b'_';
        encode(bits, &mut text[4..]);
        Self {
            text,
            kind: PhantomData,
        }
    }

    /// The whole id, prefix included.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).expect("ids are ASCII by construction")
    }

    /// The 28 digits after the prefix.
    pub fn body(&self) -> &str {
        &self.as_str()[4..]
    }

    /// When it was made, in milliseconds since 1970, and the counter inside that millisecond. `None`
    /// for a body that [`Id::from_parts`] cannot have written: above 160 bits, such as a fixed
    /// sample's.
    pub fn made_at(&self) -> Option<(u64, u16)> {
        let bits = decode(&self.text[4..])?;
        let [a, b, c, d, e, f, counter @ ..] = *bits.first_chunk::<8>()?;
        let millis = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        Some((millis, u16::from_be_bytes(counter)))
    }

    /// The id whose body is `body`, if that is 28 base62 digits.
    pub fn from_body(body: &str) -> Option<Self> {
        format!("{}_{body}", K::PREFIX).parse().ok()
    }
}

/// Why a text is not an id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an id of the form `{0}_` followed by 28 letters and digits")]
pub struct IdError(pub &'static str);

impl<K: Kind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(s: &str) -> Result<Self, IdError> {
        let well_formed = s.len() == 4 + BODY_LEN
            && s.starts_with(K::PREFIX)
            && s.as_bytes()[3] == b'_'
            && s.as_bytes()[4..].iter().all(u8::is_ascii_alphanumeric);
        let bytes = if well_formed {
            s.as_bytes().try_into().ok()
        } else {
            None
        };
        bytes
            .map(|text| Self {
                text,
                kind: PhantomData,
            })
            .ok_or(IdError(K::PREFIX))
    }
}

/// How many digits are taken out of a number at once: the most whose power of 62 fits 32 bits.
const STRIDE: usize = 5;
const STRIDE_BASE: u64 = 62_u64.pow(STRIDE as u32);

fn encode(bits: [u8; 20], digits: &mut [u8]) {
    let mut limbs = [0_u32; 5];
    for (limb, bytes) in limbs.iter_mut().zip(bits.as_chunks::<4>().0) {
        *limb = u32::from_be_bytes(*bytes);
    }
    for chunk in digits.rchunks_mut(STRIDE) {
        let mut rest: u64 = 0;
        for limb in &mut limbs {
            let value = (rest << 32) | u64::from(*limb);
            *limb = (value / STRIDE_BASE) as u32;
            rest = value % STRIDE_BASE;
        }
        for digit in chunk.iter_mut().rev() {
            *digit = ALPHABET[(rest % 62) as usize];
            rest /= 62;
        }
    }
}

fn decode(digits: &[u8]) -> Option<[u8; 20]> {
    let mut bits = [0_u8; 20];
    for digit in digits {
        let mut carry = ALPHABET.iter().position(|known| known == digit)? as u32;
        for byte in bits.iter_mut().rev() {
            let value = u32::from(*byte) * 62 + carry;
            *byte = (value & 0xff) as u8;
            carry = value >> 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(bits)
}

/// Writes random bytes as base62 digits, one digit from each byte's value modulo 62 after
/// rejection, so that every digit is equally likely. `None` for a byte that must be drawn again.
pub fn base62_digit(byte: u8) -> Option<char> {
    (byte < 248).then(|| char::from(ALPHABET[usize::from(byte % 62)]))
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_sort_by_time_then_counter(
            a in (0_u64..1 << 48, any::<u16>(), any::<[u8; 12]>()),
            b in (0_u64..1 << 48, any::<u16>(), any::<[u8; 12]>()),
        ) {
            let first = SessionId::from_parts(a.0, a.1, a.2);
            let second = SessionId::from_parts(b.0, b.1, b.2);
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            prop_assert_eq!(first.as_str().cmp(second.as_str()), a.cmp(&b));
        }

        #[test]
        fn an_id_parses_back_and_only_as_its_own_kind(
            millis in 0_u64..1 << 48, random in any::<[u8; 12]>()
        ) {
            let id = PortingId::from_parts(millis, 0, random);
            prop_assert_eq!(id.as_str().parse::<PortingId>(), Ok(id));
            prop_assert!(id.as_str().parse::<SessionId>().is_err());
            prop_assert_eq!(id.as_str().len(), 32);
        }

        #[test]
        fn an_id_says_when_it_was_made(
            millis in 0_u64..1 << 48, counter in any::<u16>(), random in any::<[u8; 12]>()
        ) {
            let id = PortingId::from_parts(millis, counter, random);
            prop_assert_eq!(id.made_at(), Some((millis, counter)));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = text.parse::<PortingId>().map(|id| id.made_at());
        }
    }
}
