//! Pages compressed without doing again what is the same for every page.
//!
//! Deflate blocks can be joined wherever one ends on a byte. The rules of the style sheet and the
//! script are most of a page and always the same, so their blocks are made once; what lies between
//! them is compressed for each answer and refers to nothing before itself.

use std::{cell::RefCell, ops::Range, sync::LazyLock};

use flate2::{Compress, Compression, Crc, FlushCompress};

use super::style::{RULES, SCRIPT};

/// No name, no time, no hints: RFC 1952, 2.3.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty last block.
const END: [u8; 2] = [3, 0];
/// More than compressing can add to what is short.
const ROOM: usize = 256;
/// What is shorter stands as it is: compressing it would take longer than sending it.
const WORTH_IT: usize = 512;

static ZIPPED_RULES: LazyLock<Vec<u8>> = LazyLock::new(|| once(&RULES));
static ZIPPED_SCRIPT: LazyLock<Vec<u8>> = LazyLock::new(|| once(&SCRIPT));

thread_local! {
    // Making one takes longer than compressing what differs between pages.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

/// A page as a gzip body.
pub fn gzip(html: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(html.len() / 2 + ROOM);
    out.extend_from_slice(&HEADER);
    let mut done = 0;
    let rules = before(html, html.find("</style>"), &RULES);
    let script = before(html, html.rfind("</script>"), &SCRIPT);
    for (part, zipped) in [(rules, &*ZIPPED_RULES), (script, &*ZIPPED_SCRIPT)] {
        if let Some(part) = part.filter(|part| part.start >= done) {
            deflate(&html[done..part.start], &mut out);
            out.extend_from_slice(zipped);
            done = part.end;
        }
    }
    deflate(&html[done..], &mut out);
    out.extend_from_slice(&END);
    let mut crc = Crc::new();
    crc.update(html.as_bytes());
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
    out
}

/// Where `text` stands, if it ends at `end`.
fn before(html: &str, end: Option<usize>, text: &str) -> Option<Range<usize>> {
    let end = end?;
    let start = end.checked_sub(text.len())?;
    (html.as_bytes().get(start..end)? == text.as_bytes()).then_some(start..end)
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

fn once(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    run(
        &mut Compress::new(Compression::best(), false),
        text,
        &mut out,
    );
    out
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

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn unzipped(body: &[u8]) -> String {
        let mut text = String::new();
        let mut reader = flate2::read::GzDecoder::new(body);
        reader.read_to_string(&mut text).expect("a gzip body");
        text
    }

    #[test]
    fn any_text_comes_back_whole() {
        let (rules, script) = (&*RULES, &*SCRIPT);
        let long = "<p>Ünïcödé &amp; more</p>".repeat(9_000);
        let pages = [
            String::new(),
            "no style".to_owned(),
            format!("<style>a{{}}{rules}</style><p>x</p><script>{script}</script></html>"),
            format!("<style>{rules}</style>"),
            format!("<script>{script}</script>"),
            format!("<script>{script}</script><style>{rules}</style>"),
            format!("<style>{rules} </style><script></script>{long}"),
            "</style></script>".to_owned(),
        ];
        for page in pages {
            assert_eq!(unzipped(&gzip(&page)), page);
        }
    }
}
