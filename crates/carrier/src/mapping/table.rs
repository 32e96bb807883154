//! The rows, and the tables that ship.

use std::sync::LazyLock;

use portico_domain::decline::DeclineCode;
use serde::Deserialize;

use super::words::Words;
use crate::Kind;

/// What a row says an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A decline, by its code in the contract.
    Declined(DeclineCode),
    /// It takes longer: not a decline.
    Delayed,
    /// The code says nothing; the text may.
    Text,
}

/// A row of a table. At least one of `code` and `text` is set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Row {
    /// The carrier's code, in any case.
    pub code: Option<String>,
    /// A phrase of the carrier's text, as whole words, in any case and with any punctuation.
    pub text: Option<String>,
    /// What it means.
    pub means: Meaning,
    phrase: Words,
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RowError {
    #[error("needs `code`, `text` or both")]
    Empty,
    #[error("`text` must have at least one letter or digit")]
    NoWords,
    #[error(
        "`means` must be a declined code such as portingAccountPinRequiredOrInvalid, or delayed"
    )]
    Meaning,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: Option<String>,
    text: Option<String>,
    means: String,
}

impl Row {
    /// A row, as an operator writes it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(code: Option<String>, text: Option<String>, means: &str) -> Result<Self, RowError> {
        if code.is_none() && text.is_none() {
            return Err(RowError::Empty);
        }
        let phrase = Words::of(text.as_deref().unwrap_or_default());
        if text.is_some() && phrase.is_empty() {
            return Err(RowError::NoWords);
        }
        Ok(Self {
            means: Meaning::parse(means).ok_or(RowError::Meaning)?,
            code,
            text,
            phrase,
        })
    }

    pub(super) fn fits_code(&self, code: Option<&str>) -> bool {
        match (&self.code, code) {
            (Some(own), Some(code)) => own.eq_ignore_ascii_case(code.trim()),
            _ => false,
        }
    }

    pub(super) fn fits_text(&self, words: &Words) -> bool {
        self.text.is_some() && words.contain(&self.phrase)
    }

    pub(super) fn fits_both(&self, code: Option<&str>, words: &Words) -> bool {
        self.fits_code(code) && self.fits_text(words)
    }
}

impl Meaning {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "delayed" => Some(Self::Delayed),
            "text" => Some(Self::Text),
            text => DeclineCode::KNOWN
                .iter()
                .find(|code| code.as_str() == text)
                .map(|code| Self::Declined(code.clone())),
        }
    }

    /// What leads when there are several: what a subscriber can mend, then any decline, then delays.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Declined(code) if code.can_be_repaired() => 0,
            Self::Declined(_) | Self::Text => 1,
            Self::Delayed => 2,
        }
    }
}

impl TryFrom<Written> for Row {
    type Error = RowError;

    fn try_from(written: Written) -> Result<Self, RowError> {
        Self::new(written.code, written.text, &written.means)
    }
}

macro_rules! shipped {
    ($name:literal) => {
        LazyLock::new(|| {
            let text = include_str!(concat!("../../data/declines/", $name, ".json"));
            serde_json::from_str(text).expect("the shipped tables are checked by a test")
        })
    };
}

static TELNYX: LazyLock<Vec<Row>> = shipped!("telnyx");
static HTTP: LazyLock<Vec<Row>> = shipped!("http");
static MANUAL: LazyLock<Vec<Row>> = shipped!("manual");
static INDUSTRY: LazyLock<Vec<Row>> = shipped!("wicis");
static KEYWORDS: LazyLock<Vec<Row>> = shipped!("keywords");

/// The codes of a kind of gateway.
pub(super) fn of(kind: Kind) -> &'static [Row] {
    match kind {
        Kind::Telnyx => &TELNYX,
        Kind::Http => &HTTP,
        Kind::Manual => &MANUAL,
    }
}

/// The codes of the industry.
pub(super) fn industry() -> &'static [Row] {
    &INDUSTRY
}

/// The phrases.
pub(super) fn keywords() -> &'static [Row] {
    &KEYWORDS
}
