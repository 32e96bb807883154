//! The life-cycle: which status follows which, and by what.
//!
//! ```text
//! draft ──take──▶ informationRequired ──submit──▶ pending ──accepted──▶ requested ──▶ completed
//!    └──take──────────────────────────────────────▲   ▲                    │
//!                                                 │   └─submit── declined ◀┘
//! ```
//! Every open status can expire; cancel and fail are where the table in [`State::permits`] says.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};

use super::{Fingerprint, Porting, Rejected, repair};
use crate::{
    decline::DeclineCode,
    id::{PortingId, SubscriptionId},
};

/// Where in its life a porting is, with what is known only there.
#[derive(Debug, Clone)]
pub enum State {
    /// On no subscription yet.
    Draft,
    /// On a subscription, data missing or not confirmed.
    InformationRequired,
    /// Complete, waiting to be sent.
    Pending,
    /// With the carriers.
    Requested {
        /// When the carrier last said that it takes longer.
        delayed_at: Option<Timestamp>,
    },
    /// Refused by the donor.
    Declined(Box<Decline>),
    /// The number has moved.
    Completed(Timestamp),
    /// Called off.
    Canceled(Timestamp),
    /// No answer within the gateway's maximum.
    Expired(Timestamp),
    /// Accepted, then broken beyond repair.
    Failed(Timestamp),
}

/// A donor's refusal.
#[derive(Debug, Clone)]
pub struct Decline {
    /// The mapped code.
    pub code: DeclineCode,
    /// A sentence for people.
    pub message: String,
    /// What was sent and refused, to see whether an answer really changed.
    pub rejected: Rejected,
    /// When the subscriber said that the port-out lock is off; only for a port-protected number.
    pub protection_disabled_at: Option<Timestamp>,
}

/// [`State`] without its data: the `status` of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is described at the same name in `State`")]
pub enum Status {
    Draft,
    InformationRequired,
    Pending,
    Requested,
    Declined,
    Completed,
    Canceled,
    Expired,
    Failed,
    /// Waiting for a consent: part of the contract, not reached yet.
    Initiated,
}

impl Status {
    /// Every status of the contract.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Initiated,
        Self::Pending,
        Self::InformationRequired,
        Self::Requested,
        Self::Declined,
        Self::Completed,
        Self::Canceled,
        Self::Expired,
        Self::Failed,
    ];

    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Initiated => "initiated",
            Self::Pending => "pending",
            Self::InformationRequired => "informationRequired",
            Self::Requested => "requested",
            Self::Declined => "declined",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// Whether a number may be in only one such porting of a project. Drafts do not count.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::InformationRequired | Self::Pending | Self::Requested | Self::Declined
        )
    }

    /// Whether nothing can follow.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Canceled | Self::Expired | Self::Failed
        )
    }
}

impl FromStr for Status {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or(())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can happen to a porting.
#[derive(Debug, Clone)]
pub enum Command {
    /// A subscription takes the draft; it waits if data is complete, else asks for it.
    Take(SubscriptionId),
    /// Answers change and nothing is sent.
    Save,
    /// The subscriber says that the donor's lock is off.
    DisableProtection,
    /// The data is complete and may be sent.
    Submit,
    /// The gateway took the request.
    Accepted,
    /// The carrier says that it takes longer. Not an answer.
    Delayed,
    /// The donor agreed to a day.
    Schedule(Date),
    /// The number has moved.
    Complete,
    /// The donor refused.
    Decline {
        /// The mapped code.
        code: DeclineCode,
        /// A sentence for people.
        message: String,
        /// Keyed hash of the PIN that was sent, since the PIN itself is erased now.
        pin: Option<Fingerprint>,
    },
    /// Called off. Whether a `requested` one still can be is [`Porting::is_cancelable`].
    Cancel,
    /// The gateway's maximum has passed.
    Expire,
    /// Broken beyond repair.
    Fail,
}

/// A command that the porting's status does not permit, or that its data does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("porting {porting} is {from}: {command} is not possible")]
pub struct InvalidTransition {
    /// Which porting.
    pub porting: PortingId,
    /// Its status.
    pub from: Status,
    /// What was asked.
    pub command: &'static str,
}

impl Command {
    /// Its name, for errors and the audit trail.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Take(_) => "take",
            Self::Save => "save",
            Self::DisableProtection => "disableProtection",
            Self::Submit => "submit",
            Self::Accepted => "accepted",
            Self::Delayed => "delayed",
            Self::Schedule(_) => "schedule",
            Self::Complete => "complete",
            Self::Decline { .. } => "decline",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Fail => "fail",
        }
    }
}

