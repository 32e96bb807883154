//! A porting: one attempt to move one number, with all its tries.
//!
//! The life-cycle is [`State`]; [`Porting::apply`] is the only way to change it. Which data a
//! porting needs is data too ([`requirements`]), and what a declined one asks the subscriber to
//! change is [`repair`].

mod details;
mod field;
mod repair;
pub mod requirements;
mod state;
mod step;

pub use details::{Details, DetailsPatch, Fingerprint, Patch};
pub use field::Field;
use jiff::{Timestamp, civil::Date};
pub use repair::{Rejected, Repair};
use serde::{Deserialize, Serialize};
pub use state::{Command, Decline, InvalidTransition, State, Status};
pub use step::Step;

use crate::{
    id::{PortingId, SubscriptionId, UserId},
    phone::PhoneNumber,
};

/// What the recipient is asked to do with the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Behavior {
    /// Move the number.
    #[default]
    PortIn,
    /// UK only: end the old contract and give up its number (STAC).
    CancelOnly,
}

impl Behavior {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PortIn => "portIn",
            Self::CancelOnly => "cancelOnly",
        }
    }
}

/// A porting as it is kept.
#[derive(Debug, Clone)]
pub struct Porting {
    /// Its id.
    pub id: PortingId,
    /// The project's slug.
    pub project: String,
    /// Whose number it is.
    pub user: UserId,
    /// The subscription that gets the number; none while it is a draft.
    pub subscription: Option<SubscriptionId>,
    /// The number that moves.
    pub phone_number: PhoneNumber,
    /// The recipient's network id, `test` for example.
    pub provider: String,
    /// Move the number, or only cancel the old contract.
    pub behavior: Behavior,
    /// What the donor will check.
    pub details: Details,
    /// Everything this donor and recipient need, filled or not.
    pub required: Vec<Field>,
    /// Where in its life it is.
    pub state: State,
    /// How often it went to `pending`; the number of the current try, 0 before the first.
    pub attempt: u32,
    /// How often a donor refused it.
    pub declined_attempts: u32,
    /// When a donor last refused it.
    pub last_declined_at: Option<Timestamp>,
    /// When a gateway last accepted it.
    pub last_requested_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Porting {
    /// Its status.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Required fields that are empty, in the order of [`Field::ALL`].
    pub fn missing(&self) -> Vec<Field> {
        Field::ALL
            .into_iter()
            .filter(|field| self.required.contains(field) && !self.details.has(*field))
            .collect()
    }

    /// The date the port is asked or confirmed for, when that is after `today`.
    pub fn scheduled_after(&self, today: Date) -> Option<Date> {
        self.details.scheduled_on.filter(|date| *date > today)
    }

    /// Whether the gateway can still be told to stop.
    pub fn is_cancelable(&self, today: Date) -> bool {
        match self.status() {
            Status::InformationRequired | Status::Pending | Status::Declined => true,
            Status::Requested => self.scheduled_after(today).is_some(),
            _ => false,
        }
    }

    /// The number, if it must be in no other open porting of the project. The fictional numbers of
    /// the simulator may be ported by several people at once.
    pub fn exclusive_number(&self) -> Option<&PhoneNumber> {
        let fictional = self.provider == "test" && self.phone_number.is_us_test_range();
        (self.status().is_open() && !fictional).then_some(&self.phone_number)
    }

    /// What names this try towards the gateway: the same for every time it is sent.
    pub fn reference(&self) -> String {
        format!("{}-{}", self.id, self.attempt)
    }
}
