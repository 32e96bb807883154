//! Tidying of typed and pasted text, shared by every value a person types.

/// A text that cannot be shown on one line as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unprintable;

/// One line of typed or pasted text: trimmed, every run of blanks one space, and without the
/// invisible characters that copying leaves behind, which would make a donor's comparison fail.
pub(crate) fn clean_line(text: &str) -> Result<String, Unprintable> {
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            c if is_invisible(c) => {}
            // Embeddings, overrides and isolates; interlinear marks; invisible tags.
            '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}' => return Err(Unprintable),
            c if c.is_control() => return Err(Unprintable),
            c if c.is_whitespace() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c => line.push(c),
        }
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

/// Soft hyphen, direction marks, zero-width space, word joiner, byte order mark, Hangul fillers.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'
    ) || matches!(
        c,
        '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
    )
}

/// Whether this is any of the dashes that keyboards and word processors put for a hyphen.
pub(crate) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}'
    )
}
