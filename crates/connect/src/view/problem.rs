//! What can be wrong with an answer, and the words for it.
//!
//! Every message says how to fix it and blames nobody. The same words stand in the summary at the
//! top and at the control.

use fluent_bundle::FluentValue;

use crate::view::frame::Frame;

/// A control of the flow; its name is the name in the form and the property in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// `donorProvider`
    DonorProvider,
    /// `accountNumber`
    AccountNumber,
    /// `accountPin`
    AccountPin,
    /// `billingPin`
    BillingPin,
    /// `accountType`
    AccountType,
    /// `firstName`
    FirstName,
    /// `lastName`
    LastName,
    /// `birthday`, three inputs
    Birthday,
    /// `line1`
    Line1,
    /// `line2`
    Line2,
    /// `city`
    City,
    /// `state`
    State,
    /// `postalCode`
    PostalCode,
    /// `country`
    Country,
    /// `donorProviderApproval`
    DonorProviderApproval,
    /// `authorization`
    Authorization,
    /// `protectionDisabled`
    ProtectionDisabled,
}

/// What is wrong with the answer in one control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was given.
    Missing(Control),
    /// It cannot be what is asked for (not in the list, no such date, not a postal code).
    Invalid(Control),
    /// It holds a character that cannot be in it.
    Characters(Control),
    /// It is longer than `max` characters.
    TooLong {
        /// Where.
        control: Control,
        /// The longest that is accepted.
        max: u32,
    },
    /// It is exactly what the current carrier refused before.
    SameAsRejected(Control),
    /// A PAC is three letters and six digits (UK).
    PacShape,
    /// A STAC is six digits and three letters (UK).
    StacShape,
    /// A ZIP code has five digits, or nine (US).
    ZipCodeShape,
    /// A year of two digits.
    BirthdayYear,
    /// A birthday that is still to come.
    BirthdayFuture,
    /// A birthday longer ago than anybody's.
    BirthdayTooLongAgo,
    /// Warning: this carrier's PINs have another length.
    PinLength {
        /// The lengths this carrier uses, in digits.
        expected: Vec<u32>,
    },
    /// Warning: this carrier's account numbers have another length.
    AccountNumberLength {
        /// The lengths this carrier uses, in digits.
        expected: Vec<u32>,
    },
    /// Warning: the phone number was given as the account number.
    AccountNumberIsPhoneNumber,
}

impl Control {
    /// The name in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::DonorProvider => "donorProvider",
            Self::AccountNumber => "accountNumber",
            Self::AccountPin => "accountPin",
            Self::BillingPin => "billingPin",
            Self::AccountType => "accountType",
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
            Self::Birthday => "birthday",
            Self::Line1 => "line1",
            Self::Line2 => "line2",
            Self::City => "city",
            Self::State => "state",
            Self::PostalCode => "postalCode",
            Self::Country => "country",
            Self::DonorProviderApproval => "donorProviderApproval",
            Self::Authorization => "authorization",
            Self::ProtectionDisabled => "protectionDisabled",
        }
    }

    /// The key of its label.
    pub(crate) fn label_key(self) -> &'static str {
        match self {
            Self::DonorProvider => "label-donor-provider",
            Self::AccountNumber => "label-account-number",
            Self::AccountPin => "label-account-pin",
            Self::BillingPin => "label-billing-pin",
            Self::AccountType => "label-account-type",
            Self::FirstName => "label-first-name",
            Self::LastName => "label-last-name",
            Self::Birthday => "label-birthday",
            Self::Line1 => "label-line1",
            Self::Line2 => "label-line2",
            Self::City => "label-city",
            Self::State => "label-state",
            Self::PostalCode => "label-postal-code",
            Self::Country => "label-country",
            Self::DonorProviderApproval => "label-donor-provider-approval",
            Self::Authorization => "label-authorization",
            Self::ProtectionDisabled => "label-protection-disabled",
        }
    }

    fn missing_key(self) -> &'static str {
        match self {
            Self::DonorProvider => "missing-donor-provider",
            Self::AccountNumber => "missing-account-number",
            Self::AccountPin => "missing-account-pin",
            Self::BillingPin => "missing-billing-pin",
            Self::AccountType => "missing-account-type",
            Self::FirstName => "missing-first-name",
            Self::LastName => "missing-last-name",
            Self::Birthday => "missing-birthday",
            Self::Line1 | Self::Line2 => "missing-line1",
            Self::City => "missing-city",
            Self::State => "missing-state",
            Self::PostalCode => "missing-postal-code",
            Self::Country => "missing-country",
            Self::DonorProviderApproval => "missing-donor-provider-approval",
            Self::Authorization => "missing-authorization",
            Self::ProtectionDisabled => "missing-protection-disabled",
        }
    }

    fn invalid_key(self) -> &'static str {
        match self {
            Self::Birthday => "invalid-birthday",
            Self::PostalCode => "invalid-postal-code",
            Self::State => "missing-state",
            Self::Country => "missing-country",
            Self::DonorProvider => "missing-donor-provider",
            Self::AccountType => "missing-account-type",
            _ => "invalid-answer",
        }
    }
}

