//! What a subscriber copies from the donor's records: PIN, account number, name.
//!
//! Guarantee: none of these prints its content by `Debug`, and a [`Pin`] cannot be serialized and
//! is wiped from memory when dropped. All three are text: leading zeros and letters are legal.

use std::{borrow::Cow, fmt};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

/// What a value that is customer data, but no secret, has in common: hidden by `Debug`, a string in
/// JSON, and parsed when read.
macro_rules! customer_text {
    ($type:ident) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "([hidden])"))
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

mod clean;
mod name;

pub(crate) use clean::{clean_line, is_dash};
pub use name::{MAX_NAME, PersonName, PersonNameError, split_full_name};

use clean::is_invisible;

/// Characters of the longest PIN or account number.
pub const MAX_CODE: usize = 25;

/// What is wrong with a PIN or an account number. The text itself is never part of the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing, or spaces and dashes only.
    #[error("is empty")]
    Empty,
    /// More than [`MAX_CODE`] characters.
    #[error("is longer than 25 characters")]
    TooLong,
    /// A line break, tab or other character that cannot be seen.
    #[error("holds a character that cannot be printed")]
    Unprintable,
    /// Anything but letters, digits, spaces and dashes.
    #[error("may hold letters A to Z, digits, spaces and dashes only")]
    OtherCharacter,
}

/// Why a text is not a [`Pin`].
pub type PinError = CodeError;
/// Why a text is not an [`AccountNumber`].
pub type AccountNumberError = CodeError;

/// A transfer PIN, PAC, STAC or billing PIN: whoever holds it can move the number.
#[derive(Clone)]
pub struct Pin(SecretString);

impl Pin {
    /// Takes a PIN as typed, less the blanks around it.
    pub fn parse(text: &str) -> Result<Self, PinError> {
        Ok(Self(SecretString::from(clean_code(text)?.as_str())))
    }

    /// The PIN as typed. Only for sending it to the recipient's gateway or encrypting it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The PIN without spaces and dashes, as donors that only print dashes for reading want it.
    pub fn stripped(&self) -> Zeroizing<String> {
        strip(self.expose())
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin([hidden])")
    }
}

/// The account number at the donor.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// Takes an account number as typed, less the blanks around it.
    pub fn parse(text: &str) -> Result<Self, AccountNumberError> {
        Ok(Self(clean_code(text)?.to_string()))
    }

    /// The account number as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without spaces and dashes.
    pub fn stripped(&self) -> String {
        strip(&self.0).to_string()
    }

    /// For a page: "••••1234". Never shows more than half of a short one.
    pub fn masked(&self) -> String {
        let plain = self.stripped();
        let shown = (plain.len() / 2).min(4);
        format!("••••{}", &plain[plain.len() - shown..])
    }
}

customer_text!(AccountNumber);

fn clean_code(text: &str) -> Result<Zeroizing<String>, CodeError> {
    // Room for the longest legal code up front: growing would leave a copy of a PIN behind.
    let mut code = Zeroizing::new(String::with_capacity(MAX_CODE));
    for c in text.trim().chars() {
        let c = match c {
            c if c.is_control() => return Err(CodeError::Unprintable),
            c if is_invisible(c) => continue,
            c if c.is_ascii_alphanumeric() => c,
            c if is_dash(c) => '-',
            c if c.is_whitespace() => ' ',
            _ => return Err(CodeError::OtherCharacter),
        };
        if c == ' ' && code.is_empty() {
            continue;
        }
        if code.len() == MAX_CODE {
            return Err(CodeError::TooLong);
        }
        code.push(c);
    }
    let end = code.trim_end().len();
    code.truncate(end);
    let empty = !code.bytes().any(|byte| byte.is_ascii_alphanumeric());
    if empty {
        Err(CodeError::Empty)
    } else {
        Ok(code)
    }
}

fn strip(code: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(code.len()));
    plain.extend(code.chars().filter(char::is_ascii_alphanumeric));
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pin_keeps_leading_zeros_and_loses_its_dashes_on_request() {
        let pin = Pin::parse(" 012\u{2013}345\u{200B} ").unwrap();
        assert_eq!(pin.expose(), "012-345");
        assert_eq!(pin.stripped().as_str(), "012345");
        assert_eq!(
            Pin::parse("abc 123 DEF").unwrap().stripped().as_str(),
            "abc123DEF"
        );
    }

    #[test]
    fn what_is_wrong_with_a_code_is_named() {
        for (text, expected) in [
            ("", CodeError::Empty),
            (" - - ", CodeError::Empty),
            ("12345678901234567890123456", CodeError::TooLong),
            ("12\n34", CodeError::Unprintable),
            ("12\u{0}34", CodeError::Unprintable),
            ("12.34", CodeError::OtherCharacter),
            ("１２３４", CodeError::OtherCharacter),
            ("12\u{202E}34", CodeError::OtherCharacter),
        ] {
            assert_eq!(Pin::parse(text).map(drop), Err(expected), "{text:?}");
            assert_eq!(
                AccountNumber::parse(text).map(drop),
                Err(expected),
                "{text:?}"
            );
        }
        assert!(Pin::parse("1234567890123456789012345").is_ok());
    }

    #[test]
    fn an_account_number_is_masked_but_for_its_end() {
        for (text, masked) in [
            ("123456789-00001", "••••0001"),
            ("98765432", "••••5432"),
            ("12345", "••••45"),
            ("7", "••••"),
        ] {
            assert_eq!(AccountNumber::parse(text).unwrap().masked(), masked);
        }
        let account = AccountNumber::parse(" 123 456-7 ").unwrap();
        assert_eq!(account.as_str(), "123 456-7");
        assert_eq!(account.stripped(), "1234567");
    }

    #[test]
    fn a_log_line_shows_nothing_of_the_customer() {
        let pin = Pin::parse("739182").unwrap();
        let account = AccountNumber::parse("739182").unwrap();
        let name = PersonName::parse("Ada").unwrap();
        let line = format!("{pin:?} {account:?} {name:?}");
        assert_eq!(
            line,
            "Pin([hidden]) AccountNumber([hidden]) PersonName([hidden])"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in any::<String>()) {
            let _ = Pin::parse(&text).map(|pin| pin.stripped());
            let _ = AccountNumber::parse(&text).map(|account| account.masked());
        }

        #[test]
        fn a_code_read_back_is_the_same_code(text in "[ A-Za-z0-9–\\u{200B}-]{0,30}") {
            if let Ok(account) = AccountNumber::parse(&text) {
                prop_assert!(account.as_str().len() <= MAX_CODE);
                prop_assert_eq!(AccountNumber::parse(account.as_str()), Ok(account));
            }
        }
    }
}
