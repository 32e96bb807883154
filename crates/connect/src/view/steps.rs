//! The steps that ask: one group of questions per page.
//!
//! An `Option` field that is `None` is not asked on that page.

use std::sync::Arc;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::view::Page;
use crate::view::component::{Checkbox, Field, Radios, Remark};
use crate::view::compressed::Packed;
use crate::view::form::{BirthdayInput, CheckInput, Choice, Note, SelectInput, TextInput};
use crate::view::frame::Frame;
use crate::view::problem::Control;
use crate::view::step::{Remarks, Step};

/// `donorProvider`: who the current carrier is.
#[derive(Template)]
#[template(path = "donor_provider.html")]
pub struct DonorProvider {
    /// The frame.
    pub frame: Frame,
    /// The step.
    pub step: Step,
    note: Note,
    radios: Radios,
}

/// `holderDetails`: who the account holder is.
#[derive(Template)]
#[template(path = "holder_details.html")]
pub struct HolderDetails {
    /// The frame.
    pub frame: Frame,
    /// The step.
    pub step: Step,
    /// Control `firstName`.
    pub first_name: Option<TextInput>,
    /// Control `lastName`.
    pub last_name: Option<TextInput>,
    /// Controls `birthday-day`, `birthday-month`, `birthday-year`.
    pub birthday: Option<BirthdayInput>,
}

/// `donorProviderApproval`: the current carrier has agreed.
#[derive(Template)]
#[template(path = "donor_provider_approval.html")]
pub struct DonorProviderApproval {
    /// The frame.
    pub frame: Frame,
    /// The step.
    pub step: Step,
    /// Name of the current carrier, if known.
    pub donor: Option<String>,
    /// Control `donorProviderApproval`.
    pub approval: CheckInput,
}

/// `portProtected` (repair only): lift the lock, then try again with the same data.
#[derive(Template)]
#[template(path = "port_protected.html")]
pub struct PortProtected {
    /// The frame.
    pub frame: Frame,
    /// The step; `repair` is set.
    pub step: Step,
    /// Name of the current carrier, if known.
    pub donor: Option<String>,
    /// What this carrier calls the lock, such as "Number Lock".
    pub lock_name: Option<String>,
    /// How to lift it, one entry per step; empty gives general words.
    pub instructions: Vec<String>,
    /// Control `protectionDisabled`.
    pub confirmation: CheckInput,
}

/// The current carrier's name where a sentence starts, or "Your current carrier".
pub(crate) fn donor_name_first(frame: &Frame, donor: Option<&str>) -> String {
    donor.map_or_else(|| frame.t("donor-unknown-start"), str::to_owned)
}

/// The current carrier's name, or "your current carrier".
pub(crate) fn donor_name(frame: &Frame, donor: Option<&str>) -> String {
    donor.map_or_else(|| frame.t("donor-unknown"), str::to_owned)
}

impl Page for DonorProvider {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The list is much longer than what else is on the page.
    fn common(&self) -> Vec<&Arc<Packed>> {
        self.radios.common().collect()
    }
}

impl DonorProvider {
    /// `donors`: the carriers, sorted by name, without "Other". `not_listed`: the value of "My carrier
    /// is not listed", the id of the shipped service provider "Other".
    pub fn new(frame: Frame, step: Step, donors: SelectInput, not_listed: Option<&str>) -> Self {
        let last = not_listed.map(|id| Choice::new(id, frame.t("donor-not-listed")));
        let radios = Radios::long(&frame, Control::DonorProvider, &donors, last.as_ref());
        Self {
            frame,
            step,
            note: donors.note,
            radios,
        }
    }

    fn title(&self) -> String {
        self.step.title(&self.frame, "donor-provider-title")
    }

    fn remarks(&self) -> Remarks {
        let notes = [(Control::DonorProvider, Some(&self.note))];
        Remarks::collect(&self.frame, &notes)
    }
}

impl HolderDetails {
    fn title(&self) -> String {
        self.step.title(&self.frame, "holder-title")
    }

