use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A field a donor or recipient can require.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// The account number at the donor.
    AccountNumber,
    /// The transfer PIN (US), PAC or STAC (UK).
    AccountPin,
    /// Prepaid or postpaid, and for how many lines.
    AccountType,
    /// The billing address at the donor.
    Address,
    /// The billing PIN.
    BillingPin,
    /// The account holder's date of birth.
    Birthday,
    /// Who the donor is.
    DonorProvider,
    /// That the donor was told and agreed.
    DonorProviderApproval,
    /// The account holder's first name.
    FirstName,
    /// The account holder's last name.
    LastName,
}

impl Field {
    /// Every field, in the order of the contract.
    pub const ALL: [Self; 10] = [
        Self::AccountNumber,
        Self::AccountPin,
        Self::AccountType,
        Self::Address,
        Self::BillingPin,
        Self::Birthday,
        Self::DonorProvider,
        Self::DonorProviderApproval,
        Self::FirstName,
        Self::LastName,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountNumber => "accountNumber",
            Self::AccountPin => "accountPin",
            Self::AccountType => "accountType",
            Self::Address => "address",
            Self::BillingPin => "billingPin",
            Self::Birthday => "birthday",
            Self::DonorProvider => "donorProvider",
            Self::DonorProviderApproval => "donorProviderApproval",
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Field {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|field| field.as_str() == s)
            .ok_or(())
    }
}
