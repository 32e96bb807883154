//! Whether a notice is the carrier's.
//!
//! Guarantee: only what was signed with the carrier's key in the last or next [`TOLERANCE`] is believed,
//! so a notice that somebody recorded is of no use later. That it may be sent twice within that time does
//! no harm: a notice only makes us ask.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::{Notice, NoticeError};

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Verifies timestamp, a bar and the body, as they came.
pub(super) fn verify(key: &[u8; 32], notice: &Notice<'_>) -> Result<(), NoticeError> {
    let said = |name: &str| {
        let value = notice.headers.get(name)?.to_str().ok()?;
        Some(value.trim())
    };
    let (signature, timestamp) = said(SIGNATURE)
        .zip(said(TIMESTAMP))
        .ok_or(NoticeError::NotSigned)?;
    let sent_at = timestamp
        .parse()
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    let is_fresh =
        sent_at.is_some_and(|at| notice.received_at.duration_since(at).abs() <= TOLERANCE);
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| NoticeError::NotSigned)?;
    let signed = [timestamp.as_bytes(), b"|", notice.body].concat();
    let verified = UnparsedPublicKey::new(&ED25519, key).verify(&signed, &signature);
    match verified {
        Ok(()) if is_fresh => Ok(()),
        _ => Err(NoticeError::NotSigned),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    const BODY: &[u8] = br#"{"data":{"event_type":"porting_order.status_changed"}}"#;
    const SENT: i64 = 1_772_445_600;

    fn pair() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed")
    }

    fn verified(seconds_later: i64, body: &[u8], spoil: impl Fn(&mut HeaderMap)) -> bool {
        let timestamp = SENT.to_string();
        let signed = [timestamp.as_bytes(), b"|", BODY].concat();
        let signature = STANDARD.encode(pair().sign(&signed));
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, signature.parse().expect("ASCII"));
        headers.insert(TIMESTAMP, timestamp.parse().expect("ASCII"));
        spoil(&mut headers);
        let key: [u8; 32] = pair().public_key().as_ref().try_into().expect("32 bytes");
        let notice = Notice {
            headers: &headers,
            body,
            received_at: Timestamp::from_second(SENT + seconds_later).expect("a time"),
        };
        verify(&key, &notice).is_ok()
    }

    #[test]
    fn what_the_carrier_signed_just_now_is_believed() {
        assert!(verified(0, BODY, |_| {}));
        assert!(verified(299, BODY, |_| {}) && verified(-299, BODY, |_| {}));
    }

    #[test]
    fn what_is_old_or_changed_or_not_signed_is_not() {
        assert!(!verified(301, BODY, |_| {}) && !verified(-301, BODY, |_| {}));
        assert!(!verified(0, b"{}", |_| {}));
        let now = "1772445601".parse().expect("ASCII");
        assert!(!verified(0, BODY, |it| drop(
            it.insert(TIMESTAMP, http::HeaderValue::clone(&now))
        )));
        assert!(!verified(0, BODY, |it| drop(it.remove(SIGNATURE))));
        assert!(!verified(0, BODY, |it| drop(it.remove(TIMESTAMP))));
        assert!(!verified(0, BODY, |it| drop(
            it.insert(SIGNATURE, "AAAA".parse().expect("ASCII"))
        )));
    }
}