    fn remarks(&self) -> Remarks {
        let notes = [
            (
                Control::FirstName,
                self.first_name.as_ref().map(|input| &input.note),
            ),
            (
                Control::LastName,
                self.last_name.as_ref().map(|input| &input.note),
            ),
            (
                Control::Birthday,
                self.birthday.as_ref().map(|input| &input.note),
            ),
        ];
        Remarks::collect(&self.frame, &notes)
    }

    fn first_name_field(&self, input: &TextInput) -> Field {
        Field::new(&self.frame, Control::FirstName, input).autocomplete("given-name")
    }

    fn last_name_field(&self, input: &TextInput) -> Field {
        Field::new(&self.frame, Control::LastName, input).autocomplete("family-name")
    }
}

/// The three inputs of the birthday, as one group.
#[derive(Template)]
#[template(path = "part/birthday.html")]
struct Birthday {
    id: &'static str,
    legend: String,
    hint: String,
    remark: Option<Remark>,
    parts: Vec<BirthdayPart>,
}

struct BirthdayPart {
    id: &'static str,
    name: &'static str,
    label: String,
    value: String,
    autocomplete: &'static str,
    /// Not the month: its name is accepted too.
    is_numeric: bool,
}

// It escapes its own contents.
impl HtmlSafe for Birthday {}

impl Birthday {
    fn is_invalid(&self) -> bool {
        self.remark.as_ref().is_some_and(|remark| remark.is_error)
    }
}

impl HolderDetails {
    /// The group's name is the id of its first input, so that the summary's link lands there.
    fn birthday_field(&self, input: &BirthdayInput) -> Birthday {
        let part = |name, autocomplete, key, value: &String| BirthdayPart {
            id: name,
            name,
            label: self.frame.t(key),
            value: value.clone(),
            autocomplete,
            is_numeric: name != "birthday-month",
        };
        let day = part("birthday-day", "bday-day", "birthday-day", &input.day);
        let month = part(
            "birthday-month",
            "bday-month",
            "birthday-month",
            &input.month,
        );
        let year = part("birthday-year", "bday-year", "birthday-year", &input.year);
        let (mut parts, example) = if input.month_first {
            (vec![month, day, year], "3 27 1987")
        } else {
            (vec![day, month, year], "27 3 1987")
        };
        if let Some(first) = parts.first_mut() {
            first.id = Control::Birthday.name();
        }
        Birthday {
            id: Control::Birthday.name(),
            legend: self.frame.t(Control::Birthday.label_key()),
            hint: self.frame.t_one("hint-birthday", "example", example),
            remark: input.note.remark(&self.frame),
            parts,
        }
    }
}

impl DonorProviderApproval {
    fn title(&self) -> String {
        self.step.title(&self.frame, "approval-title")
    }

    fn lead(&self) -> String {
        let donor = donor_name(&self.frame, self.donor.as_deref());
        self.frame.t_one("approval-lead", "donor", &donor)
    }

    fn remarks(&self) -> Remarks {
        let notes = [(Control::DonorProviderApproval, Some(&self.approval.note))];
        Remarks::collect(&self.frame, &notes)
    }

    fn checkbox(&self) -> Checkbox {
        Checkbox::new(&self.frame, Control::DonorProviderApproval, &self.approval)
    }
}

impl PortProtected {
    fn title(&self) -> String {
        self.step.title(&self.frame, "declined-protected-title")
    }

    /// What this carrier calls its lock.
    fn name_of(&self, lock: &str) -> String {
        let donor = donor_name(&self.frame, self.donor.as_deref());
        self.frame.t_with(
            "protected-name",
            &[("donor", donor.into()), ("lock", lock.into())],
        )
    }

    fn instructions(&self) -> Vec<String> {
        if !self.instructions.is_empty() {
            return self.instructions.clone();
        }
        [
            "protected-general-app",
            "protected-general-find",
            "protected-general-call",
        ]
        .map(|key| self.frame.t(key))
        .to_vec()
    }

    fn remarks(&self) -> Remarks {
        let notes = [(Control::ProtectionDisabled, Some(&self.confirmation.note))];
        Remarks::collect(&self.frame, &notes)
    }

    fn checkbox(&self) -> Checkbox {
        Checkbox::new(&self.frame, Control::ProtectionDisabled, &self.confirmation)
    }
}
