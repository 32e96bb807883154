//! Phone numbers.
//!
//! A [`PhoneNumber`] is always E.164 text: `+`, a country code, at most 15 digits in all. One that
//! came in through [`PhoneNumber::parse_e164`] was also a number that can exist when it came in;
//! numbering plans change, so reading one back from storage checks the form alone.

use std::{borrow::Cow, fmt};

use rlibphonenumber::{ParseError, PhoneNumber as Parsed, PhoneNumberFormat, ValidationError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::country::Country;

/// Digits of the longest number E.164 allows, country code included.
const MAX_DIGITS: usize = 15;
/// Ranges set aside for tests and fiction. Metadata may call them invalid, we never do.
const US_TEST_PREFIX: &str = "+1959555";
const GB_TEST_PREFIX: &str = "+447700900";

/// A phone number in E.164. Its `Debug` shows the last two digits only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Why a text is not a phone number we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// Nothing was given.
    #[error("is empty; give a number such as +19595550100")]
    Empty,
    /// Not `+` and digits only.
    #[error("is not in E.164 form: a plus sign and digits only, such as +19595550100")]
    NotE164,
    /// More than 15 digits, or more than any number of its country has.
    #[error("is too long to be a phone number")]
    TooLong,
    /// Fewer digits than any number of its country has.
    #[error("is too short to be a phone number")]
    TooShort,
    /// The digits after the plus sign start with no country's code.
    #[error("starts with a country code that does not exist")]
    UnknownCountryCode,
    /// The national prefix (such as the 0 in +44 0 7700…) was left in.
    #[error("holds a national prefix after the country code; leave it out")]
    NationalPrefix,
    /// A length that its country does not use.
    #[error("has a number of digits that phone numbers of its country do not have")]
    NotPossible,
    /// Its country has no such range.
    #[error("is not a number of any range in use")]
    NotValid,
}

impl PhoneNumber {
    /// Reads a number as the API takes it: E.164 and nothing else, of a range that is in use.
    pub fn parse_e164(text: &str) -> Result<Self, PhoneNumberError> {
        let number = Self::from_stored(text)?;
        if number.is_us_test_range() || number.is_gb_test_range() {
            return Ok(number);
        }
        let parsed = Parsed::parse(text, None).map_err(from_parse)?;
        parsed.is_possible_with_reason().map_err(from_validation)?;
        if parsed.format_as(PhoneNumberFormat::E164) != text {
            return Err(PhoneNumberError::NationalPrefix);
        }
        if parsed.is_valid() {
            Ok(number)
        } else {
            Err(PhoneNumberError::NotValid)
        }
    }

