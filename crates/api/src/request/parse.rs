//! From JSON values to the types of the domain. No message repeats the value.

use std::{collections::BTreeMap, fmt::Display, ops::RangeInclusive, str::FromStr};

use jiff::{Timestamp, civil::Date};
use portico_app::{MetadataPatch, PropertyCode, PropertyError};
use portico_domain::{
    address::{Address, AddressInput, AddressProblemKind},
    date_input::Birthday,
    phone::PhoneNumber,
};
use serde_json::Value as Json;

use super::fields::{Fields, Parsed, wrong};

/// The longest string anywhere, in characters; most fields allow far less.
pub const MAX_TEXT: usize = 2_048;

/// A string without control characters.
pub fn text(value: &Json) -> Parsed<String> {
    let Json::String(text) = value else {
        return wrong("must be a string.");
    };
    if text.chars().count() > MAX_TEXT {
        return wrong("must have at most 2048 characters.");
    }
    if text.chars().any(char::is_control) {
        return wrong("must not hold control characters.");
    }
    Ok(text.clone())
}

/// A string that a type of the domain reads.
pub fn parsed<T: FromStr<Err: Display>>(value: &Json) -> Parsed<T> {
    by(T::from_str)(value)
}

/// A string that a function of the domain reads.
pub fn by<T, E: Display>(
    read: impl FnOnce(&str) -> Result<T, E>,
) -> impl FnOnce(&Json) -> Parsed<T> {
    move |value| {
        let text = text(value)?;
        read(&text).or_else(|error| wrong(format!("{error}.")))
    }
}

/// One of a closed set of strings.
pub fn choice<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> impl Fn(&Json) -> Parsed<T> {
    move |value| {
        let found = value
            .as_str()
            .and_then(|text| all.iter().copied().find(|it| name(*it) == text));
        found.map_or_else(
            || {
                let names: Vec<_> = all.iter().map(|it| name(*it)).collect();
                wrong(format!("must be one of {}.", names.join(", ")))
            },
            Ok,
        )
    }
}

/// A list of choices in a query: separated by commas, none of them empty.
pub fn choices<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> impl Fn(&Json) -> Parsed<Vec<T>> {
    let one = choice(all, name);
    move |value| {
        text(value)?
            .split(',')
            .map(|part| one(&Json::from(part)))
            .collect()
    }
}

/// `true` or `false`.
pub fn boolean(value: &Json) -> Parsed<bool> {
    value
        .as_bool()
        .map_or_else(|| wrong("must be true or false."), Ok)
}

/// A whole number of a range.
pub fn integer(range: RangeInclusive<i64>) -> impl FnOnce(&Json) -> Parsed<i64> {
    move |value| {
        let number = value.as_i64().or_else(|| whole(value.as_f64()?));
        number.filter(|it| range.contains(it)).map_or_else(
            || {
                let (from, to) = (range.start(), range.end());
                wrong(format!("must be a whole number from {from} to {to}."))
            },
            Ok,
        )
    }
}

/// `5.0` is a whole number to JSON Schema; beyond 2^53 a double no longer tells.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before"
)]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// An array of at most `max` items, each read alike.
pub fn list<T>(
    max: usize,
    item: impl Fn(&Json) -> Parsed<T>,
) -> impl FnOnce(&Json) -> Parsed<Vec<T>> {
    move |value| match value {
        Json::Array(items) if items.len() <= max => items.iter().map(item).collect(),
        _ => wrong(format!("must be an array of at most {max} items.")),
    }
}

/// A number in E.164.
pub fn phone_number(value: &Json) -> Parsed<PhoneNumber> {
    by(PhoneNumber::parse_e164)(value)
}

/// A date of birth, `YYYY-MM-DD`.
pub fn birthday(today: Date) -> impl FnOnce(&Json) -> Parsed<Birthday> {
    by(move |text| Birthday::parse_iso(text, today))
}

/// A day, `YYYY-MM-DD` and no other notation.
pub fn date(value: &Json) -> Parsed<Date> {
    let text = text(value)?;
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    match text.parse() {
        Ok(date) if shaped => Ok(date),
        _ => wrong("must be a date of the form YYYY-MM-DD."),
    }
}

/// An instant, RFC 3339.
pub fn instant(value: &Json) -> Parsed<Timestamp> {
    let text = text(value)?;
    text.parse()
        .or_else(|_| wrong("must be a time such as 2026-03-01T12:00:00Z."))
}

/// A change of metadata: strings set, `null` deletes.
pub fn metadata(value: &Json) -> Parsed<MetadataPatch> {
    let rule = "must be an object of strings, or null for a key to delete.";
    let Json::Object(entries) = value else {
        return wrong(rule);
    };
    let mut patch = BTreeMap::new();
    for (key, value) in entries {
        text(&Json::from(key.as_str()))?;
        let value = match value {
            Json::Null => None,
            Json::String(_) => Some(text(value)?),
            _ => return wrong(rule),
        };
        patch.insert(key.clone(), value);
    }
    Ok(MetadataPatch(patch))
}

/// The properties of an address, which are those of the object being read.
pub fn address(fields: &mut Fields) -> Option<Address> {
    let was_clean = fields.is_clean();
    let input = AddressInput {
        line1: fields.optional("line1", text),
        line2: fields.optional("line2", text),
        city: fields.optional("city", text),
        state: fields.optional("state", text),
        postal_code: fields.optional("postalCode", text),
        country: fields.optional("country", text),
    };
    // A property of the wrong type would be reported as missing too.
    if was_clean && !fields.is_clean() {
        return None;
    }
    Address::parse(input)
        .map_err(|problems| {
            fields.refuse_all(problems.into_iter().map(|problem| PropertyError {
                code: match problem.kind {
                    AddressProblemKind::Incomplete => PropertyCode::AddressPropertyIncomplete,
                    AddressProblemKind::Invalid
                    | AddressProblemKind::TooLong
                    | AddressProblemKind::Unprintable => PropertyCode::AddressPropertyInvalid,
                },
                property: problem.property.to_owned(),
                message: problem.message,
            }));
        })
        .ok()
}
