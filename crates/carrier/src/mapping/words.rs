//! Texts as words: what carriers write differs in case, spaces and punctuation and means the same.

/// The words of a text, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words(String);

impl Words {
    /// Only the beginning of a text counts: what a carrier means stands there.
    const LONGEST: usize = 4_000;

    pub fn of(text: &str) -> Self {
        let mut words = String::from(" ");
        for c in text.chars().take(Self::LONGEST) {
            if c.is_alphanumeric() {
                words.extend(c.to_lowercase());
            } else if !words.ends_with(' ') {
                words.push(' ');
            }
        }
        if !words.ends_with(' ') {
            words.push(' ');
        }
        Self(words)
    }

    pub fn is_empty(&self) -> bool {
        self.0 == " "
    }

    /// Whether `phrase` stands in it, as whole words.
    pub fn contain(&self, phrase: &Self) -> bool {
        self.0.contains(&phrase.0)
    }
}

/// The texts that may be codes of the industry: the code itself, and what stands in the text like one.
pub(super) fn industry_codes<'t>(
    code: Option<&'t str>,
    text: &'t str,
) -> impl Iterator<Item = String> + 't {
    let in_text = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| looks_like_one(word));
    let code = code.map(|code| code.trim().to_ascii_uppercase());
    code.into_iter().chain(in_text.map(str::to_ascii_uppercase))
}

/// A digit and a capital, such as `8A`, or the `E17A` of wireline: what is written small is a word.
fn looks_like_one(word: &str) -> bool {
    match word.as_bytes() {
        [b'1' | b'6'..=b'9', b'A'..=b'Z'] => true,
        [b'E', b'0'..=b'9', rest @ ..] => {
            rest.len() <= 4 && rest.iter().all(u8::is_ascii_alphanumeric)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words_in_any_writing() {
        let text = Words::of("The Transfer-PIN  was wrong.");
        assert!(text.contain(&Words::of("transfer pin")));
        assert!(text.contain(&Words::of("PIN")));
        assert!(!text.contain(&Words::of("in")));
        assert!(!Words::of("shipping").contain(&Words::of("pin")));
        assert!(Words::of(" -- ").is_empty());
    }

    #[test]
    fn codes_are_found_where_they_stand() {
        let found: Vec<_> =
            industry_codes(Some(" 8c "), "951: (6B) E17A, 8a, 2E, 12A, E").collect();
        assert_eq!(found, ["8C", "6B", "E17A"]);
    }
}