impl State {
    /// Its status.
    pub fn status(&self) -> Status {
        match self {
            Self::Draft => Status::Draft,
            Self::InformationRequired => Status::InformationRequired,
            Self::Pending => Status::Pending,
            Self::Requested { .. } => Status::Requested,
            Self::Declined(_) => Status::Declined,
            Self::Completed(_) => Status::Completed,
            Self::Canceled(_) => Status::Canceled,
            Self::Expired(_) => Status::Expired,
            Self::Failed(_) => Status::Failed,
        }
    }

    /// Every status and command, decided on purpose.
    fn permits(&self, command: &Command) -> bool {
        use Command as C;
        use State as S;
        match (self, command) {
            (S::Draft, C::Take(_) | C::Save) => true,
            (S::InformationRequired, C::Save | C::Submit | C::Cancel | C::Expire) => true,
            (S::Pending, C::Accepted | C::Cancel | C::Expire) => true,
            (
                S::Requested { .. },
                C::Delayed
                | C::Schedule(_)
                | C::Complete
                | C::Decline { .. }
                | C::Cancel
                | C::Expire
                | C::Fail,
            ) => true,
            (S::Declined(decline), C::DisableProtection) => {
                decline.code == DeclineCode::PortProtected
            }
            (S::Declined(_), C::Save | C::Submit | C::Cancel | C::Expire) => true,
            (
                S::Draft
                | S::InformationRequired
                | S::Pending
                | S::Requested { .. }
                | S::Declined(_),
                _,
            ) => false,
            (S::Completed(_) | S::Canceled(_) | S::Expired(_) | S::Failed(_), _) => false,
        }
    }
}

impl Porting {
    /// What becomes of this porting when `command` happens `at`.
    ///
    /// # Errors
    /// The status does not permit it; or [`Command::Submit`] with required data missing.
    pub fn apply(mut self, command: Command, at: Timestamp) -> Result<Self, InvalidTransition> {
        let incomplete = matches!(command, Command::Submit) && !self.missing().is_empty();
        if incomplete || !self.state.permits(&command) {
            return Err(InvalidTransition {
                porting: self.id,
                from: self.status(),
                command: command.name(),
            });
        }
        match command {
            Command::Take(subscription) => {
                self.subscription = Some(subscription);
                if self.missing().is_empty() {
                    self.send();
                } else {
                    self.state = State::InformationRequired;
                }
            }
            Command::Save => {}
            Command::DisableProtection => {
                if let State::Declined(decline) = &mut self.state {
                    decline.protection_disabled_at = Some(at);
                }
            }
            Command::Submit => self.send(),
            Command::Accepted => {
                self.state = State::Requested { delayed_at: None };
                self.last_requested_at = Some(at);
            }
            Command::Delayed => {
                self.state = State::Requested {
                    delayed_at: Some(at),
                }
            }
            Command::Schedule(day) => self.details.scheduled_on = Some(day),
            Command::Decline { code, message, pin } => self.decline(code, message, pin, at),
            Command::Complete => self.end(State::Completed(at)),
            Command::Cancel => self.end(State::Canceled(at)),
            Command::Expire => self.end(State::Expired(at)),
            Command::Fail => self.end(State::Failed(at)),
        }
        Ok(self)
    }

    fn send(&mut self) {
        self.state = State::Pending;
        self.attempt += 1;
    }

    /// A rejected PIN is dead: it is erased here, so that it counts as empty and is asked anew.
    fn decline(
        &mut self,
        code: DeclineCode,
        message: String,
        pin: Option<Fingerprint>,
        at: Timestamp,
    ) {
        let rejected = repair::Rejected::of(&self.details, &code, pin);
        match code {
            DeclineCode::AccountPin => self.details.account_pin = None,
            DeclineCode::BillingPin => self.details.billing_pin = None,
            _ => {}
        }
        // What the donor objected to is needed from now on, whatever the table said.
        let known = self.required.clone();
        let grown = code
            .rejected_fields()
            .iter()
            .filter(|field| !known.contains(field));
        self.required.extend(grown);
        self.declined_attempts += 1;
        self.last_declined_at = Some(at);
        self.state = State::Declined(Box::new(Decline {
            code,
            message,
            rejected,
            protection_disabled_at: None,
        }));
    }

    /// PINs do not outlive the porting they were for.
    fn end(&mut self, state: State) {
        self.details.account_pin = None;
        self.details.billing_pin = None;
        self.state = state;
    }
}
