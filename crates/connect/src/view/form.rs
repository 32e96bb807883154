//! What a form shows: values, remarks at a control, and choices.

use crate::view::problem::Problem;

/// What is said at a control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Note {
    /// Nothing.
    #[default]
    None,
    /// The value was not accepted.
    Error(Problem),
    /// The value looks wrong but may be right: sending the same form again accepts it, because the
    /// form then carries the warning's [`Problem::code`] in `confirm_warnings`.
    Warning(Problem),
}

/// A text control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextInput {
    /// What stands in it: what was typed, saved, or suggested. Always empty for a PIN.
    pub value: String,
    /// What is said at it.
    pub note: Note,
}

impl TextInput {
    /// A control with a value and nothing said.
    pub fn with_value(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            note: Note::None,
        }
    }
}

/// A control whose value is masked once it is stored: account number and PINs.
///
/// While `saved` is set the control itself is not on the page: "saved" and a Change link are, so a
/// blank field cannot erase what is stored. The Change link leads to the same step with
/// `saved: None`; it needs no script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretInput {
    /// Set when a value is stored and Change was not asked for.
    pub saved: Option<Saved>,
    /// The control and what is said at it; `value` is never a PIN.
    pub input: TextInput,
}

/// A stored value that is not shown in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The masked value (`••••1234`); `None` shows the word "Saved" alone, as for a PIN.
    pub masked: Option<String>,
    /// Where Change leads.
    pub change_href: String,
}

/// One option of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value that is sent.
    pub value: String,
    /// The words that are shown.
    pub label: String,
}

impl Choice {
    /// An option.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// One of several options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectInput {
    /// The options, in the order shown.
    pub choices: Vec<Choice>,
    /// The value of the selected one.
    pub selected: Option<String>,
    /// What is said at it.
    pub note: Note,
}

/// A checkbox with the value `true`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckInput {
    /// Whether it is ticked.
    pub checked: bool,
    /// What is said at it.
    pub note: Note,
}

/// The birthday as three controls `birthday-day`, `birthday-month`, `birthday-year`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BirthdayInput {
    /// The day as typed or saved.
    pub day: String,
    /// The month as typed or saved; a number or a name.
    pub month: String,
    /// The year as typed or saved.
    pub year: String,
    /// Month first, as in the United States.
    pub month_first: bool,
    /// What is said at the group.
    pub note: Note,
}