impl Problem {
    /// The name of a warning in `confirm_warnings`; stable, one word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Invalid(_) => "invalid",
            Self::Characters(_) => "characters",
            Self::TooLong { .. } => "tooLong",
            Self::SameAsRejected(_) => "sameAsRejected",
            Self::PacShape => "pacShape",
            Self::StacShape => "stacShape",
            Self::ZipCodeShape => "zipCodeShape",
            Self::BirthdayYear => "birthdayYear",
            Self::BirthdayFuture => "birthdayFuture",
            Self::BirthdayTooLongAgo => "birthdayTooLongAgo",
            Self::PinLength { .. } => "pinLength",
            Self::AccountNumberLength { .. } => "accountNumberLength",
            Self::AccountNumberIsPhoneNumber => "accountNumberIsPhoneNumber",
        }
    }

    /// The message in the visitor's language.
    pub fn message(&self, frame: &Frame) -> String {
        let label = |control: &Control| FluentValue::from(frame.t(control.label_key()));
        match self {
            Self::Missing(control) => frame.t(control.missing_key()),
            Self::Invalid(control) => {
                frame.t_with(control.invalid_key(), &[("label", label(control))])
            }
            Self::Characters(control) => {
                frame.t_with("invalid-characters", &[("label", label(control))])
            }
            Self::TooLong { control, max } => {
                let args = [("label", label(control)), ("max", FluentValue::from(*max))];
                frame.t_with("invalid-too-long", &args)
            }
            Self::SameAsRejected(Control::AccountPin) => frame.t("rejected-again-pin"),
            Self::SameAsRejected(control) => {
                frame.t_with("rejected-again", &[("label", label(control))])
            }
            Self::PacShape => frame.t("invalid-pac"),
            Self::StacShape => frame.t("invalid-stac"),
            Self::ZipCodeShape => frame.t("invalid-zip-code"),
            Self::BirthdayYear => frame.t("invalid-birthday-year"),
            Self::BirthdayFuture => frame.t("invalid-birthday-future"),
            Self::BirthdayTooLongAgo => frame.t("invalid-birthday-too-long-ago"),
            Self::PinLength { expected } => {
                frame.t_one("warn-pin-length", "lengths", &lengths(frame, expected))
            }
            Self::AccountNumberLength { expected } => frame.t_one(
                "warn-account-number-length",
                "lengths",
                &lengths(frame, expected),
            ),
            Self::AccountNumberIsPhoneNumber => frame.t("warn-account-number-is-phone-number"),
        }
    }
}

/// "6", "6 or 8", "9, 12 or 14".
fn lengths(frame: &Frame, expected: &[u32]) -> String {
    let mut numbers: Vec<String> = expected.iter().map(u32::to_string).collect();
    let Some(last) = numbers.pop() else {
        return String::new();
    };
    if numbers.is_empty() {
        return last;
    }
    let args = [("first", numbers.join(", ").into()), ("last", last.into())];
    frame.t_with("list-or", &args)
}
