//! What a subscriber must change before a declined porting may be sent again.

use super::{Details, Field, Fingerprint, Porting, State};
use crate::{
    address::Address,
    decline::DeclineCode,
    secret_text::{AccountNumber, PersonName},
};

/// The values a donor refused: only those its code objects to. The PIN is kept as a keyed hash.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `Details`"
)]
pub struct Rejected {
    pub account_number: Option<AccountNumber>,
    pub address: Option<Address>,
    pub first_name: Option<PersonName>,
    pub last_name: Option<PersonName>,
    /// Of the PIN the code objects to.
    pub pin: Option<Fingerprint>,
}

impl Rejected {
    pub(super) fn of(details: &Details, code: &DeclineCode, pin: Option<Fingerprint>) -> Self {
        let fields = code.rejected_fields();
        let if_rejected = |field: Field| fields.contains(&field);
        Self {
            account_number: details
                .account_number
                .clone()
                .filter(|_| if_rejected(Field::AccountNumber)),
            address: details
                .address
                .clone()
                .filter(|_| if_rejected(Field::Address)),
            first_name: details
                .first_name
                .clone()
                .filter(|_| if_rejected(Field::FirstName)),
            last_name: details
                .last_name
                .clone()
                .filter(|_| if_rejected(Field::LastName)),
            pin: pin.filter(|_| if_rejected(Field::AccountPin) || if_rejected(Field::BillingPin)),
        }
    }

    /// Whether `details` still holds the refused value of `field`. An account number with other
    /// spaces or dashes is the same one: donors drop them. A PIN is not kept; whoever takes a new
    /// one compares [`Rejected::pin`].
    pub fn still_in(&self, details: &Details, field: Field) -> bool {
        match field {
            Field::AccountNumber => {
                let bare =
                    |number: &Option<AccountNumber>| number.as_ref().map(AccountNumber::stripped);
                self.account_number.is_some()
                    && bare(&self.account_number) == bare(&details.account_number)
            }
            Field::Address => self.address.is_some() && self.address == details.address,
            Field::FirstName => self.first_name.is_some() && self.first_name == details.first_name,
            Field::LastName => self.last_name.is_some() && self.last_name == details.last_name,
            // A refused PIN was erased; one that is there was typed since, and checked then.
            _ => false,
        }
    }
}

/// Where a declined porting stands with the subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// No answer of the subscriber mends it, or the project does not let them.
    Impossible,
    /// The donor's port-out lock has to be lifted and that confirmed.
    LiftProtection,
    /// At least one of these has to change.
    Change(&'static [Field]),
    /// Mended: it can be reviewed and sent.
    Done,
}

impl Porting {
    /// What the subscriber has to do about a decline. `repairable` are the codes the project lets
    /// them repair: empty while self-service repair is off.
    ///
    /// The exact refused values are never sent again: a repair is done when one of them changed and
    /// nothing required is empty.
    pub fn repair(&self, repairable: &[DeclineCode]) -> Option<Repair> {
        let State::Declined(decline) = &self.state else {
            return None;
        };
        if !decline.code.can_be_repaired() || !repairable.contains(&decline.code) {
            return Some(Repair::Impossible);
        }
        if decline.code == DeclineCode::PortProtected {
            return Some(match decline.protection_disabled_at {
                None => Repair::LiftProtection,
                Some(_) => Repair::Done,
            });
        }
        let fields = decline.code.rejected_fields();
        let empty = fields.iter().any(|field| !self.details.has(*field));
        let unchanged = fields
            .iter()
            .all(|field| decline.rejected.still_in(&self.details, *field));
        Some(if empty || unchanged {
            Repair::Change(fields)
        } else {
            Repair::Done
        })
    }
}
