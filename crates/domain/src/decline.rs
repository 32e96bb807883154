//! Why a donor refused, and what of it a subscriber can repair alone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::porting::Field;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal;)*) => {
        /// A `declinedCode` of the contract. The set is open: a code we do not know is kept as it
        /// came and behaves like [`DeclineCode::Declined`].
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum DeclineCode {
            $($(#[$doc])* $variant,)*
            /// A code of a later contract.
            Unknown(String),
        }

        impl DeclineCode {
            /// Every code this version knows.
            pub const KNOWN: &'static [DeclineCode] = &[$(DeclineCode::$variant),*];

            /// The code as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<String> for DeclineCode {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown(text),
                }
            }
        }
    };
}

codes! {
    /// The donor gave no reason we can act on.
    Declined = "portingDeclined";
    /// The account number is missing or wrong.
    AccountNumber = "portingAccountNumberRequiredOrInvalid";
    /// The transfer PIN is missing, wrong or too old.
    AccountPin = "portingAccountPinRequiredOrInvalid";
    /// The billing address differs.
    Address = "portingAddressRequiredOrInvalid";
    /// The donor's port-out lock is on.
    PortProtected = "portingPhoneNumberPortProtected";
    /// The postal code differs.
    PostalCode = "portingPostalCodeRequiredOrInvalid";
    /// Older name of [`DeclineCode::PostalCode`].
    ZipCode = "portingZipCodeRequiredOrInvalid";
    /// The account holder's first name differs.
    FirstName = "portingFirstNameRequiredOrInvalid";
    /// The account holder's last name differs.
    LastName = "portingLastNameRequiredOrInvalid";
    /// The billing PIN is missing or wrong.
    BillingPin = "portingBillingPinRequiredOrInvalid";
    /// Something about the account holder differs, and the donor does not say what.
    UserInformation = "portingUserInformationMismatch";
    /// A request for this number is already open with us.
    Duplicated = "portingDuplicated";
    /// Another carrier has an open request for the number.
    PendingOtherProvider = "portingPendingOtherProvider";
    /// The number is reserved for the carrier's own use.
    Administrative = "portingPhoneNumberAdministrative";
    /// The number is not in service.
    NotActive = "portingPhoneNumberNotActive";
    /// The number cannot be ported.
    NotEligible = "portingPhoneNumberNotEligible";
    /// The donor does not know the number.
    NotFound = "portingPhoneNumberNotFound";
    /// A prepaid number the donor does not release.
    Prepaid = "portingPhoneNumberPrepaid";
    /// Donor and recipient are the same network.
    SameProvider = "portingSameNewAndOldNetworkProvider";
}

/// The codes a project repairs unless it says otherwise.
pub const DEFAULT_REPAIRABLE: [DeclineCode; 4] = [
    DeclineCode::AccountNumber,
    DeclineCode::AccountPin,
    DeclineCode::Address,
    DeclineCode::PortProtected,
];

impl DeclineCode {
    /// The fields the donor objected to. Empty for a code that no answer of the subscriber mends;
    /// for [`DeclineCode::PortProtected`] too, where the same data is sent again.
    pub fn rejected_fields(&self) -> &'static [Field] {
        match self {
            Self::AccountNumber => &[Field::AccountNumber],
            Self::AccountPin => &[Field::AccountPin],
            Self::Address | Self::PostalCode | Self::ZipCode => &[Field::Address],
            Self::FirstName => &[Field::FirstName],
            Self::LastName => &[Field::LastName],
            Self::BillingPin => &[Field::BillingPin],
            Self::UserInformation => &[Field::FirstName, Field::LastName, Field::AccountNumber],
            _ => &[],
        }
    }

    /// Whether a subscriber could mend this at all, given that the project allows it.
    pub fn can_be_repaired(&self) -> bool {
        *self == Self::PortProtected || !self.rejected_fields().is_empty()
    }
}

impl fmt::Display for DeclineCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<DeclineCode> for String {
    fn from(code: DeclineCode) -> Self {
        code.as_str().to_owned()
    }
}
