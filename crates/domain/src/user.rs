//! A user: the subscriber, as the integrator's backend knows them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    address::Address,
    date_input::Birthday,
    id::{UserAddressId, UserId},
};

/// The integrator's own notes on a resource: at most 10 keys of 40, values of 255 characters.
pub type Metadata = BTreeMap<String, String>;

/// A user as it is kept.
#[derive(Debug, Clone)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The project's slug.
    pub project: String,
    /// Unique among the project's users that are not deleted.
    pub email: String,
    /// Whether the integrator vouches for the address.
    pub email_verified: bool,
    /// The name in one piece, as the integrator has it.
    pub full_name: Option<String>,
    /// The date of birth.
    pub birthday: Option<Birthday>,
    /// An IETF language tag, `en-US` for example.
    pub preferred_locale: String,
    /// Whether the user may do anything.
    pub status: UserStatus,
    /// The integrator's notes.
    pub metadata: Metadata,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Whether a user may do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum UserStatus {
    Active,
    Blocked,
    Deleted,
}

impl UserStatus {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Deleted => "deleted",
        }
    }
}

impl std::str::FromStr for UserStatus {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        [Self::Active, Self::Blocked, Self::Deleted]
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or(())
    }
}

/// One of a user's addresses.
#[derive(Debug, Clone)]
pub struct UserAddress {
    /// Its id.
    pub id: UserAddressId,
    /// Whose address it is.
    pub user: UserId,
    /// The address.
    pub address: Address,
    /// When it was created.
    pub created_at: Timestamp,
}
