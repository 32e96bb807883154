//! Makes small documents smaller: what they have in common with every other document is replaced by a
//! reference into a list of phrases that everybody can read.
//!
//! Guarantee: nothing is ever expressed by what stands elsewhere in the same document, so the packed
//! length says nothing about whether two parts of it are alike. That is the difference to general
//! compressors, and why the search is our own: before encryption they let whoever may write into a
//! document, and sees how long it became, guess the rest of it piece by piece (CRIME, BREACH). What a
//! length may tell here is that some public phrase occurs: a field that is null, a usual status.
//!
//! What is written is an LZ4 block after two bytes of plain length, low byte first; any LZ4 decoder
//! with the phrases as its dictionary reads it. Phrases never change: documents on disk refer to them.
//! Better ones get a number, and a form in [`super`], of their own.

use std::sync::LazyLock;

use lz4_flex::block::decompress_into_with_dict;
use zeroize::Zeroizing;

/// Pieces of the resources' JSON as `serde_json` writes it, one a line, cut where values differ.
pub(super) const PHRASES: &[u8] = include_bytes!("phrases_1.txt");

/// Bytes of the plain length.
const LENGTH: usize = 2;
/// The longest document that is packed: the phrases must be within LZ4's 65,535 bytes of its end.
const LONGEST: usize = 32 * 1024;
/// The shortest reference, which is also what places are looked up by.
const SHORTEST: usize = 4;
/// LZ4 demands that the last five bytes are literal, and that no reference begins in the last twelve.
const LITERAL_END: usize = 5;
const LAST_START: usize = 12;
/// A count in half a token; this and more goes on in further bytes.
const HALF: usize = 15;

static INDEX: LazyLock<Index> = LazyLock::new(|| Index::of(PHRASES));

/// Where in the phrases four bytes occur: chains of places with the same hash, the last place first.
struct Index {
    last: Vec<u16>,
    before: Vec<u16>,
}

const BITS: u32 = 12;
const NOWHERE: u16 = u16::MAX;

fn hash(bytes: [u8; SHORTEST]) -> usize {
    (u32::from_le_bytes(bytes).wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)) as usize
}

impl Index {
    fn of(phrases: &[u8]) -> Self {
        let mut index = Self {
            last: vec![NOWHERE; 1 << BITS],
            before: Vec::with_capacity(phrases.len()),
        };
        for (at, bytes) in (0..NOWHERE).zip(phrases.windows(SHORTEST)) {
            let slot = bytes.first_chunk().map_or(0, |bytes| hash(*bytes));
            index.before.push(index.last[slot]);
            index.last[slot] = at;
        }
        index
    }

    /// The longest stretch of phrases that `text` begins with: where it stands and how long it is.
    fn longest(&self, text: &[u8]) -> Option<(usize, usize)> {
        let mut at = self.last[hash(*text.first_chunk()?)];
        let mut best = None;
        while at != NOWHERE {
            let place = usize::from(at);
            let phrases = &PHRASES[place..];
            let longest = best.map_or(SHORTEST - 1, |(_, longest)| longest);
            // A longer stretch has this byte in common too: one look spares most comparisons.
            if phrases.get(longest) == text.get(longest) {
                let length = common(text, phrases);
                if length > longest {
                    best = Some((place, length));
                }
            }
            at = self.before[place];
        }
        best
    }
}

fn common(one: &[u8], other: &[u8]) -> usize {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b);
    same.count()
}

/// The document in fewer bytes; `None` when it would not become shorter.
pub(super) fn pack(plain: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if plain.len() > LONGEST {
        return None;
    }
    let length = u16::try_from(plain.len()).ok()?;
    // It never grows, so nothing is moved and left behind in memory.
    let mut packed = Zeroizing::new(Vec::with_capacity(plain.len() + plain.len() / 255 + 16));
    packed.extend_from_slice(&length.to_le_bytes());
    let (mut at, mut written) = (0, 0);
    while at + LAST_START <= plain.len() {
        let Some((place, length)) = INDEX.longest(&plain[at..plain.len() - LITERAL_END]) else {
            at += 1;
            continue;
        };
        let distance = PHRASES.len() + at - place;
        put(&mut packed, &plain[written..at], Some((distance, length)));
        at += length;
        written = at;
    }
    put(&mut packed, &plain[written..], None);
    (packed.len() < plain.len()).then_some(packed)
}

