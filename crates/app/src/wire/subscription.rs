use jiff::Timestamp;
use portico_domain::{
    plan::{Plan, SimType, ValidityType, ValidityUnit},
    porting::Porting,
    subscription::Subscription,
    user::{Metadata, User},
};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{PortingResource, UserResource};

/// A plan: what the subscriber bought.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Plan)]
pub struct PlanResource {
    /// Always `plan`.
    pub object: &'static str,
    /// `pln_` and 28 letters and digits.
    pub id: String,
    /// What a period holds.
    pub allowances: AllowancesResource,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// A sentence on it.
    #[schema(required)]
    pub description: Option<String>,
    /// The integrator's notes.
    #[schema(value_type = BTreeMap<String, String>)]
    pub metadata: Metadata,
    /// Its name.
    pub name: String,
    /// What a period costs.
    pub price: PriceResource,
    /// The recipient network it runs on.
    pub provider: String,
    /// Any of `eSIM` and `pSIM`.
    pub sim_types: Vec<&'static str>,
    /// `draft`, `pending`, `available` or `archived`.
    pub status: &'static str,
    /// How long a period is.
    #[schema(required)]
    pub validity: Option<ValidityResource>,
}

/// An amount of money.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Price)]
pub struct PriceResource {
    /// In the currency's minor unit: cents.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What a period holds; `null` is unlimited.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Allowances)]
pub struct AllowancesResource {
    /// Data in bytes.
    #[schema(required)]
    pub data_bytes: Option<i64>,
    /// Calls in seconds.
    #[schema(required)]
    pub voice_seconds: Option<i64>,
    /// Text messages.
    #[schema(required)]
    pub sms_messages: Option<i64>,
}

/// How long a period is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Validity)]
pub struct ValidityResource {
    /// How many periods the subscriber is bound for.
    #[schema(required)]
    pub minimum_periods: Option<u32>,
    /// `oneTime` or `recurring`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `day` or `month`.
    pub unit: &'static str,
    /// How many of them.
    pub value: u32,
}

impl From<&Plan> for PlanResource {
    fn from(plan: &Plan) -> Self {
        let document = &plan.document;
        Self {
            object: "plan",
            id: plan.id.to_string(),
            allowances: AllowancesResource {
                data_bytes: document.allowances.data_bytes,
                voice_seconds: document.allowances.voice_seconds,
                sms_messages: document.allowances.sms_messages,
            },
            created_at: plan.created_at,
            description: document.description.clone(),
            metadata: document.metadata.clone(),
            name: document.name.clone(),
            price: PriceResource {
                amount: document.price.amount,
                currency: document.price.currency.clone(),
            },
            provider: plan.provider.clone(),
            sim_types: document
                .sim_types
                .iter()
                .map(|kind| sim_type(*kind))
                .collect(),
            status: plan.status.as_str(),
            validity: document.validity.as_ref().map(|validity| ValidityResource {
                minimum_periods: validity.minimum_periods,
                kind: match validity.kind {
                    ValidityType::OneTime => "oneTime",
                    ValidityType::Recurring => "recurring",
                },
                unit: match validity.unit {
                    ValidityUnit::Day => "day",
                    ValidityUnit::Month => "month",
                },
                value: validity.value,
            }),
        }
    }
}

fn sim_type(kind: SimType) -> &'static str {
    match kind {
        SimType::Esim => "eSIM",
        SimType::Psim => "pSIM",
    }
}

/// A subscription: a user's plan and number.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Subscription)]
pub struct SubscriptionResource {
    /// Always `subscription`.
    pub object: &'static str,
    /// `sub_` and 28 letters and digits.
    pub id: String,
    /// When it became active first.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub activated_at: Option<Timestamp>,
    /// When its end was asked for.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub canceled_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Always null: Portico does not bill.
    #[schema(required, value_type = Option<Object>)]
    pub current_period: Option<Json>,
    /// When it ended.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Always null: Portico sees no usage.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub first_usage_at: Option<Timestamp>,
    /// The current porting, under its newer name.
    #[schema(required)]
    pub last_porting: Option<PortingResource>,
    /// The integrator's notes.
    #[schema(value_type = BTreeMap<String, String>)]
    pub metadata: Metadata,
    /// Its number, E.164.
    #[schema(required)]
    pub phone_number: Option<String>,
    /// What was bought.
    pub plan: PlanResource,
    /// The current porting.
    #[schema(required)]
    pub porting: Option<PortingResource>,
    /// Always null: Portico does not manage SIMs.
    #[schema(required, value_type = Option<Object>)]
    pub sim: Option<Json>,
    /// `pending`, `initiated`, `active`, `restricted` or `ended`.
    pub status: &'static str,
    /// Whose it is.
    pub user: UserResource,
    /// The user's address it is for.
    #[schema(required)]
    pub user_address: Option<String>,
}

impl SubscriptionResource {
    /// The resource with what hangs on it.
    pub fn new(
        subscription: &Subscription,
        plan: &Plan,
        user: &User,
        porting: Option<&Porting>,
    ) -> Self {
        let porting = porting.map(PortingResource::from);
        Self {
            object: "subscription",
            id: subscription.id.to_string(),
            activated_at: subscription.activated_at,
            canceled_at: subscription.canceled_at,
            created_at: subscription.created_at,
            current_period: None,
            ended_at: subscription.ended_at,
            first_usage_at: None,
            last_porting: porting.clone(),
            metadata: subscription.metadata.clone(),
            phone_number: subscription.phone_number.clone(),
            plan: plan.into(),
            porting,
            sim: None,
            status: subscription.status.as_str(),
            user: user.into(),
            user_address: subscription.user_address.map(|id| id.to_string()),
        }
    }
}
