//! What we can tell a subscriber about getting their number out of one donor.
//!
//! Guidance, never a gate: donors change their ways without telling us, so a check here warns and
//! does not refuse. Every entry carries its sources, their dates where they show one, and how far
//! to trust them (`data/playbooks.json`).

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::{
    country::Country,
    phone::PhoneNumber,
    secret_text::{AccountNumber, Pin},
    service_provider,
};

/// Guidance for one donor, or for a whole country.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    bound(deserialize = "'de: 'static")
)]
pub struct Playbook {
    /// About the account number.
    pub account_number: AccountNumberGuide,
    /// About the transfer PIN.
    pub pin: PinGuide,
    /// The donor's lock against port-outs, where we know of one.
    pub lock: Option<LockGuide>,
    /// What else the subscriber should know, one sentence or two each.
    pub notes: Vec<&'static str>,
    /// Whether the donor wants PIN and account number without the dashes it prints in them.
    pub strip_dashes: bool,
    /// How far to trust this entry.
    pub confidence: Confidence,
    /// Where it was found.
    pub sources: Vec<Source>,
}

/// Where the account number is and what it looks like.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    bound(deserialize = "'de: 'static")
)]
pub struct AccountNumberGuide {
    /// Sentences for the subscriber.
    #[serde(rename = "where")]
    pub place: Vec<&'static str>,
    /// The numbers of digits seen; `None` when we do not know.
    pub digits: Option<Vec<u8>>,
    /// The keyboard to offer.
    pub input_mode: InputMode,
    /// Whether this donor uses the phone number as the account number, on some accounts at least.
    pub may_be_phone_number: bool,
}

/// How to get the transfer PIN and what it looks like.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PinGuide {
    /// Sentences for the subscriber.
    pub how: Vec<&'static str>,
    /// The numbers of digits seen; `None` when we do not know.
    pub digits: Option<Vec<u8>>,
    /// The keyboard to offer.
    pub input_mode: InputMode,
    /// Days for which a PIN works, the shortest where accounts differ; `None` when we do not know.
    pub life_days: Option<u16>,
    /// What to dial from the line to get it, such as `*7678`.
    pub dial_code: Option<&'static str>,
}

/// The donor's lock against port-outs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockGuide {
    /// What the donor calls it.
    pub name: &'static str,
    /// Sentences for the subscriber.
    pub lift: Vec<&'static str>,
}

/// A page an entry rests on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its address.
    pub url: &'static str,
    /// The date it shows, `YYYY-MM-DD` or `YYYY-MM`; `None` when it shows none.
    pub date: Option<&'static str>,
}

/// How far to trust an entry; where its sources differ in weight, the weaker one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Confidence {
    /// The donor's own text.
    #[serde(rename = "A")]
    Donor,
    /// The published help page of another operator.
    #[serde(rename = "B")]
    Operator,
    /// A blog or an old page.
    #[serde(rename = "C")]
    Weak,
}

/// A value of the HTML attribute `inputmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMode {
    /// Digits alone.
    Numeric,
    /// Everything.
    Text,
}

impl InputMode {
    /// The attribute's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Text => "text",
        }
    }
}

/// A doubt about what was typed, to be put to the subscriber once and then dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShapeWarning {
    /// The PIN has letters; this donor's have digits only.
    PinNotDigits {
        /// The numbers of digits seen so far.
        expected: Vec<u8>,
    },
    /// The PIN is longer or shorter than this donor's.
    PinLength {
        /// The numbers of digits seen so far.
        expected: Vec<u8>,
        /// The number of digits typed.
        actual: usize,
    },
    /// The phone number was typed where this donor has a number of its own.
    AccountNumberIsPhoneNumber,
    /// The account number has letters; this donor's have digits only.
    AccountNumberNotDigits {
        /// The numbers of digits seen so far.
        expected: Vec<u8>,
    },
    /// The account number is longer or shorter than this donor's.
    AccountNumberLength {
        /// The numbers of digits seen so far.
        expected: Vec<u8>,
        /// The number of digits typed.
        actual: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
struct Book {
    generic: BTreeMap<Country, Playbook>,
    anywhere: Playbook,
    donors: BTreeMap<&'static str, Playbook>,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/playbooks.json"))
        .expect("the shipped playbooks are checked by a test")
});

/// The guidance for a donor, by its `svp_` id. `None` for a donor we know nothing of: use
/// [`generic`] for its country.
pub fn playbook(svp_id: &str) -> Option<&'static Playbook> {
    BOOK.donors.get(service_provider::find(svp_id)?.slug)
}

/// The guidance that holds for any donor of a country.
pub fn generic(country: Country) -> &'static Playbook {
    BOOK.generic.get(&country).unwrap_or(&BOOK.anywhere)
}

impl Playbook {
    /// Whether a PIN looks unlike those of this donor.
    pub fn check_pin(&self, pin: &Pin) -> Option<ShapeWarning> {
        let expected = self.pin.digits.clone()?;
        let plain = pin.stripped();
        match shape(&plain, &expected) {
            Shape::Fits => None,
            Shape::NotDigits => Some(ShapeWarning::PinNotDigits { expected }),
            Shape::Length(actual) => Some(ShapeWarning::PinLength { expected, actual }),
        }
    }

    /// Whether an account number looks unlike those of this donor, or is the phone number itself.
    pub fn check_account_number(
        &self,
        account_number: &AccountNumber,
        phone_number: &PhoneNumber,
    ) -> Option<ShapeWarning> {
        let guide = &self.account_number;
        let plain = account_number.stripped();
        if is_phone_number(&plain, phone_number) {
            let usual = guide.may_be_phone_number;
            return (!usual).then_some(ShapeWarning::AccountNumberIsPhoneNumber);
        }
        let expected = guide.digits.clone()?;
        match shape(&plain, &expected) {
            Shape::Fits => None,
            Shape::NotDigits => Some(ShapeWarning::AccountNumberNotDigits { expected }),
            Shape::Length(actual) => Some(ShapeWarning::AccountNumberLength { expected, actual }),
        }
    }
}

enum Shape {
    Fits,
    NotDigits,
    Length(usize),
}

fn shape(plain: &str, lengths: &[u8]) -> Shape {
    if !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        Shape::NotDigits
    } else if lengths
        .iter()
        .any(|length| usize::from(*length) == plain.len())
    {
        Shape::Fits
    } else {
        Shape::Length(plain.len())
    }
}

/// Whether `plain` is the phone number, with or without its country code (of up to three digits)
/// and with or without a leading national or international zero.
fn is_phone_number(plain: &str, phone_number: &PhoneNumber) -> bool {
    let whole = phone_number.last_digits(usize::MAX);
    let rest = plain.trim_start_matches('0');
    whole.ends_with(rest) && rest.len() + 3 >= whole.len()
}

#[cfg(test)]
mod tests;
