//! A plan: what the subscriber bought.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{id::PlanId, user::Metadata};

/// A plan as it is kept.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// The project's slug.
    pub project: String,
    /// The recipient network it runs on.
    pub provider: String,
    /// Whether it can be bought.
    pub status: PlanStatus,
    /// The rest.
    pub document: PlanDocument,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What a plan says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanDocument {
    /// Its name.
    pub name: String,
    /// A sentence on it.
    pub description: Option<String>,
    /// What a period costs.
    pub price: Price,
    /// How long a period is.
    pub validity: Option<Validity>,
    /// What a period holds.
    pub allowances: Allowances,
    /// Which SIMs it runs on.
    pub sim_types: Vec<SimType>,
    /// The integrator's notes.
    pub metadata: Metadata,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// In the currency's minor unit: cents.
    pub amount: i64,
    /// ISO 4217, three capital letters.
    pub currency: String,
}

/// How long a period is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Validity {
    /// Once, or again and again.
    #[serde(rename = "type")]
    pub kind: ValidityType,
    /// Days or months.
    pub unit: ValidityUnit,
    /// How many of them.
    pub value: u32,
    /// How many periods the subscriber is bound for.
    #[serde(default)]
    pub minimum_periods: Option<u32>,
}

/// Once, or again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum ValidityType {
    OneTime,
    Recurring,
}

/// Days or months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum ValidityUnit {
    Day,
    Month,
}

/// What a period holds; `None` is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Allowances {
    /// Data in bytes.
    pub data_bytes: Option<i64>,
    /// Calls in seconds.
    pub voice_seconds: Option<i64>,
    /// Text messages.
    pub sms_messages: Option<i64>,
}

/// A kind of SIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum SimType {
    #[serde(rename = "eSIM")]
    Esim,
    #[serde(rename = "pSIM")]
    Psim,
}

/// Whether a plan can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum PlanStatus {
    Draft,
    Pending,
    Available,
    Archived,
}

impl PlanStatus {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Archived => "archived",
        }
    }
}

impl std::str::FromStr for PlanStatus {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        [Self::Draft, Self::Pending, Self::Available, Self::Archived]
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or(())
    }
}
