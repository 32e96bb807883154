//! The parts that forms are made of. Pages make them from the public structs of
//! [`crate::view::form`]; each renders its own piece of HTML, and templates insert them unescaped.

use std::sync::Arc;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::view::compressed::Packed;
use crate::view::form::{CheckInput, Choice, Saved, SelectInput, TextInput};
use crate::view::frame::Frame;
use crate::view::options;
use crate::view::problem::Control;
use crate::view::written::Part;

/// The words at a control.
pub(crate) struct Remark {
    pub is_error: bool,
    pub text: String,
}

/// A labelled text control.
#[derive(Template)]
#[template(path = "part/field.html")]
pub(crate) struct Field {
    id: &'static str,
    label: String,
    hint: Option<String>,
    dial: Option<(String, String)>,
    value: String,
    remark: Option<Remark>,
    autocomplete: &'static str,
    is_numeric: bool,
    is_short: bool,
    is_code: bool,
    /// Words of the button that hides and shows, if there is one.
    peek: Option<(String, String)>,
    saved: Option<SavedWords>,
}

/// What stands in place of a control whose value is stored.
struct SavedWords {
    text: String,
    masked: Option<String>,
    change: String,
    change_href: String,
}

/// A labelled list to choose from.
#[derive(Template)]
#[template(path = "part/select.html")]
pub(crate) struct Select {
    id: &'static str,
    label: String,
    prompt: String,
    choices: Vec<Choice>,
    selected: Option<String>,
    remark: Option<Remark>,
    autocomplete: &'static str,
}

/// A group of options, all in sight.
#[derive(Template)]
#[template(path = "part/radios.html")]
pub(crate) struct Radios {
    id: &'static str,
    legend: String,
    options: Vec<Part>,
    last: Option<String>,
    remark: Option<Remark>,
    /// A long list in a box of its own, which the script can search.
    searchable: bool,
    search: String,
    none_found: String,
}

/// A checkbox with its statement.
#[derive(Template)]
#[template(path = "part/checkbox.html")]
pub(crate) struct Checkbox {
    id: &'static str,
    label: String,
    is_checked: bool,
    remark: Option<Remark>,
}

// Each escapes its own contents.
impl HtmlSafe for Field {}
impl HtmlSafe for Select {}
impl HtmlSafe for Radios {}
impl HtmlSafe for Checkbox {}

impl Field {
    pub(crate) fn new(frame: &Frame, control: Control, input: &TextInput) -> Self {
        Self {
            id: control.name(),
            label: frame.t(control.label_key()),
            hint: None,
            dial: None,
            value: input.value.clone(),
            remark: input.note.remark(frame),
            autocomplete: "off",
            is_numeric: false,
            is_short: false,
            is_code: false,
            peek: None,
            saved: None,
        }
    }

    pub(crate) fn label(mut self, label: String) -> Self {
        self.label = label;
        self
    }

    pub(crate) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    pub(crate) fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    pub(crate) fn numeric(mut self, is_numeric: bool) -> Self {
        self.is_numeric = is_numeric;
        self
    }

    pub(crate) fn short(mut self) -> Self {
        self.is_short = true;
        self
    }

    /// A number or code that is copied letter by letter: no spelling help, even figures.
    pub(crate) fn code(mut self) -> Self {
        self.is_code = true;
        self
    }

    /// A code that the script can hide from people looking on.
    pub(crate) fn secret(mut self, frame: &Frame) -> Self {
        self.peek = Some((frame.t("action-hide"), frame.t("action-show")));
        self
    }

    /// A link that dials a service code; `*` and `#` are escaped as telephone addresses need it.
    pub(crate) fn dial(mut self, frame: &Frame, code: Option<&str>) -> Self {
        self.dial = code.map(|code| {
            let href = format!("tel:{}", code.replace('#', "%23"));
            (href, frame.t_one("action-dial", "code", code))
        });
        self
    }

    pub(crate) fn saved(mut self, frame: &Frame, saved: Option<&Saved>) -> Self {
        self.saved = saved.map(|saved| SavedWords {
            text: frame.t("saved"),
            masked: saved.masked.clone(),
            change: frame.t("action-change"),
            change_href: saved.change_href.clone(),
        });
        self
    }

    fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let remark = self.remark.as_ref().map(|_| format!("{}-remark", self.id));
        hint.into_iter().chain(remark).collect::<Vec<_>>().join(" ")
    }

    fn is_invalid(&self) -> bool {
        is_error(self.remark.as_ref())
    }
}

impl Select {
    pub(crate) fn new(frame: &Frame, control: Control, input: &SelectInput) -> Self {
        Self {
            id: control.name(),
            label: frame.t(control.label_key()),
            prompt: frame.t("choose"),
            choices: input.choices.clone(),
            selected: input.selected.clone(),
            remark: input.note.remark(frame),
            autocomplete: "off",
        }
    }

    pub(crate) fn label(mut self, label: String) -> Self {
        self.label = label;
        self
    }

    pub(crate) fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    fn is_selected(&self, choice: &Choice) -> bool {
        self.selected.as_deref() == Some(choice.value.as_str())
    }

    fn is_invalid(&self) -> bool {
        is_error(self.remark.as_ref())
    }
}

impl Radios {
    pub(crate) fn new(frame: &Frame, control: Control, input: &SelectInput) -> Self {
        Self::of(frame, control, input, options::short(control.name(), input))
    }

    /// A list that the script can search, the same for everybody, and the option that stays when a
    /// search finds nothing.
    pub(crate) fn long(
        frame: &Frame,
        control: Control,
        input: &SelectInput,
        last: Option<&Choice>,
    ) -> Self {
        let id = control.name();
        Self {
            last: last.map(|choice| options::last(id, choice, input)),
            searchable: true,
            ..Self::of(frame, control, input, options::long(id, input))
        }
    }

    fn of(frame: &Frame, control: Control, input: &SelectInput, options: Vec<Part>) -> Self {
        Self {
            id: control.name(),
            legend: frame.t(control.label_key()),
            options,
            last: None,
            remark: input.note.remark(frame),
            searchable: false,
            search: frame.t("donor-search"),
            none_found: frame.t("donor-none-found"),
        }
    }

    /// What many pages have in common of it.
    pub(crate) fn common(&self) -> impl Iterator<Item = &Arc<Packed>> {
        self.options.iter().filter_map(|part| match part {
            Part::Own(_) => None,
            Part::Common(packed) => Some(packed),
        })
    }

    fn is_invalid(&self) -> bool {
        is_error(self.remark.as_ref())
    }
}

impl Checkbox {
    pub(crate) fn new(frame: &Frame, control: Control, input: &CheckInput) -> Self {
        Self {
            id: control.name(),
            label: frame.t(control.label_key()),
            is_checked: input.checked,
            remark: input.note.remark(frame),
        }
    }

    fn is_invalid(&self) -> bool {
        is_error(self.remark.as_ref())
    }
}

fn is_error(remark: Option<&Remark>) -> bool {
    remark.is_some_and(|remark| remark.is_error)
}
