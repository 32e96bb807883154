//! Gzip without doing again what is the same for many pages.
//!
//! Deflate blocks can be joined wherever one ends on a byte. What many pages have in common is most of
//! a page, and compressed once; what lies between is compressed for each answer. No block refers to
//! anything before its own text.

use std::{cell::RefCell, fmt};

use flate2::{Compress, Compression, Crc, FlushCompress};

/// No name, no time, no hints: RFC 1952, 2.3.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty last block.
const END: [u8; 2] = [3, 0];
/// More than compressing can add to what is short.
const ROOM: usize = 256;
/// What is shorter stands as it is: compressing it would take longer than sending it.
const WORTH_IT: usize = 512;

thread_local! {
    // Making one takes longer than compressing what differs between pages.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

/// A text that many pages have, compressed once. It writes itself in one piece.
pub(crate) struct Packed {
    text: String,
    blocks: Vec<u8>,
    crc: Crc,
}

impl Packed {
    pub(super) fn new(text: String) -> Self {
        let mut blocks = Vec::new();
        let mut compress = Compress::new(Compression::best(), false);
        run(&mut compress, &text, &mut blocks);
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
    /// With room for that many bytes.
    pub(super) fn new(room: usize) -> Self {
        let mut out = Vec::with_capacity(room + ROOM);
        out.extend_from_slice(&HEADER);
        Self {
            out,
            crc: Crc::new(),
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        deflate(text, &mut self.out);
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

/// Blocks that refer to nothing before them and end on a byte.
fn deflate(text: &str, out: &mut Vec<u8>) {
    match u16::try_from(text.len()) {
        Ok(0) => return,
        Ok(len) if text.len() < WORTH_IT => return store(text, len, out),
        _ => {}
    }
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        run(compress, text, out);
    });
}

/// A block of text as it is: RFC 1951, 3.2.4.
fn store(text: &str, len: u16, out: &mut Vec<u8>) {
    out.push(0);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&(!len).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn run(compress: &mut Compress, text: &str, out: &mut Vec<u8>) {
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
