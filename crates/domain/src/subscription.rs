//! A subscription: a user's plan and number, and what a porting does to it.

use jiff::Timestamp;

use crate::{
    id::{PlanId, PortingId, SubscriptionId, UserAddressId, UserId},
    porting::Status as PortingStatus,
    user::Metadata,
};

/// A subscription as it is kept.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// The project's slug.
    pub project: String,
    /// What was bought.
    pub plan: PlanId,
    /// By whom.
    pub user: UserId,
    /// The current porting: the last one it took.
    pub porting: Option<PortingId>,
    /// Its number, E.164; none until it has one.
    pub phone_number: Option<String>,
    /// Where in its life it is.
    pub status: SubscriptionStatus,
    /// The user's address it is for.
    pub user_address: Option<UserAddressId>,
    /// The integrator's notes.
    pub metadata: Metadata,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it became active first.
    pub activated_at: Option<Timestamp>,
    /// When its end was asked for.
    pub canceled_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Where in its life a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum SubscriptionStatus {
    Pending,
    Initiated,
    Active,
    Restricted,
    Ended,
}

impl SubscriptionStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Initiated,
        Self::Active,
        Self::Restricted,
        Self::Ended,
    ];

    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Initiated => "initiated",
            Self::Active => "active",
            Self::Restricted => "restricted",
            Self::Ended => "ended",
        }
    }
}

impl std::str::FromStr for SubscriptionStatus {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or(())
    }
}

impl Subscription {
    /// What the end of its porting makes of it: a completed one brings the number, a canceled one
    /// leaves it with a new number if the gateway gave one, an expired one ends a subscription
    /// that was never active. Whether anything changed.
    pub fn porting_ended(
        &mut self,
        status: PortingStatus,
        number: Option<&str>,
        at: Timestamp,
    ) -> bool {
        let waiting = self.status == SubscriptionStatus::Pending;
        match status {
            PortingStatus::Completed => {
                if let Some(number) = number {
                    self.phone_number = Some(number.to_owned());
                }
                if waiting {
                    self.activate(at);
                }
                true
            }
            PortingStatus::Canceled if waiting => {
                self.activate(at);
                true
            }
            PortingStatus::Expired if waiting => {
                self.end(at);
                true
            }
            _ => false,
        }
    }

    /// Makes it active.
    pub fn activate(&mut self, at: Timestamp) {
        self.status = SubscriptionStatus::Active;
        self.activated_at.get_or_insert(at);
    }

    /// Ends it.
    pub fn end(&mut self, at: Timestamp) {
        self.status = SubscriptionStatus::Ended;
        self.ended_at.get_or_insert(at);
    }
}
