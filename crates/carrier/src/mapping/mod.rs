//! What a carrier's answer means: data, looked up in an order.
//!
//! Guarantee: every code and text has a meaning, and none makes the look-up fail. What no row knows
//! is `portingDeclined`, counted and logged, so that somebody adds a row.
//!
//! The order, first match wins; within a step the operator's own rows come first:
//!
//! 1. a row for this code together with a phrase of the text;
//! 2. a row for this code;
//! 3. a response code of the wireless industry (WICIS), or its wireline relative, that is the code or
//!    stands in the text;
//! 4. a phrase of the text;
//! 5. `portingDeclined`.
//!
//! The tables are `data/declines/*.json`: one per gateway, the industry's codes, and the phrases.

mod sentences;
mod table;
mod words;

use jiff::Timestamp;
use portico_domain::decline::DeclineCode;
use portico_metrics::metrics;

pub use sentences::sentence;
pub use table::{Meaning, Row, RowError};
use words::{Words, industry_codes};

use crate::{Answer, Kind, Outcome};

/// The look-up of one carrier. Cheap to keep, and without state.
#[derive(Debug, Clone)]
pub struct Mapper {
    provider: String,
    kind: Kind,
    own: Vec<Row>,
}

/// What an answer was found to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The meaning; never [`Meaning::Text`].
    pub meaning: Meaning,
    /// How it was found.
    pub by: Rule,
}

/// A step of the look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Code and phrase.
    Exact,
    /// The gateway's code.
    Code,
    /// A code of the industry.
    Industry,
    /// A phrase.
    Keyword,
    /// No row knows it: somebody should add one.
    Nothing,
}

/// One reason a carrier gave, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    /// Its code.
    pub code: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// When it says that it said it.
    pub said_at: Option<Timestamp>,
}

impl Mapper {
    /// The look-up of `provider`: the shipped tables of its `kind`, and the operator's own rows.
    pub fn new(provider: &str, kind: Kind, own: Vec<Row>) -> Self {
        let provider = provider.to_owned();
        Self {
            provider,
            kind,
            own,
        }
    }

    /// What `code` and `text` mean.
    pub fn map(&self, code: Option<&str>, text: Option<&str>) -> Mapped {
        let words = Words::of(text.unwrap_or_default());
        let rows = || self.own.iter().chain(table::of(self.kind));
        let exact = || rows().find(|row| row.text.is_some() && row.fits_both(code, &words));
        let by_code = || rows().find(|row| row.text.is_none() && row.fits_code(code));
        let found = exact()
            .map(|row| (row, Rule::Exact))
            .or_else(|| by_code().map(|row| (row, Rule::Code)));
        match found {
            Some((row, by)) if row.means != Meaning::Text => Mapped {
                meaning: row.means.clone(),
                by,
            },
            found => {
                let known = found.map_or(Rule::Nothing, |(_, by)| by);
                self.by_text(code, text.unwrap_or_default(), &words)
                    .unwrap_or(Mapped {
                        meaning: Meaning::Declined(DeclineCode::Declined),
                        by: known,
                    })
            }
        }
    }

    fn by_text(&self, code: Option<&str>, text: &str, words: &Words) -> Option<Mapped> {
        let by_industry = |meaning| Mapped {
            meaning,
            by: Rule::Industry,
        };
        // Some of them say only that the words beside them count.
        let (leads, others): (Vec<_>, Vec<_>) = industry_codes(code, text)
            .filter_map(|code| industry_row(&code, words))
            .partition(|meaning| **meaning != Meaning::Text);
        if let Some(meaning) = leads.into_iter().min_by_key(|meaning| meaning.rank()) {
            return Some(by_industry(meaning.clone()));
        }
        let own = self.own.iter().filter(|row| row.code.is_none());
        let mut phrases = own.chain(table::keywords());
        let found = phrases.find(|row| row.fits_text(words));
        let by_keyword = found.map(|row| Mapped {
            meaning: row.means.clone(),
            by: Rule::Keyword,
        });
        let is_known = !others.is_empty();
        by_keyword
            .or_else(|| is_known.then(|| by_industry(Meaning::Declined(DeclineCode::Declined))))
    }

    /// The answers that reasons for a refusal make: the first that a subscriber can repair leads, delays
    /// come last, and all are kept. An empty list is a refusal without a reason.
    pub fn answers(&self, reasons: &[Reason]) -> Vec<Answer> {
        let nothing = [Reason::default()];
        let reasons = if reasons.is_empty() {
            &nothing
        } else {
            reasons
        };
        let mut mapped: Vec<_> = reasons
            .iter()
            .map(|reason| (self.map_and_count(reason), reason))
            .collect();
        mapped.sort_by_key(|(meaning, _)| meaning.rank());
        mapped
            .into_iter()
            .map(|(meaning, reason)| Answer {
                outcome: outcome(meaning),
                said_at: reason.said_at,
                raw_code: reason.code.clone(),
                raw_text: reason.text.clone(),
            })
            .collect()
    }

    fn map_and_count(&self, reason: &Reason) -> Meaning {
        let mapped = self.map(reason.code.as_deref(), reason.text.as_deref());
        if mapped.by == Rule::Nothing {
            metrics().gateways.unmapped(&self.provider);
            // The text may be about a person, and so may be what only looks like a code.
            let code = reason.code.as_deref().filter(|code| is_code(code));
            let provider = self.provider.as_str();
            tracing::warn!(
                provider,
                code,
                "no row of the decline mapping knows this answer; it counts as portingDeclined"
            );
        }
        mapped.meaning
    }
}

fn industry_row(code: &str, words: &Words) -> Option<&'static Meaning> {
    let rows = || {
        table::industry()
            .iter()
            .filter(|row| row.fits_code(Some(code)))
    };
    let with_phrase = rows().find(|row| row.text.is_some() && row.fits_text(words));
    let found = with_phrase.or_else(|| rows().find(|row| row.text.is_none()))?;
    Some(&found.means)
}

fn outcome(meaning: Meaning) -> Outcome {
    match meaning {
        Meaning::Delayed => Outcome::Delayed,
        Meaning::Declined(code) => {
            let message = sentence(&code).to_owned();
            Outcome::Declined { code, message }
        }
        Meaning::Text => Outcome::Declined {
            code: DeclineCode::Declined,
            message: sentence(&DeclineCode::Declined).to_owned(),
        },
    }
}

/// Whether a text is what a program calls a code: nothing in it can be a name or an address.
fn is_code(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-.".contains(c);
    (1..=40).contains(&text.len())
        && text.chars().all(is_part)
        && text.chars().filter(char::is_ascii_digit).count() <= 5
}

#[cfg(test)]
mod tests;