/// One LZ4 sequence: literal bytes, then a reference so far back and so long.
fn put(packed: &mut Vec<u8>, literal: &[u8], reference: Option<(usize, usize)>) {
    let more = reference.map_or(0, |(_, length)| length - SHORTEST);
    let token = literal.len().min(HALF) << 4 | more.min(HALF);
    packed.push(u8::try_from(token).unwrap_or(u8::MAX));
    put_rest(packed, literal.len());
    packed.extend_from_slice(literal);
    if let Some((distance, _)) = reference {
        let distance = u16::try_from(distance).unwrap_or(0);
        packed.extend_from_slice(&distance.to_le_bytes());
        put_rest(packed, more);
    }
}

/// What of a count does not fit into half a token.
fn put_rest(packed: &mut Vec<u8>, count: usize) {
    let Some(mut rest) = count.checked_sub(HALF) else {
        return;
    };
    while let Some(less) = rest.checked_sub(255) {
        packed.push(255);
        rest = less;
    }
    packed.push(u8::try_from(rest).unwrap_or(u8::MAX));
}

/// The document again; `None` for what [`pack`] cannot have written. Makes 64 KiB at the most.
pub(super) fn unpack(packed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (length, block) = packed.split_first_chunk::<LENGTH>()?;
    let length = usize::from(u16::from_le_bytes(*length));
    let mut plain = Zeroizing::new(vec![0; length]);
    let made = decompress_into_with_dict(block, &mut plain, PHRASES).ok()?;
    (made == length).then_some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::position::hex;

    /// As an event of a new session keeps it.
    const SESSION: &str = r#"{"appearance":{},"callbackUrl":"https://example.com/porting/done","createdAt":"2026-11-25T20:08:54.123456Z","expiresAt":"2026-11-25T20:38:54.123456Z","id":"csn_00ERdYIGZci4fwqq0PUriPkUCmN8","intent":{"completePorting":{"subscription":"sub_00ERdYIGaXNXGq9ANkV0VhkDdMze"},"type":"completePorting"},"object":"connectSession","outcome":null,"status":"created","url":null,"user":"usr_00ERdYIGZci4fwqq0PUriPkUCmN8","warnings":[]}"#;

    fn packed(text: &str) -> Vec<u8> {
        pack(text.as_bytes()).expect("it gets shorter").to_vec()
    }

    #[test]
    fn phrases_that_documents_on_disk_refer_to_stay_as_they_are() {
        assert_eq!(
            hex(&Sha256::digest(PHRASES)),
            "dc3a8cfd2e7e92fb67632b4a248630d211867ab52cb4b512ca29b7c213c0ca31"
        );
    }

    #[test]
    fn a_session_takes_half_the_room() {
        let packed = packed(SESSION);
        assert!(packed.len() * 2 < SESSION.len(), "{}", packed.len());
        assert_eq!(
            unpack(&packed).expect("unpacks").as_slice(),
            SESSION.as_bytes()
        );
    }

    #[test]
    fn what_is_alike_inside_a_document_stays_as_long_as_what_is_not() {
        let about = |guess: &str| format!(r#"{SESSION}"Zq7#xW04kV9!" and "{guess}", as guessed"#);
        let (right, wrong) = (about("Zq7#xW04kV9!"), about("pR3%uJ58mB1?"));
        assert_eq!(packed(&right).len(), packed(&wrong).len());
    }

    #[test]
    fn what_would_not_get_shorter_is_not_packed() {
        assert!(pack(b"").is_none());
        assert!(pack(b"Zq7#xW04kV9!pR3%uJ58mB1?").is_none());
        assert!(pack(SESSION.repeat(100).as_bytes()).is_none(), "too long");
    }

    /// Phrases, pieces of them, and anything else in between.
    fn document() -> impl Strategy<Value = Vec<u8>> {
        let phrase = (0..PHRASES.len(), 0..200_usize)
            .prop_map(|(from, length)| PHRASES[from..].iter().copied().take(length).collect());
        let piece = prop_oneof![phrase, prop::collection::vec(any::<u8>(), 0..600)];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_is_packed_comes_back(plain in document()) {
            if let Some(packed) = pack(&plain) {
                prop_assert!(packed.len() < plain.len());
                let unpacked = unpack(&packed);
                prop_assert_eq!(unpacked.as_deref().map(Vec::as_slice), Some(plain.as_slice()));
            }
        }

        #[test]
        fn no_bytes_make_it_panic_or_swell(
            packed in prop::collection::vec(any::<u8>(), 0..400),
            mut document in document(),
            at in any::<prop::sample::Index>(),
        ) {
            let _ = unpack(&packed);
            document.extend_from_slice(SESSION.as_bytes());
            if let Some(mut packed) = pack(&document) {
                let at = at.index(packed.len());
                packed[at] ^= 0x55;
                if let Some(plain) = unpack(&packed) {
                    prop_assert!(plain.len() <= usize::from(u16::MAX));
                }
            }
        }
    }
}