    /// Reads back a number that was checked when it came in: E.164 form, no more, so that a change
    /// of the numbering plans never makes a stored porting unreadable.
    pub fn from_stored(text: &str) -> Result<Self, PhoneNumberError> {
        if text.is_empty() {
            return Err(PhoneNumberError::Empty);
        }
        let digits = text.strip_prefix('+').ok_or(PhoneNumberError::NotE164)?;
        if digits.is_empty()
            || digits.starts_with('0')
            || !digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(PhoneNumberError::NotE164);
        }
        if digits.len() > MAX_DIGITS {
            return Err(PhoneNumberError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The number in E.164, with its plus sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the number belongs. `None` for numbers of no country, such as +800.
    pub fn country(&self) -> Option<Country> {
        if self.is_us_test_range() {
            return Some(Country::US);
        }
        if self.is_gb_test_range() {
            return Some(Country::GB);
        }
        let region = self.parsed()?.get_region_code()?;
        Country::parse(&region.as_region_str()).ok()
    }

    /// The country whose porting rules it follows: Crown Dependencies port like the UK, Puerto Rico
    /// like the US.
    pub fn donor_country(&self) -> Option<Country> {
        self.country().map(|country| match country.as_str() {
            "GG" | "JE" | "IM" => Country::GB,
            "PR" => Country::US,
            _ => country,
        })
    }

    /// For people of any country: "+1 959-555-0100".
    pub fn international(&self) -> String {
        self.formatted(PhoneNumberFormat::International)
    }

    /// For people of the number's own country: "(959) 555-0100".
    pub fn national(&self) -> String {
        self.formatted(PhoneNumberFormat::National)
    }

    /// The last `count` digits; fewer when the number has fewer.
    pub fn last_digits(&self, count: usize) -> &str {
        let digits = &self.0[1..];
        &digits[digits.len().saturating_sub(count)..]
    }

    /// Whether this is `+1959555XXXX`, the simulator's range.
    pub fn is_us_test_range(&self) -> bool {
        self.is_in_range(US_TEST_PREFIX, 4)
    }

    /// Whether this is `+447700900XXX`, which Ofcom keeps for fiction.
    pub fn is_gb_test_range(&self) -> bool {
        self.is_in_range(GB_TEST_PREFIX, 3)
    }

    fn is_in_range(&self, prefix: &str, digits: usize) -> bool {
        self.0
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == digits)
    }

    fn parsed(&self) -> Option<Parsed> {
        Parsed::parse(&self.0, None).ok()
    }

    fn formatted(&self, format: PhoneNumberFormat) -> String {
        self.parsed().map_or_else(
            || self.0.clone(),
            |parsed| parsed.format_as(format).into_owned(),
        )
    }
}

fn from_parse(error: ParseError) -> PhoneNumberError {
    match error {
        ParseError::InvalidCountryCode => PhoneNumberError::UnknownCountryCode,
        ParseError::NotANumber(_) => PhoneNumberError::NotPossible,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneNumberError::TooShort,
        ParseError::TooLongNsn => PhoneNumberError::TooLong,
    }
}

fn from_validation(error: ValidationError) -> PhoneNumberError {
    match error {
        ValidationError::InvalidCountryCode => PhoneNumberError::UnknownCountryCode,
        ValidationError::TooShort => PhoneNumberError::TooShort,
        ValidationError::InvalidLength => PhoneNumberError::NotPossible,
        ValidationError::TooLong => PhoneNumberError::TooLong,
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber(…{})", self.last_digits(2))
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Reads what [`PhoneNumber::from_stored`] reads.
impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_stored(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse_e164(text).unwrap()
    }

    #[test]
    fn the_test_ranges_are_taken_whole() {
        for last in 0..10_000 {
            let us = number(&format!("+1959555{last:04}"));
            assert!(us.is_us_test_range());
            assert_eq!(us.country(), Some(Country::US));
        }
        for last in 0..1000 {
            let gb = number(&format!("+447700900{last:03}"));
            assert!(gb.is_gb_test_range() && !gb.is_us_test_range());
            assert_eq!(gb.country(), Some(Country::GB));
        }
        assert!(!number("+19595540100").is_us_test_range());
    }

    #[test]
    fn numbers_of_the_main_countries_are_taken() {
        for (text, country) in [
            ("+14155552671", Country::US),
            ("+16135550123", Country::CA),
            ("+447400123456", Country::GB),
            ("+4915112345678", Country::DE),
            ("+353851234567", Country::IE),
            ("+17875551234", Country::PR),
        ] {
            assert_eq!(number(text).country(), Some(country), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        use PhoneNumberError::*;
        for (text, expected) in [
            ("", Empty),
            ("9595550100", NotE164),
            ("+1 959 555 0100", NotE164),
            ("+1-959-555-0100", NotE164),
            ("(959) 555-0100", NotE164),
            ("+1959555O100", NotE164),
            ("+", NotE164),
            ("++19595550100", NotE164),
            ("+019595550100", NotE164),
            ("+19595550100 ", NotE164),
            ("+1９595550100", NotE164),
            ("+19595550100;ext=1", NotE164),
            ("+1234567890123456", TooLong),
            ("+195955501000", TooLong),
            ("+1959555", TooShort),
            ("+9991234567", UnknownCountryCode),
            ("+4407911123456", NationalPrefix),
            ("+10005550100", NotValid),
        ] {
            assert_eq!(PhoneNumber::parse_e164(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_number_is_shown_as_people_write_it() {
        let us = number("+19595550100");
        assert_eq!(us.international(), "+1 959-555-0100");
        assert_eq!(us.national(), "(959) 555-0100");
        assert_eq!(us.last_digits(4), "0100");
        assert_eq!(us.last_digits(99), "19595550100");
        assert_eq!(number("+447700900123").international(), "+44 7700 900123");
    }

    #[test]
    fn a_log_line_shows_no_number() {
        assert_eq!(format!("{:?}", number("+19595550142")), "PhoneNumber(…42)");
    }

    #[test]
    fn a_stored_number_stays_readable_whatever_the_numbering_plan() {
        let stored: PhoneNumber = serde_json::from_str("\"+10005550100\"").unwrap();
        assert_eq!(serde_json::to_string(&stored).unwrap(), "\"+10005550100\"");
        assert!(serde_json::from_str::<PhoneNumber>("\"0959\"").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = PhoneNumber::parse_e164(&text);
        }

        #[test]
        fn no_run_of_digits_makes_anything_panic(text in r"\+[0-9]{0,18}", count in 0_usize..20) {
            let _ = PhoneNumber::parse_e164(&text);
            if let Ok(number) = PhoneNumber::from_stored(&text) {
                let _ = (number.country(), number.national());
                prop_assert!(number.international().starts_with('+'));
                prop_assert!(number.last_digits(count).len() <= count);
            }
        }

        #[test]
        fn what_is_taken_is_kept_to_the_letter(text in r"\+(1|44|49|353)[0-9]{8,11}") {
            if let Ok(number) = PhoneNumber::parse_e164(&text) {
                prop_assert_eq!(number.as_str(), text.as_str());
            }
        }
    }
}
