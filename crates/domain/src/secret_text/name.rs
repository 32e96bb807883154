//! Names of people, in any script.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::clean::{Unprintable, clean_line, is_dash};

/// Characters of the longest first or last name.
pub const MAX_NAME: usize = 60;

/// A first or last name of the account holder, in any script.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

/// Why a text is not a [`PersonName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// More than [`MAX_NAME`] characters.
    #[error("is longer than 60 characters")]
    TooLong,
    /// A line break, or a character that changes the direction of the text around it.
    #[error("holds a character that cannot be printed")]
    Unprintable,
    /// Digits or marks only.
    #[error("holds no letter")]
    NoLetter,
    /// Something names do not have, such as `<`, `@` or an emoji.
    #[error("may hold letters, spaces, apostrophes, hyphens and dots only")]
    OtherCharacter,
}

impl PersonName {
    /// Takes a name as typed; runs of blanks become one space.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        let name = clean_line(text).map_err(|Unprintable| PersonNameError::Unprintable)?;
        if name.is_empty() {
            return Err(PersonNameError::Empty);
        }
        if name.chars().count() > MAX_NAME {
            return Err(PersonNameError::TooLong);
        }
        if !name.chars().all(is_name_character) {
            return Err(PersonNameError::OtherCharacter);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(PersonNameError::NoLetter);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Suggests first and last name: the part before the last blank and the part after it. A single
/// word is a first name, and the last name is left for the subscriber to fill in.
pub fn split_full_name(full: &str) -> (String, String) {
    let words: Vec<&str> = full.split_whitespace().collect();
    match words.split_last() {
        Some((last, first)) if !first.is_empty() => (first.join(" "), (*last).to_owned()),
        Some((only, _)) => ((*only).to_owned(), String::new()),
        None => (String::new(), String::new()),
    }
}

customer_text!(PersonName);

fn is_name_character(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || matches!(c, ' ' | '\'' | '`' | '-' | '.' | ',');
    }
    // The blocks after `alphabetic` are those whose marks, viramas and joiners are no letters.
    c.is_alphabetic()
        || is_dash(c)
        || matches!(
            c,
            '´' | '·' | 'ʹ'..='˿' | '‘' | '’' | '‛' | '\u{200C}' | '\u{200D}' | '・'
        )
        || matches!(c, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{1CFF}')
        || matches!(c, '\u{1DC0}'..='\u{1DFF}' | '\u{3099}'..='\u{309A}')
        || matches!(c, '\u{A66F}'..='\u{ABFF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_many_scripts_are_taken() {
        for name in [
            "Ada",
            "O'Neil",
            "O’Neil",
            "Jean-Luc",
            "Müller",
            "Mu\u{308}ller",
            "José María",
            "St. John",
            "王小明",
            "अनिल कुमार",
            "Nguyễn",
            "محمد",
            "ירושלים",
            "Ольга",
            "Kim Jr. 3rd",
        ] {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(
            PersonName::parse(" \u{200E}Ada\u{A0} \u{FEFF} Lovelace\n")
                .unwrap()
                .as_str(),
            "Ada Lovelace"
        );
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_reason() {
        use PersonNameError::*;
        for (text, expected) in [
            ("", Empty),
            (" \u{200B} ", Empty),
            ("<b>Ada</b>", OtherCharacter),
            ("ada@example.com", OtherCharacter),
            ("Ada 🎉", OtherCharacter),
            ("12345", NoLetter),
            ("-.'", NoLetter),
            ("Ada\u{202E}evil", Unprintable),
            ("Ada\nLovelace", Unprintable),
            ("Ada\u{0}", Unprintable),
        ] {
            assert_eq!(PersonName::parse(text), Err(expected), "{text:?}");
        }
        assert_eq!(PersonName::parse(&"ä".repeat(61)), Err(TooLong));
        assert!(PersonName::parse(&"ä".repeat(60)).is_ok());
    }

    #[test]
    fn a_full_name_splits_at_its_last_blank() {
        for (full, first, last) in [
            ("Ada Lovelace", "Ada", "Lovelace"),
            ("  Ana  María \u{A0}López ", "Ana María", "López"),
            ("Cher", "Cher", ""),
            (" ", "", ""),
        ] {
            assert_eq!(split_full_name(full), (first.to_owned(), last.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = split_full_name(&text);
            if let Ok(name) = PersonName::parse(&text) {
                // What is stored must be readable again.
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
