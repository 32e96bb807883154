//! Gzip without doing again what is the same for many pages.
//!
//! Deflate blocks can be joined wherever one ends on a byte. What many pages have in common is most of
//! a page, and compressed once; what lies between stands as it is. So the length of an answer tells
//! nothing of whether something in it, such as a form's token, looks like what somebody else put into
//! it (BREACH). Compressing the rest too would take longer than it saves: the pages there are arrive with
//! the first flight of segments (RFC 6928) either way, and compressors go through more memory than the
//! processor has near it.

use std::fmt;

use flate2::{Compress, Compression, Crc, FlushCompress};

/// No name, no time, no hints: RFC 1952, 2.3.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty last block.
const END: [u8; 2] = [3, 0];
/// More than compressing can add to what is short; and more than stands around and between the blocks.
const ROOM: usize = 256;
/// The longest text of a block as it is.
const LONGEST: usize = u16::MAX as usize;

/// A text that many pages have, compressed once. It writes itself in one piece.
pub struct Packed {
    text: String,
    blocks: Vec<u8>,
    crc: Crc,
}

impl Packed {
    pub(super) fn new(text: String) -> Self {
        let mut blocks = Vec::new();
        compress(&text, &mut blocks);
        Self {
            blocks,
            crc: crc_of(&text),
            text,
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A gzip body in the making.
pub(super) struct Gzip {
    out: Vec<u8>,
    crc: Crc,
}

impl Gzip {
    /// With room for texts of that length, and for `packed`.
    pub(super) fn new<'p>(texts: usize, packed: impl Iterator<Item = &'p Packed>) -> Self {
        let packed: usize = packed.map(|packed| packed.blocks.len()).sum();
        let mut out = Vec::with_capacity(texts + packed + ROOM);
        out.extend_from_slice(&HEADER);
        Self {
            out,
            crc: Crc::new(),
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        for block in text.as_bytes().chunks(LONGEST) {
            store(block, &mut self.out);
        }
        self.crc.update(text.as_bytes());
    }

    pub(super) fn push_packed(&mut self, packed: &Packed) {
        self.out.extend_from_slice(&packed.blocks);
        self.crc.combine(&packed.crc);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let Self { mut out, crc } = self;
        out.extend_from_slice(&END);
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&crc.amount().to_le_bytes());
        out
    }
}

fn crc_of(text: &str) -> Crc {
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    crc
}

/// A block of text as it is: RFC 1951, 3.2.4.
fn store(text: &[u8], out: &mut Vec<u8>) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.push(0);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(text);
}

/// Blocks that refer to nothing before them and end on a byte.
fn compress(text: &str, out: &mut Vec<u8>) {
    let mut compress = Compress::new(Compression::best(), false);
    loop {
        let taken = usize::try_from(compress.total_in()).expect("a page fits into memory");
        let rest = &text.as_bytes()[taken..];
        out.reserve(rest.len() + ROOM);
        let room = out.capacity() - out.len();
        let before = out.len();
        compress
            .compress_vec(rest, out, FlushCompress::Sync)
            .expect("memory is all that compressing needs");
        let is_taken = compress.total_in() as usize == text.len();
        // What filled all the room may not be all.
        if is_taken && out.len() - before < room {
            return;
        }
    }
}
