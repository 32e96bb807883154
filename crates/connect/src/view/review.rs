//! The page that sends: every answer once more, and the authorization to port.

use askama::Template;

use crate::view::carrier_details::{AccountType, PinKind};
use crate::view::component::Checkbox;
use crate::view::form::CheckInput;
use crate::view::frame::Frame;
use crate::view::problem::Control;
use crate::view::step::{Remarks, Step};
use crate::view::steps::{donor_name, donor_name_first};

/// Version of the authorization's wording. Change it with the wording: it is kept with each
/// authorization, and the form sends back the one that was on the page (`authorization_version`).
pub const AUTHORIZATION_VERSION: &str = "2026-11";

/// `review`: the answers, and the one button that sends the porting.
#[derive(Template)]
#[template(path = "review.html")]
pub struct Review {
    /// The frame.
    pub frame: Frame,
    /// The step; `phone_number` is set.
    pub step: Step,
    /// Name of the current carrier, if known.
    pub donor: Option<String>,
    /// What is sent.
    pub act: Act,
    /// The answers, in the order of the steps.
    pub answers: Vec<Answer>,
    /// A digest of the answers, sent back as `answers`: what is authorized is what was shown.
    pub shown: String,
    /// Control `authorization`.
    pub authorization: CheckInput,
}

/// What a porting does (`behavior`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Act {
    /// The number moves.
    #[default]
    Transfer,
    /// The old line ends and its number is given up (`cancelOnly`, UK).
    CancelOnly,
}

impl Act {
    /// For messages that differ: their `$act`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::CancelOnly => "cancel",
        }
    }
}

/// One answer with its Change link.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was answered.
    pub value: Answered,
    /// Where Change leads; `None` for what is not the subscriber's to change.
    pub change_href: Option<String>,
}

/// The answers a review can show. PINs have no value here; an account number comes masked.
#[derive(Clone, Debug)]
pub enum Answered {
    /// Name of the current carrier.
    DonorProvider(String),
    /// The account number, masked.
    AccountNumber(String),
    /// That the account PIN is saved.
    AccountPin(PinKind),
    /// That the billing PIN is saved.
    BillingPin,
    /// Kind of account.
    AccountType(AccountType),
    /// First and last name.
    HolderName(String),
    /// The birthday, written for people.
    Birthday(String),
    /// The address, one entry per line.
    Address(Vec<String>),
    /// The current carrier has agreed.
    DonorProviderApproval,
}

impl Answered {
    pub(crate) fn label(&self, frame: &Frame) -> String {
        frame.t(match self {
            Self::DonorProvider(_) => "review-donor",
            Self::AccountNumber(_) => "label-account-number",
            Self::AccountPin(kind) => kind.label_key(),
            Self::BillingPin => "label-billing-pin",
            Self::AccountType(_) => "label-account-type",
            Self::HolderName(_) => "review-holder",
            Self::Birthday(_) => "label-birthday",
            Self::Address(_) => "review-address",
            Self::DonorProviderApproval => "review-approval",
        })
    }

    pub(crate) fn lines(&self, frame: &Frame) -> Vec<String> {
        match self {
            Self::DonorProvider(text) | Self::AccountNumber(text) => vec![text.clone()],
            Self::HolderName(text) | Self::Birthday(text) => vec![text.clone()],
            Self::AccountPin(_) | Self::BillingPin => vec![frame.t("saved")],
            Self::AccountType(kind) => vec![frame.t(kind.key())],
            Self::Address(lines) => lines.clone(),
            Self::DonorProviderApproval => vec![frame.t("review-approved")],
        }
    }
}

/// A number that stays on one line.
fn unbroken(number: &str) -> String {
    number.replace(' ', "\u{a0}").replace('-', "\u{2011}")
}

impl Review {
    fn title(&self) -> String {
        self.step.title_of_review(&self.frame)
    }

    fn remarks(&self) -> Remarks {
        let notes = [(Control::Authorization, Some(&self.authorization.note))];
        Remarks::collect(&self.frame, &notes)
    }

    fn donor_label(&self) -> String {
        donor_name_first(&self.frame, self.donor.as_deref())
    }

    fn moves(&self) -> bool {
        self.act == Act::Transfer
    }

    /// The text whose version is [`AUTHORIZATION_VERSION`].
    fn authorization_text(&self) -> String {
        let number = self.step.phone_number.clone();
        let number = number.map(|number| unbroken(&number));
        let number = number.unwrap_or_else(|| self.frame.t("number-unknown"));
        let args = [
            ("act", self.act.name().into()),
            ("number", number.into()),
            (
                "donor",
                donor_name(&self.frame, self.donor.as_deref()).into(),
            ),
        ];
        self.frame.t_with("authorization-text", &args)
    }

    fn button(&self) -> String {
        self.frame.t_one("review-button", "act", self.act.name())
    }

    fn checkbox(&self) -> Checkbox {
        Checkbox::new(&self.frame, Control::Authorization, &self.authorization)
    }
}
