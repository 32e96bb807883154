use std::fmt;

use jiff::civil::Date;

/// How long a carrier's code may be, in characters.
const MAX_CODE: usize = 100;
/// How long a carrier's words may be, in characters.
const MAX_TEXT: usize = 2_000;

/// What kind of thing a carrier said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpdateKind {
    /// It took the request.
    Accepted,
    /// It takes longer. Not an answer.
    Delayed,
    /// The day the number will move is agreed: the firm order commitment.
    Foc,
    /// The donor refused.
    Declined,
    /// The number has moved.
    Completed,
    /// Broken beyond repair.
    Failed,
}

impl UpdateKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Delayed,
        Self::Foc,
        Self::Declined,
        Self::Completed,
        Self::Failed,
    ];

    /// Its name on the wire, on the command line and in the books.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Delayed => "delayed",
            Self::Foc => "foc",
            Self::Declined => "declined",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// The kind of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it ends the attempt: nothing the carrier says after it counts.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Completed | Self::Failed)
    }
}

/// One thing a carrier said. Its words may hold personal data; `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct CarrierUpdate {
    kind: UpdateKind,
    code: Option<String>,
    text: Option<String>,
    date: Option<Date>,
}

/// What is wrong with an update, and with which of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct UpdateError {
    /// `code`, `text` or `date`.
    pub part: &'static str,
    /// What it must be.
    pub rule: &'static str,
}

impl CarrierUpdate {
    /// An update of nothing but its kind.
    ///
    /// # Errors
    /// A kind that needs a date.
    pub fn new(kind: UpdateKind) -> Result<Self, UpdateError> {
        Self::with(kind, None, None, None)
    }

    /// An update with the carrier's own code and words. Only a commitment and a delay have a date,
    /// and the former must have one.
    ///
    /// # Errors
    /// The first part that is wrong.
    pub fn with(
        kind: UpdateKind,
        code: Option<String>,
        text: Option<String>,
        date: Option<Date>,
    ) -> Result<Self, UpdateError> {
        let wrong = |part, rule| Err(UpdateError { part, rule });
        if !code.as_deref().is_none_or(|it| is_told(it, MAX_CODE)) {
            return wrong(
                "code",
                "must have 1 to 100 characters, none of them control characters",
            );
        }
        if !text.as_deref().is_none_or(|it| is_told(it, MAX_TEXT)) {
            return wrong(
                "text",
                "must have 1 to 2000 characters, none of them control characters",
            );
        }
        match (kind, date) {
            (UpdateKind::Foc, None) => wrong("date", "is required: the day the number will move"),
            (UpdateKind::Foc | UpdateKind::Delayed, _) | (_, None) => Ok(Self {
                kind,
                code,
                text,
                date,
            }),
            _ => wrong("date", "is for foc and delayed only"),
        }
    }

    /// What kind of thing it is.
    pub fn kind(&self) -> UpdateKind {
        self.kind
    }

    /// The carrier's own code.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The carrier's own words.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The day the number will move.
    pub fn date(&self) -> Option<Date> {
        self.date
    }
}

fn is_told(text: &str, max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control)
}

impl fmt::Debug for CarrierUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CarrierUpdate({})", self.kind.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(
        kind: UpdateKind,
        code: Option<&str>,
        text: Option<&str>,
        date: Option<&str>,
    ) -> Result<CarrierUpdate, &'static str> {
        let owned = |text: &str| text.to_owned();
        let date = date.map(|date| date.parse().expect("a date"));
        CarrierUpdate::with(kind, code.map(owned), text.map(owned), date)
            .map_err(|error| error.part)
    }

    #[test]
    fn only_a_commitment_and_a_delay_have_a_day() {
        let day = Some("2026-03-09");
        for kind in UpdateKind::ALL {
            let takes = matches!(kind, UpdateKind::Foc | UpdateKind::Delayed);
            assert_eq!(update(kind, None, None, day).is_ok(), takes, "{kind:?}");
            let needs = kind == UpdateKind::Foc;
            assert_eq!(update(kind, None, None, None).is_err(), needs, "{kind:?}");
        }
    }

    #[test]
    fn codes_and_words_are_short_and_printable() {
        use UpdateKind::Declined;
        assert!(
            update(
                Declined,
                Some("8C"),
                Some("Falsche PIN – bitte prüfen"),
                None
            )
            .is_ok()
        );
        let long = "x".repeat(101);
        for code in ["", "  ", "8C\n", &long] {
            assert_eq!(
                update(Declined, Some(code), None, None),
                Err("code"),
                "{code:?}"
            );
        }
        let long = "x".repeat(2_001);
        for text in ["", "\u{7}", &long] {
            assert_eq!(update(Declined, None, Some(text), None), Err("text"));
        }
    }

    #[test]
    fn words_are_not_shown_by_accident() {
        let update = update(UpdateKind::Failed, Some("secret"), Some("words"), None);
        assert_eq!(format!("{update:?}"), "Ok(CarrierUpdate(failed))");
    }
}
