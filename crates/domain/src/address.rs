//! Postal addresses, checked by rules per country, which are data (`data/address_rules.json`).
//!
//! Guarantee: an [`Address`] that [`Address::parse`] made is trimmed, bounded, free of characters
//! that cannot be printed, and complete for its country. `Debug` of an address shows the country
//! alone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    country::Country,
    secret_text::{clean_line, is_dash},
};

mod rules;

use rules::fill_mask;
pub use rules::{AddressLabels, AddressRules, State, rules, states_of};

/// Characters of the longest `line1` or `line2`.
pub const MAX_LINE: usize = 100;
/// Characters of the longest city.
pub const MAX_CITY: usize = 60;
/// Characters of the longest postal code where we know no pattern.
const MAX_POSTAL_CODE: usize = 10;

/// A postal address. The JSON names are those of the contract.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Street and house number.
    pub line1: String,
    /// Flat, floor and the like.
    pub line2: Option<String>,
    /// City or town.
    pub city: String,
    /// In the US and Canada a listed two-letter code; elsewhere up to three letters or digits.
    pub state: Option<String>,
    /// As its country writes it.
    pub postal_code: Option<String>,
    /// The country.
    pub country: Country,
}

/// An address as it was typed or sent; nothing in it is checked.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddressInput {
    /// See [`Address::line1`].
    pub line1: Option<String>,
    /// See [`Address::line2`].
    pub line2: Option<String>,
    /// See [`Address::city`].
    pub city: Option<String>,
    /// Code or full name, in any case.
    pub state: Option<String>,
    /// In any case and spacing.
    pub postal_code: Option<String>,
    /// Code, in any case.
    pub country: Option<String>,
}

/// What is wrong with one property of an address. Never holds what was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{property} {message}")]
pub struct AddressProblem {
    /// The property's JSON name.
    pub property: &'static str,
    /// Missing or wrong.
    pub kind: AddressProblemKind,
    /// What to do about it; reads on after the property's name.
    pub message: String,
}

/// The two ways in which a property of an address can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressProblemKind {
    /// Required and not given.
    Incomplete,
    /// Given, and not usable.
    Invalid,
    /// Given, and longer than it may be.
    TooLong,
    /// Given, with a character that cannot be printed.
    Unprintable,
}

impl Address {
    /// Checks an address and brings it into the form its country writes. All problems are
    /// reported at once, in the order of the form; those of `state` and `postalCode` only when the
    /// country is known, because it decides them.
    pub fn parse(input: AddressInput) -> Result<Self, Vec<AddressProblem>> {
        let mut problems = Vec::new();
        let line1 = keep(required("line1", input.line1, MAX_LINE), &mut problems);
        let line2 = keep(line("line2", input.line2, MAX_LINE), &mut problems);
        let city = keep(required("city", input.city, MAX_CITY), &mut problems);
        let country = read_country(input.country);
        let rules = country.as_ref().ok().map(|country| rules(*country));
        let state = rules.and_then(|rules| keep(read_state(input.state, rules), &mut problems));
        let postal_code =
            rules.and_then(|rules| keep(read_postal_code(input.postal_code, rules), &mut problems));
        let country = keep(country, &mut problems);
        match (line1, line2, city, state, postal_code, country) {
            (
                Some(line1),
                Some(line2),
                Some(city),
                Some(state),
                Some(postal_code),
                Some(country),
            ) => Ok(Self {
                line1,
                line2,
                city,
                state,
                postal_code,
                country,
            }),
            _ => Err(problems),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address([hidden], {})", self.country)
    }
}

impl fmt::Debug for AddressInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressInput([hidden])")
    }
}

type Checked<T> = Result<T, AddressProblem>;

fn keep<T>(checked: Checked<T>, problems: &mut Vec<AddressProblem>) -> Option<T> {
    checked.map_err(|problem| problems.push(problem)).ok()
}

fn invalid(property: &'static str, message: impl Into<String>) -> AddressProblem {
    AddressProblem {
        property,
        kind: AddressProblemKind::Invalid,
        message: message.into(),
    }
}

fn missing(property: &'static str) -> AddressProblem {
    let message = "is required".to_owned();
    AddressProblem {
        property,
        kind: AddressProblemKind::Incomplete,
        message,
    }
}

fn line(property: &'static str, text: Option<String>, max: usize) -> Checked<Option<String>> {
    let text = clean_line(&text.unwrap_or_default()).map_err(|_| AddressProblem {
        property,
        kind: AddressProblemKind::Unprintable,
        message: "holds a character that cannot be printed".to_owned(),
    })?;
    if text.chars().count() > max {
        return Err(AddressProblem {
            property,
            kind: AddressProblemKind::TooLong,
            message: format!("is longer than {max} characters"),
        });
    }
    if text.is_empty() {
        return Ok(None);
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(invalid(property, "holds no letter or digit"));
    }
    Ok(Some(text))
}

fn required(property: &'static str, text: Option<String>, max: usize) -> Checked<String> {
    line(property, text, max)?.ok_or_else(|| missing(property))
}

fn read_country(text: Option<String>) -> Checked<Country> {
    let code = required("country", text, MAX_CITY)?.to_ascii_uppercase();
    Country::parse(&code).map_err(|error| invalid("country", error.to_string()))
}

fn read_state(text: Option<String>, rules: &AddressRules) -> Checked<Option<String>> {
    let Some(text) = line("state", text, MAX_CITY)? else {
        return if rules.state_required {
            Err(missing("state"))
        } else {
            Ok(None)
        };
    };
    if rules.states.is_empty() {
        let is_code = text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return if is_code {
            Ok(Some(text.to_ascii_uppercase()))
        } else {
            Err(invalid(
                "state",
                "is not needed here; leave it out, or give a code of up to 3 letters or digits",
            ))
        };
    }
    rules
        .states
        .iter()
        .find(|state| state.is_called(&text))
        .map(|state| Some(state.code.to_owned()))
        .ok_or_else(|| {
            invalid(
                "state",
                format!("is not a {} of this country", rules.labels.state),
            )
        })
}

fn read_postal_code(text: Option<String>, rules: &AddressRules) -> Checked<Option<String>> {
    let Some(text) = line("postalCode", text, MAX_LINE)? else {
        let needed = rules.postal_code_required;
        return if needed {
            Err(missing("postalCode"))
        } else {
            Ok(None)
        };
    };
    let text = text.to_ascii_uppercase().replace(is_dash, "-");
    if rules.postal_code_masks.is_empty() {
        let fits = text.len() <= MAX_POSTAL_CODE
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b" -".contains(&byte));
        let message = "may hold up to 10 letters, digits, spaces and dashes";
        return if fits {
            Ok(Some(text))
        } else {
            Err(invalid("postalCode", message))
        };
    }
    let compact = text.replace([' ', '-'], "");
    rules
        .postal_code_masks
        .iter()
        .find_map(|mask| fill_mask(mask, &compact))
        .map(Some)
        .ok_or_else(|| {
            let example = rules.postal_code_example;
            invalid("postalCode", format!("must have the form of {example}"))
        })
}

#[cfg(test)]
mod tests;
