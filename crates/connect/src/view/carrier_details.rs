//! The step that asks for account number and PINs.

use askama::Template;

use crate::view::component::{Field, Radios};
use crate::view::form::{Choice, Note, SecretInput, SelectInput};
use crate::view::frame::Frame;
use crate::view::problem::{Control, Problem};
use crate::view::step::{Remarks, Step};
use crate::view::steps::donor_name;

/// `carrierDetails`: account number and PINs.
#[derive(Template)]
#[template(path = "carrier_details.html")]
pub struct CarrierDetails {
    /// The frame.
    pub frame: Frame,
    /// The step.
    pub step: Step,
    /// Name of the current carrier, if known.
    pub donor: Option<String>,
    /// Control `accountNumber`.
    pub account_number: Option<AccountNumber>,
    /// Control `accountPin`.
    pub account_pin: Option<Pin>,
    /// Control `billingPin`.
    pub billing_pin: Option<Pin>,
    /// Control `accountType`, radios valued with the names of [`AccountType`].
    pub account_type: Option<AccountTypeInput>,
    /// A lock that this carrier may have on the number, and how to lift it.
    pub lock_note: Option<String>,
}

/// The account number and where to find it.
#[derive(Clone, Debug, Default)]
pub struct AccountNumber {
    /// Value, or "saved".
    pub input: SecretInput,
    /// Where this carrier shows it; `None` gives general words.
    pub help: Option<String>,
    /// Digits only at this carrier: phones show the number keys.
    pub numeric: bool,
}

/// A PIN and how to get it.
#[derive(Clone, Debug, Default)]
pub struct Pin {
    /// What kind it is; decides the words.
    pub kind: PinKind,
    /// "Saved", or the empty control.
    pub input: SecretInput,
    /// How to get it from this carrier; `None` gives general words.
    pub help: Option<String>,
    /// A code to dial for it, such as `*7678`; shown as a link that dials.
    pub dial: Option<String>,
    /// Digits only at this carrier: phones show the number keys.
    pub numeric: bool,
}

/// The kinds of PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinKind {
    /// Transfer PIN or account PIN (US and general).
    #[default]
    TransferPin,
    /// PAC: move the number (UK).
    Pac,
    /// STAC: end the line, give up the number (UK).
    Stac,
    /// PIN of the bill.
    BillingPin,
}

/// The kind of account at the current carrier.
#[derive(Clone, Debug, Default)]
pub struct AccountTypeInput {
    /// The chosen one.
    pub selected: Option<AccountType>,
    /// What is said at it.
    pub note: Note,
}

/// Kinds of account, in the order shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountType {
    /// `postpaidSingle`: a monthly bill, one line.
    PostpaidSingle,
    /// `postpaidMulti`: a monthly bill, several lines.
    PostpaidMulti,
    /// `prepaidRegistered`: paid in advance, name known to the carrier.
    PrepaidRegistered,
    /// `prepaidUnregistered`: paid in advance, name not known to the carrier.
    PrepaidUnregistered,
}

impl AccountType {
    /// In the order shown.
    const ALL: [Self; 4] = [
        Self::PostpaidSingle,
        Self::PostpaidMulti,
        Self::PrepaidRegistered,
        Self::PrepaidUnregistered,
    ];

    /// The value in the form and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::PostpaidSingle => "postpaidSingle",
            Self::PostpaidMulti => "postpaidMulti",
            Self::PrepaidRegistered => "prepaidRegistered",
            Self::PrepaidUnregistered => "prepaidUnregistered",
        }
    }

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::PostpaidSingle => "account-type-postpaid-single",
            Self::PostpaidMulti => "account-type-postpaid-multi",
            Self::PrepaidRegistered => "account-type-prepaid-registered",
            Self::PrepaidUnregistered => "account-type-prepaid-unregistered",
        }
    }
}

