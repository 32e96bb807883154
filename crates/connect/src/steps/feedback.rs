use std::collections::HashMap;

use axum::http::StatusCode;
use portico_domain::{
    account::SwitchingCodeError,
    date_input::BirthdayError,
    playbook::ShapeWarning,
    secret_text::{CodeError, MAX_CODE, MAX_NAME, PersonNameError},
};

use crate::{
    site::Form,
    view::{Control, Note, Problem, TextInput},
};

/// What is said about the answers of one form, and what was typed where it was not taken.
#[derive(Default)]
pub struct Feedback {
    notes: HashMap<Control, Note>,
    typed: HashMap<Control, String>,
}

impl Feedback {
    /// An answer was not taken.
    pub fn error(&mut self, control: Control, problem: Problem) {
        self.notes.insert(control, Note::Error(problem));
    }

    /// An answer was taken but looks wrong; said once. `form` may say that it was said before.
    pub fn doubt(&mut self, control: Control, problem: Problem, form: &Form) {
        if !form.confirms(problem.code()) {
            self.notes.entry(control).or_insert(Note::Warning(problem));
        }
    }

    /// Keeps what was typed, to show it again. Never called for a PIN.
    pub fn typed(&mut self, control: Control, text: &str) {
        self.typed.insert(control, text.to_owned());
    }

    /// What is said at a control.
    pub fn note(&self, control: Control) -> Note {
        self.notes.get(&control).cloned().unwrap_or_default()
    }

    /// What was typed in a control, else `stored`.
    pub fn value(&self, control: Control, stored: impl FnOnce() -> String) -> String {
        self.typed.get(&control).cloned().unwrap_or_else(stored)
    }

    /// A text control.
    pub fn input(&self, control: Control, stored: impl FnOnce() -> String) -> TextInput {
        TextInput {
            value: self.value(control, stored),
            note: self.note(control),
        }
    }

    /// Whether the answer in a control was not taken.
    pub fn is_error(&self, control: Control) -> bool {
        matches!(self.notes.get(&control), Some(Note::Error(_)))
    }

    /// Whether there is nothing to say.
    pub fn is_clean(&self) -> bool {
        self.notes.is_empty()
    }

    /// The status of a page that says it.
    pub fn status(&self) -> StatusCode {
        let has_error = self
            .notes
            .values()
            .any(|note| matches!(note, Note::Error(_)));
        if has_error {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }
}

/// What is wrong with an account number or PIN.
pub fn code_problem(control: Control, error: CodeError) -> Problem {
    match error {
        CodeError::Empty => Problem::Missing(control),
        CodeError::TooLong => Problem::TooLong {
            control,
            max: count(MAX_CODE),
        },
        CodeError::Unprintable | CodeError::OtherCharacter => Problem::Characters(control),
    }
}

/// What is wrong with a PAC or STAC.
pub fn switching_problem(error: SwitchingCodeError) -> Problem {
    match error {
        SwitchingCodeError::Text(error) => code_problem(Control::AccountPin, error),
        SwitchingCodeError::NotPac | SwitchingCodeError::StacForPac => Problem::PacShape,
        SwitchingCodeError::NotStac | SwitchingCodeError::PacForStac => Problem::StacShape,
    }
}

/// What is wrong with a name.
pub fn name_problem(control: Control, error: PersonNameError) -> Problem {
    match error {
        PersonNameError::Empty => Problem::Missing(control),
        PersonNameError::TooLong => Problem::TooLong {
            control,
            max: count(MAX_NAME),
        },
        PersonNameError::Unprintable | PersonNameError::OtherCharacter => {
            Problem::Characters(control)
        }
        PersonNameError::NoLetter => Problem::Invalid(control),
    }
}

/// What is wrong with a birthday.
pub fn birthday_problem(error: BirthdayError) -> Problem {
    match error {
        BirthdayError::TwoDigitYear => Problem::BirthdayYear,
        BirthdayError::Future => Problem::BirthdayFuture,
        BirthdayError::TooLongAgo => Problem::BirthdayTooLongAgo,
        BirthdayError::Missing(_) => Problem::Missing(Control::Birthday),
        BirthdayError::NotIso
        | BirthdayError::Day
        | BirthdayError::Month
        | BirthdayError::Year
        | BirthdayError::NoSuchDate => Problem::Invalid(Control::Birthday),
    }
}

/// A doubt about the shape of a number or PIN.
pub fn shape_problem(warning: ShapeWarning) -> (Control, Problem) {
    let digits = |lengths: Vec<u8>| lengths.into_iter().map(u32::from).collect();
    match warning {
        ShapeWarning::PinNotDigits { expected } | ShapeWarning::PinLength { expected, .. } => (
            Control::AccountPin,
            Problem::PinLength {
                expected: digits(expected.to_vec()),
            },
        ),
        ShapeWarning::AccountNumberIsPhoneNumber => {
            (Control::AccountNumber, Problem::AccountNumberIsPhoneNumber)
        }
        ShapeWarning::AccountNumberNotDigits { expected }
        | ShapeWarning::AccountNumberLength { expected, .. } => {
            let expected = digits(expected.to_vec());
            (
                Control::AccountNumber,
                Problem::AccountNumberLength { expected },
            )
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
