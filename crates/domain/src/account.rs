//! UK switching codes, and the kind of account a number is on.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::secret_text::{Pin, PinError};

/// Why a text is not the UK switching code asked for. Ofcom's codes: a PAC keeps the number and is
/// three letters and six digits, a STAC gives it up and is six digits and three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SwitchingCodeError {
    /// Not even a PIN.
    #[error(transparent)]
    Text(#[from] PinError),
    /// Wanted a PAC, got something else.
    #[error("is not a PAC, which is three letters and six digits, such as ABC123456")]
    NotPac,
    /// Wanted a PAC, got a STAC, with which the subscriber would lose the number.
    #[error("is a STAC, which gives the number up; to keep the number, ask for a PAC")]
    StacForPac,
    /// Wanted a STAC, got something else.
    #[error("is not a STAC, which is six digits and three letters, such as 123456ABC")]
    NotStac,
    /// Wanted a STAC, got a PAC.
    #[error("is a PAC, which keeps the number; to give the number up, ask for a STAC")]
    PacForStac,
}

/// Reads a PAC in any case and with any spaces or dashes; the result is nine capitals and digits.
pub fn parse_pac(text: &str) -> Result<Pin, SwitchingCodeError> {
    let (code, shape) = read(text)?;
    match shape {
        Some(Shape::Pac) => Ok(code),
        Some(Shape::Stac) => Err(SwitchingCodeError::StacForPac),
        None => Err(SwitchingCodeError::NotPac),
    }
}

/// Reads a STAC in any case and with any spaces or dashes; the result is nine digits and capitals.
pub fn parse_stac(text: &str) -> Result<Pin, SwitchingCodeError> {
    let (code, shape) = read(text)?;
    match shape {
        Some(Shape::Stac) => Ok(code),
        Some(Shape::Pac) => Err(SwitchingCodeError::PacForStac),
        None => Err(SwitchingCodeError::NotStac),
    }
}

enum Shape {
    Pac,
    Stac,
}

fn read(text: &str) -> Result<(Pin, Option<Shape>), PinError> {
    let mut plain = Pin::parse(text)?.stripped();
    plain.make_ascii_uppercase();
    let letters = |part: &[u8]| part.iter().all(u8::is_ascii_alphabetic);
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let shape = match plain.as_bytes() {
        bytes if bytes.len() != 9 => None,
        bytes if letters(&bytes[..3]) && digits(&bytes[3..]) => Some(Shape::Pac),
        bytes if digits(&bytes[..6]) && letters(&bytes[6..]) => Some(Shape::Stac),
        _ => None,
    };
    Ok((Pin::parse(&plain)?, shape))
}

/// The kind of account a number is on, which Irish donors ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccountType {
    /// A contract with several numbers.
    PostpaidMulti,
    /// A contract with this number alone.
    PostpaidSingle,
    /// Prepaid, the holder known to the donor.
    PrepaidRegistered,
    /// Prepaid, the holder unknown to the donor.
    PrepaidUnregistered,
}

/// A text that is no [`AccountType`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of postpaidMulti, postpaidSingle, prepaidRegistered, prepaidUnregistered")]
pub struct AccountTypeError;

impl AccountType {
    /// Every kind, in the order a form shows them.
    pub const ALL: [Self; 4] = [
        Self::PostpaidSingle,
        Self::PostpaidMulti,
        Self::PrepaidRegistered,
        Self::PrepaidUnregistered,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PostpaidMulti => "postpaidMulti",
            Self::PostpaidSingle => "postpaidSingle",
            Self::PrepaidRegistered => "prepaidRegistered",
            Self::PrepaidUnregistered => "prepaidUnregistered",
        }
    }
}

impl FromStr for AccountType {
    type Err = AccountTypeError;

    fn from_str(text: &str) -> Result<Self, AccountTypeError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(AccountTypeError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pac_is_read_as_people_copy_it() {
        for text in [
            "ABC123456",
            "abc123456",
            " abc 123 456 ",
            "ABC-123456",
            "ABC–123–456",
        ] {
            assert_eq!(parse_pac(text).unwrap().expose(), "ABC123456");
        }
        assert_eq!(parse_stac(" 012345 xyz").unwrap().expose(), "012345XYZ");
    }

    #[test]
    fn the_wrong_one_of_the_two_codes_is_called_by_its_name() {
        assert_eq!(
            parse_pac("123456ABC").map(drop),
            Err(SwitchingCodeError::StacForPac)
        );
        assert_eq!(
            parse_stac("ABC123456").map(drop),
            Err(SwitchingCodeError::PacForStac)
        );
        for text in ["ABC12345", "ABCD12345", "AB1234567", "ABC1234567", "739182"] {
            assert_eq!(
                parse_pac(text).map(drop),
                Err(SwitchingCodeError::NotPac),
                "{text}"
            );
            assert_eq!(
                parse_stac(text).map(drop),
                Err(SwitchingCodeError::NotStac),
                "{text}"
            );
        }
        assert_eq!(parse_pac(" ").map(drop), Err(PinError::Empty.into()));
    }

    #[test]
    fn account_types_are_named_alike_on_every_path() {
        for kind in AccountType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("prepaid".parse::<AccountType>(), Err(AccountTypeError));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in any::<String>()) {
            let _ = (parse_pac(&text), parse_stac(&text), text.parse::<AccountType>());
        }
    }
}
