//! Webhooks: who is told of which events, and when it is tried again.

mod pattern;
mod schedule;

use std::str::FromStr;

use jiff::Timestamp;
pub use pattern::{PatternError, TypePattern};
pub use schedule::{GIVE_UP_AFTER, LONGEST_PAUSE, OVERLAP, RETRIES, retry_at};

use crate::id::WebhookEndpointId;

/// Why text is not one of the names it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a known value")]
pub struct UnknownName;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$case:meta])* $variant:ident = $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$case])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The value on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                let mut all = Self::ALL.iter().copied();
                all.find(|it| it.as_str() == text).ok_or(UnknownName)
            }
        }
    };
}

names! {
    /// Whether an endpoint is told anything.
    EndpointStatus {
        /// It is.
        Enabled = "enabled";
        /// It is not; what waits for it rests.
        Disabled = "disabled";
    }
}

names! {
    /// Why an endpoint is disabled.
    DisabledReason {
        /// Somebody asked for it.
        Requested = "requested";
        /// It answered 410.
        Gone = "gone";
        /// It failed for five days without a success.
        Failing = "failing";
    }
}

names! {
    /// How far a delivery is.
    DeliveryState {
        /// It will be tried, or tried again.
        Waiting = "waiting";
        /// The endpoint took it.
        Delivered = "delivered";
        /// Every try failed.
        Failed = "failed";
    }
}

/// A webhook endpoint, without its secrets.
#[derive(Debug, Clone)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// The project's slug.
    pub project: String,
    /// Where events are posted.
    pub url: String,
    /// Which types it is told.
    pub types: Vec<TypePattern>,
    /// The integrator's words on it.
    pub description: Option<String>,
    /// `None` while it is enabled.
    pub disabled: Option<DisabledReason>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl WebhookEndpoint {
    /// Whether it is told anything.
    pub fn status(&self) -> EndpointStatus {
        match self.disabled {
            None => EndpointStatus::Enabled,
            Some(_) => EndpointStatus::Disabled,
        }
    }

    /// Whether it is told of events of `kind`, named without the server's prefix.
    pub fn wants(&self, kind: &str) -> bool {
        self.types.iter().any(|pattern| pattern.matches(kind))
    }
}
