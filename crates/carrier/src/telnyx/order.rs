//! What Telnyx tells of an order, and no more of it than is used.
//!
//! Guarantee: whatever comes, reading it gives an order or [`Unreadable`]. A status that nobody knows is
//! unreadable: it is neither success nor failure.

use jiff::Timestamp;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

use crate::GatewayError;

/// An answer that cannot be understood. What stood in it is not told: it may be about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable(pub &'static str);

impl From<Unreadable> for GatewayError {
    fn from(Unreadable(what): Unreadable) -> Self {
        Self::Unreadable(what.to_owned())
    }
}

/// The `status.value` of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    Draft,
    InProcess,
    Submitted,
    Exception,
    FocDateConfirmed,
    Ported,
    CancelPending,
    Cancelled,
}

impl Status {
    pub fn is_called_off(self) -> bool {
        matches!(self, Self::CancelPending | Self::Cancelled)
    }
}

/// An order. Without `Debug`: it may hold a phone number.
#[derive(Clone)]
pub(super) struct Order {
    pub id: String,
    pub customer_reference: Option<String>,
    pub customer_group_reference: Option<String>,
    pub parent_support_key: Option<String>,
    pub status: Status,
    pub details: Vec<Detail>,
    pub foc_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    /// Whether it says that it holds no number: one that was split may have lost its own.
    pub is_empty: bool,
}

/// A reason for an exception.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Detail {
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
}

impl Order {
    pub fn is_of(&self, reference: &str) -> bool {
        self.customer_reference.as_deref() == Some(reference)
    }
}

/// Reads the order of `{"data": …}`.
pub(super) fn one(body: &[u8]) -> Result<Order, Unreadable> {
    let document: Document<WireOrder> = read(body)?;
    document.data.try_into()
}

/// Reads the orders of `{"data": […]}`.
pub(super) fn many(body: &[u8]) -> Result<Vec<Order>, Unreadable> {
    let document: Document<Vec<WireOrder>> = read(body)?;
    document.data.into_iter().map(Order::try_from).collect()
}

/// Reads any `{"data": …}`.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(body).map_err(|_| Unreadable("the answer has another form"))
}

/// What every answer is in.
#[derive(Deserialize)]
pub(super) struct Document<T> {
    pub data: T,
}

#[derive(Deserialize)]
struct WireOrder {
    id: String,
    customer_reference: Option<String>,
    customer_group_reference: Option<String>,
    parent_support_key: Option<String>,
    status: WireStatus,
    activation_settings: Option<WireActivation>,
    updated_at: Option<String>,
    porting_phone_numbers_count: Option<i64>,
    phone_numbers: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct WireStatus {
    value: Status,
    #[serde(default)]
    details: Option<Vec<Detail>>,
}

#[derive(Deserialize)]
struct WireActivation {
    foc_datetime_actual: Option<String>,
}

impl TryFrom<WireOrder> for Order {
    type Error = Unreadable;

    fn try_from(wire: WireOrder) -> Result<Self, Unreadable> {
        // It becomes part of paths.
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if wire.id.is_empty() || wire.id.len() > 64 || !wire.id.chars().all(is_id) {
            return Err(Unreadable("the order has no id"));
        }
        let foc_at = wire
            .activation_settings
            .and_then(|it| it.foc_datetime_actual);
        Ok(Self {
            id: wire.id,
            customer_reference: wire.customer_reference,
            customer_group_reference: wire.customer_group_reference,
            parent_support_key: wire.parent_support_key,
            status: wire.status.value,
            details: wire.status.details.unwrap_or_default(),
            foc_at: foc_at.and_then(|text| text.parse().ok()),
            updated_at: wire.updated_at.and_then(|text| text.parse().ok()),
            is_empty: wire.porting_phone_numbers_count == Some(0)
                && wire.phone_numbers.is_none_or(|listed| listed.is_empty()),
        })
    }
}
