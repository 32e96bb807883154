//! Birthdays, as an API or a person writes them.
//!
//! Guarantee: a [`Birthday`] is a date that exists and its `Debug` does not show it. One that came
//! in through a parser was not in the future and not more than [`MAX_AGE`] years ago; reading one
//! back from storage checks that it exists and no more, so that nobody ages out of the database.

use std::{borrow::Cow, fmt};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The oldest person we believe in, in years.
pub const MAX_AGE: i16 = 125;

/// A date of birth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birthday(Date);

/// One of the three parts of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    /// Day of the month.
    Day,
    /// Month, by number or name.
    Month,
    /// Year, with four digits.
    Year,
}

/// Why a date is not a birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BirthdayError {
    /// A part was left empty.
    #[error("lacks the {}", .0.name())]
    Missing(DatePart),
    /// Not `YYYY-MM-DD`.
    #[error("is not a date of the form YYYY-MM-DD")]
    NotIso,
    /// Not a day from 1 to 31.
    #[error("has a day that is not a number from 1 to 31")]
    Day,
    /// Neither a number from 1 to 12 nor a month's name.
    #[error("has a month that is neither a number from 1 to 12 nor a month's name")]
    Month,
    /// Not a number of four digits.
    #[error("has a year that is not a number of four digits")]
    Year,
    /// A year such as 90, which could be two.
    #[error("has a year of two digits; write all four, such as 1990")]
    TwoDigitYear,
    /// A date the calendar does not have, such as 31 April.
    #[error("is a date that does not exist")]
    NoSuchDate,
    /// After today.
    #[error("is in the future")]
    Future,
    /// More than [`MAX_AGE`] years ago.
    #[error("is more than 125 years ago")]
    TooLongAgo,
}

impl DatePart {
    fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl Birthday {
    /// Reads `YYYY-MM-DD` and nothing else, as the API takes it.
    pub fn parse_iso(text: &str, today: Date) -> Result<Self, BirthdayError> {
        let Self(date) = Self::from_stored(text)?;
        Self::checked(date, today)
    }

    /// Reads the three inputs of a form. Takes leading zeros, "1." and "1st", and English and
    /// German month names, whole or shortened to three letters or more.
    pub fn from_parts(
        day: &str,
        month: &str,
        year: &str,
        today: Date,
    ) -> Result<Self, BirthdayError> {
        for (text, part) in [
            (day, DatePart::Day),
            (month, DatePart::Month),
            (year, DatePart::Year),
        ] {
            if text.trim().is_empty() {
                return Err(BirthdayError::Missing(part));
            }
        }
        let (day, month, year) = (read_day(day)?, read_month(month)?, read_year(year)?);
        let date = Date::new(year, month, day).map_err(|_| BirthdayError::NoSuchDate)?;
        Self::checked(date, today)
    }

    /// Reads back a `YYYY-MM-DD` that was checked when it came in.
    pub fn from_stored(text: &str) -> Result<Self, BirthdayError> {
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(BirthdayError::NotIso);
        }
        text.parse()
            .map(Self)
            .map_err(|_| BirthdayError::NoSuchDate)
    }

    /// The date.
    pub fn date(self) -> Date {
        self.0
    }

    /// The date as `YYYY-MM-DD`.
    pub fn to_iso(self) -> String {
        self.0.to_string()
    }

    fn checked(date: Date, today: Date) -> Result<Self, BirthdayError> {
        if date > today {
            return Err(BirthdayError::Future);
        }
        let birthday_passed = (today.month(), today.day()) >= (date.month(), date.day());
        let age = today.year() - date.year() - i16::from(!birthday_passed);
        if age > MAX_AGE {
            Err(BirthdayError::TooLongAgo)
        } else {
            Ok(Self(date))
        }
    }
}

fn read_day(text: &str) -> Result<i8, BirthdayError> {
    let text = text.trim().to_ascii_lowercase();
    let text = [".", "st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))
        .unwrap_or(&text);
    read_number(text)
        .filter(|day| (1..=31).contains(day))
        .ok_or(BirthdayError::Day)
}

/// Month names, each beside its number; several per month where spellings differ.
const MONTHS: [(i8, &[&str]); 12] = [
    (1, &["january", "januar", "jänner", "jaenner"]),
    (2, &["february", "februar", "feber"]),
    (3, &["march", "märz", "maerz", "mrz"]),
    (4, &["april"]),
    (5, &["may", "mai"]),
    (6, &["june", "juni"]),
    (7, &["july", "juli"]),
    (8, &["august"]),
    (9, &["september"]),
    (10, &["october", "oktober"]),
    (11, &["november"]),
    (12, &["december", "dezember"]),
];

fn read_month(text: &str) -> Result<i8, BirthdayError> {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    // A Mac may type "ä" as two characters.
    let text = text.replace("a\u{308}", "ä");
    if let Some(month) = read_number(&text) {
        return Some(month)
            .filter(|m| (1..=12).contains(m))
            .ok_or(BirthdayError::Month);
    }
    let named = |names: &[&str]| names.iter().any(|name| name.starts_with(&*text));
    MONTHS
        .iter()
        .find(|(_, names)| text.chars().count() >= 3 && named(names))
        .map(|(month, _)| *month)
        .ok_or(BirthdayError::Month)
}

fn read_year(text: &str) -> Result<i16, BirthdayError> {
    let text = text.trim().trim_start_matches(['\'', '’']);
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BirthdayError::Year);
    }
    match text.len() {
        2 => Err(BirthdayError::TwoDigitYear),
        4 => text.parse().map_err(|_| BirthdayError::Year),
        _ => Err(BirthdayError::Year),
    }
}

/// Up to four ASCII digits; more would be no day and no month however many zeros lead.
fn read_number(text: &str) -> Option<i8> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl fmt::Debug for Birthday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birthday([hidden])")
    }
}

impl Serialize for Birthday {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Reads what [`Birthday::from_stored`] reads.
impl<'de> Deserialize<'de> for Birthday {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_stored(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
