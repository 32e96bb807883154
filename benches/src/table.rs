//! The rows, and how they are printed.

use serde_json::{Value as Json, json};

use crate::rounds::Rounds;

/// Whether a figure has to be at least or at most what is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// More is better.
    AtLeast,
    /// Less is better.
    AtMost,
}

/// A figure that something is asked of.
#[derive(Clone)]
pub struct Row {
    /// The row of the specification.
    pub number: u8,
    /// What was measured.
    pub what: String,
    /// Which way is better.
    pub sense: Sense,
    /// What it must reach.
    pub must: Option<f64>,
    /// What it should reach.
    pub goal: Option<f64>,
    /// What it came to.
    pub measured: f64,
    /// What the figures are counted in; empty for a ratio.
    pub unit: &'static str,
    /// What it is held against, in words.
    pub ceiling: String,
    /// What the product did, in words.
    pub subject: String,
    /// Every round.
    pub rounds: Json,
    /// How far the rounds' ratios lie apart, as a share.
    pub spread: Option<f64>,
}

impl Row {
    /// A row without a ceiling.
    pub fn new(number: u8, what: &str, sense: Sense, asked: (f64, f64), measured: f64) -> Self {
        Self {
            number,
            what: what.to_owned(),
            sense,
            must: Some(asked.0),
            goal: Some(asked.1),
            measured,
            unit: "",
            ceiling: String::new(),
            subject: String::new(),
            rounds: Json::Null,
            spread: None,
        }
    }

    /// A figure that is told and nothing is asked of.
    pub fn told(number: u8, what: &str, measured: f64) -> Self {
        let row = Self::new(number, what, Sense::AtMost, (0.0, 0.0), measured);
        Self {
            must: None,
            goal: None,
            ..row
        }
    }

    /// What an operation costs in all processes together, beside what one of its ceiling costs.
    pub fn processor(number: u8, rounds: &Rounds, (ours, ceiling): (&str, &str)) -> Self {
        Self::processor_times(number, rounds.cpu(ours), rounds.cpu(ceiling))
    }

    /// The same of two times in microseconds.
    pub fn processor_times(number: u8, ours: f64, theirs: f64) -> Self {
        let micros = |each| format!("{} µs", figure(each));
        let what = "its ceiling's processor time, of its own";
        Self::told(number, what, theirs / ours).against(micros(theirs), micros(ours))
    }

    /// What the figures are counted in.
    pub fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// What it is held against, and what the product did.
    pub fn against(self, ceiling: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            ceiling: ceiling.into(),
            subject: subject.into(),
            ..self
        }
    }

    /// Every round, and how far their ratios lie apart.
    pub fn rounds(self, rounds: Json, spread: f64) -> Self {
        Self {
            rounds,
            spread: Some(spread),
            ..self
        }
    }

    /// Whether the figure is as good as that.
    pub fn reaches(&self, asked: f64) -> bool {
        match self.sense {
            Sense::AtLeast => self.measured >= asked,
            Sense::AtMost => self.measured <= asked,
        }
    }

    /// `goal`, `yes` or `no`; a dash where nothing is asked.
    pub fn met(&self) -> &'static str {
        match (self.must, self.goal) {
            (_, Some(goal)) if self.reaches(goal) => "goal",
            (Some(must), _) if self.reaches(must) => "yes",
            (Some(_), _) => "**no**",
            _ => "—",
        }
    }

    /// How many times as good as it must be a figure is.
    pub fn score(&self, value: f64) -> f64 {
        let must = self.must.unwrap_or(value);
        match self.sense {
            _ if value == must => 1.0,
            Sense::AtLeast => value / must,
            Sense::AtMost => must / value,
        }
    }

    /// What is asked, with its sign.
    pub fn asked(&self, asked: Option<f64>) -> String {
        let Some(asked) = asked else {
            return "—".to_owned();
        };
        let sign = if self.sense == Sense::AtLeast {
            "≥"
        } else {
            "≤"
        };
        format!("{sign} {}", self.with_unit(asked))
    }

    /// A figure in the row's unit.
    pub fn with_unit(&self, value: f64) -> String {
        let space = if self.unit.is_empty() { "" } else { " " };
        format!("{}{space}{}", figure(value), self.unit)
    }

    fn line(&self) -> String {
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            self.number,
            self.what,
            self.asked(self.must),
            self.asked(self.goal),
            self.with_unit(self.measured),
            or_dash(&self.ceiling),
            or_dash(&self.subject),
            self.met(),
        )
    }

    /// Everything, for programs.
    pub fn json(&self) -> Json {
        json!({
            "row": self.number,
            "what": self.what,
            "sense": if self.sense == Sense::AtLeast { "atLeast" } else { "atMost" },
            "must": self.must,
            "goal": self.goal,
            "measured": self.measured,
            "unit": self.unit,
            "ceiling": self.ceiling,
            "subject": self.subject,
            "met": self.met().trim_matches('*'),
            "spread": self.spread,
            "rounds": self.rounds,
        })
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}

/// A figure with three digits that matter.
pub fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => thousands(value.round()),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A whole number with commas.
pub fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many of the rows that something is asked of reach it.
pub fn musts(rows: &[Row]) -> String {
    let asked = rows.iter().filter_map(|row| Some(row.reaches(row.must?)));
    let all: Vec<_> = asked.collect();
    let met = all.iter().filter(|met| **met).count();
    format!("{met} of {} musts met", all.len())
}

/// The table, in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut lines = vec![
        "| # | what | must | goal | measured | ceiling or peer | Portico | met |".to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    lines.extend(rows.iter().map(Row::line));
    lines.join("\n")
}
