use jiff::civil::Date;

use super::Field;
use crate::{
    account::AccountType,
    address::Address,
    date_input::Birthday,
    secret_text::{AccountNumber, PersonName, Pin},
};

/// What the donor will check. All of it is customer data: `Debug` shows none of it.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// The account number at the donor.
    pub account_number: Option<AccountNumber>,
    /// The transfer PIN (US), PAC or STAC (UK). Write-only.
    pub account_pin: Option<Pin>,
    /// Prepaid or postpaid.
    pub account_type: Option<AccountType>,
    /// The billing address at the donor.
    pub address: Option<Address>,
    /// The billing PIN. Write-only.
    pub billing_pin: Option<Pin>,
    /// The account holder's date of birth.
    pub birthday: Option<Birthday>,
    /// The donor: the id of a service provider.
    pub donor_provider: Option<String>,
    /// Whether the donor was told and agreed.
    pub donor_provider_approval: Option<bool>,
    /// The account holder's first name.
    pub first_name: Option<PersonName>,
    /// The account holder's last name.
    pub last_name: Option<PersonName>,
    /// The day the number should move; recipients that schedule only.
    pub scheduled_on: Option<Date>,
}

impl Details {
    /// Whether `field` is answered. An approval counts when it is given, not when it is refused.
    pub fn has(&self, field: Field) -> bool {
        match field {
            Field::AccountNumber => self.account_number.is_some(),
            Field::AccountPin => self.account_pin.is_some(),
            Field::AccountType => self.account_type.is_some(),
            Field::Address => self.address.is_some(),
            Field::BillingPin => self.billing_pin.is_some(),
            Field::Birthday => self.birthday.is_some(),
            Field::DonorProvider => self.donor_provider.is_some(),
            Field::DonorProviderApproval => self.donor_provider_approval == Some(true),
            Field::FirstName => self.first_name.is_some(),
            Field::LastName => self.last_name.is_some(),
        }
    }
}

/// A keyed hash of a secret we no longer hold, to tell whether it is typed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(pub Vec<u8>);

/// What a change says of one field: nothing, `null`, or a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field was not mentioned.
    #[default]
    Keep,
    /// The field was `null`.
    Clear,
    /// The field has a new value.
    Set(T),
}

impl<T> Patch<T> {
    /// Writes the change into `slot`.
    pub fn apply(self, slot: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *slot = None,
            Self::Set(value) => *slot = Some(value),
        }
    }

    /// Whether the field was mentioned.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// A change of [`Details`], field by field.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `Details`"
)]
pub struct DetailsPatch {
    pub account_number: Patch<AccountNumber>,
    pub account_pin: Patch<Pin>,
    pub account_type: Patch<AccountType>,
    pub address: Patch<Address>,
    pub billing_pin: Patch<Pin>,
    pub birthday: Patch<Birthday>,
    pub donor_provider: Patch<String>,
    pub donor_provider_approval: Patch<bool>,
    pub first_name: Patch<PersonName>,
    pub last_name: Patch<PersonName>,
    pub scheduled_on: Patch<Date>,
}

impl DetailsPatch {
    /// Writes the change into `details`.
    pub fn apply(self, details: &mut Details) {
        self.account_number.apply(&mut details.account_number);
        self.account_pin.apply(&mut details.account_pin);
        self.account_type.apply(&mut details.account_type);
        self.address.apply(&mut details.address);
        self.billing_pin.apply(&mut details.billing_pin);
        self.birthday.apply(&mut details.birthday);
        self.donor_provider.apply(&mut details.donor_provider);
        self.donor_provider_approval
            .apply(&mut details.donor_provider_approval);
        self.first_name.apply(&mut details.first_name);
        self.last_name.apply(&mut details.last_name);
        self.scheduled_on.apply(&mut details.scheduled_on);
    }

    /// The names of the fields it mentions, for the audit trail.
    pub fn mentioned(&self) -> Vec<&'static str> {
        [
            ("accountNumber", !self.account_number.is_keep()),
            ("accountPin", !self.account_pin.is_keep()),
            ("accountType", !self.account_type.is_keep()),
            ("address", !self.address.is_keep()),
            ("billingPin", !self.billing_pin.is_keep()),
            ("birthday", !self.birthday.is_keep()),
            ("donorProvider", !self.donor_provider.is_keep()),
            (
                "donorProviderApproval",
                !self.donor_provider_approval.is_keep(),
            ),
            ("firstName", !self.first_name.is_keep()),
            ("lastName", !self.last_name.is_keep()),
            ("scheduledOn", !self.scheduled_on.is_keep()),
        ]
        .into_iter()
        .filter_map(|(name, is_mentioned)| is_mentioned.then_some(name))
        .collect()
    }
}