impl PinKind {
    pub(crate) fn label_key(self) -> &'static str {
        match self {
            Self::TransferPin => "label-account-pin",
            Self::Pac => "label-pac",
            Self::Stac => "label-stac",
            Self::BillingPin => "label-billing-pin",
        }
    }

    fn help_key(self) -> &'static str {
        match self {
            Self::TransferPin => "help-account-pin",
            Self::Pac => "help-pac",
            Self::Stac => "help-stac",
            Self::BillingPin => "help-billing-pin",
        }
    }

    /// A missing code is asked for by its own name and shape.
    fn in_words(self, note: &Note) -> Note {
        match (self, note) {
            (Self::Pac, Note::Error(Problem::Missing(_))) => Note::Error(Problem::PacShape),
            (Self::Stac, Note::Error(Problem::Missing(_))) => Note::Error(Problem::StacShape),
            _ => note.clone(),
        }
    }
}

impl CarrierDetails {
    fn title(&self) -> String {
        let only_pin = self.account_number.is_none() && self.billing_pin.is_none();
        let key = match self.account_pin.as_ref().map(|pin| pin.kind) {
            Some(PinKind::Pac) if only_pin => "carrier-title-pac",
            Some(PinKind::Stac) if only_pin => "carrier-title-stac",
            _ => "carrier-title",
        };
        self.step.title(&self.frame, key)
    }

    fn lead(&self) -> String {
        let donor = donor_name(&self.frame, self.donor.as_deref());
        let key = match self.account_pin.as_ref().map(|pin| pin.kind) {
            Some(PinKind::Pac) => "carrier-lead-pac",
            Some(PinKind::Stac) => "carrier-lead-stac",
            _ => "carrier-lead",
        };
        self.frame.t_one(key, "donor", &donor)
    }

    fn remarks(&self) -> Remarks {
        let pin = self
            .account_pin
            .as_ref()
            .map(|pin| pin.kind.in_words(&pin.input.input.note));
        let billing = self.billing_pin.as_ref().map(|pin| &pin.input.input.note);
        let notes = [
            (
                Control::AccountNumber,
                self.account_number.as_ref().map(|n| &n.input.input.note),
            ),
            (Control::AccountPin, pin.as_ref()),
            (Control::BillingPin, billing),
            (
                Control::AccountType,
                self.account_type.as_ref().map(|input| &input.note),
            ),
        ];
        Remarks::collect(&self.frame, &notes)
    }

    fn number_field(&self, number: &AccountNumber) -> Field {
        let help = number.help.clone();
        Field::new(&self.frame, Control::AccountNumber, &number.input.input)
            .hint(Some(
                help.unwrap_or_else(|| self.frame.t("help-account-number")),
            ))
            .numeric(number.numeric)
            .saved(&self.frame, number.input.saved.as_ref())
            .code()
    }

    fn account_pin_field(&self, pin: &Pin) -> Field {
        self.pin_field(Control::AccountPin, pin)
    }

    fn billing_pin_field(&self, pin: &Pin) -> Field {
        self.pin_field(Control::BillingPin, pin)
    }

    fn pin_field(&self, control: Control, pin: &Pin) -> Field {
        let mut input = pin.input.input.clone();
        input.note = pin.kind.in_words(&input.note);
        // Whatever the caller put there: a PIN is never sent back to the browser.
        input.value.clear();
        let help = pin
            .help
            .clone()
            .unwrap_or_else(|| self.frame.t(pin.kind.help_key()));
        Field::new(&self.frame, control, &input)
            .label(self.frame.t(pin.kind.label_key()))
            .hint(Some(help))
            .dial(&self.frame, pin.dial.as_deref())
            .numeric(pin.numeric)
            .saved(&self.frame, pin.input.saved.as_ref())
            .code()
            .secret(&self.frame)
    }

    fn account_types(&self, input: &AccountTypeInput) -> Radios {
        let choice = |kind: AccountType| Choice::new(kind.name(), self.frame.t(kind.key()));
        let select = SelectInput {
            choices: AccountType::ALL.into_iter().map(choice).collect(),
            selected: input.selected.map(|kind| kind.name().to_owned()),
            note: input.note.clone(),
        };
        Radios::new(&self.frame, Control::AccountType, &select)
    }
}
