//! Plans: what a subscriber can buy.

use std::collections::BTreeMap;

use axum::response::Response;
use http::StatusCode;
use portico_app::{plans, wire::PlanResource};
use portico_domain::{
    id::PlanKind,
    plan::{
        Allowances, Plan, PlanDocument, PlanStatus, Price, SimType, Validity, ValidityType,
        ValidityUnit,
    },
    porting::Patch,
};
use portico_store::plans as rows;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    document::{metadata_patch, new_metadata},
    request::{
        Call, Server,
        fields::{Fields, object},
        ok,
        paging::{List, Paging, paging},
        parse::{choice, integer, list as items, metadata, text},
    },
};

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update))
}

/// What a new plan is made of.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanCreate {
    /// Its name.
    #[schema(min_length = 1, max_length = 100, example = "Unlimited")]
    pub name: String,
    /// The recipient network it runs on.
    #[schema(min_length = 1, max_length = 40, example = "test")]
    pub provider: String,
    /// What a period costs.
    pub price: PriceInput,
    /// A sentence on it.
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    /// How long a period is.
    pub validity: Option<ValidityInput>,
    /// What a period holds; unlimited where nothing is said.
    pub allowances: Option<AllowancesInput>,
    /// Which SIMs it runs on.
    #[schema(max_items = 2)]
    pub sim_types: Option<Vec<SimTypeInput>>,
    /// Whether it can be bought; `available` when not given.
    pub status: Option<PlanStatusInput>,
    /// Your own notes: at most 10 keys of 40 characters, values of 255.
    #[schema(schema_with = new_metadata, required = false)]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
}

/// A change of a plan. What is not mentioned stays; an object is replaced as a whole. The provider
/// cannot change.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanUpdate {
    /// Its name.
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    pub name: Option<String>,
    /// What a period costs.
    #[schema(nullable = false)]
    pub price: Option<PriceInput>,
    /// A sentence on it; `null` clears it.
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    /// How long a period is; `null` clears it.
    pub validity: Option<ValidityInput>,
    /// What a period holds; `null` makes all of it unlimited.
    pub allowances: Option<AllowancesInput>,
    /// Which SIMs it runs on; `null` clears it.
    #[schema(max_items = 2)]
    pub sim_types: Option<Vec<SimTypeInput>>,
    /// Whether it can be bought.
    #[schema(nullable = false)]
    pub status: Option<PlanStatusInput>,
    /// Notes to set; `null` deletes a key.
    #[schema(schema_with = metadata_patch, required = false)]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
}

/// An amount of money.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceInput {
    /// In the currency's minor unit: cents.
    #[schema(minimum = 0, maximum = 1_000_000_000, format = Int64)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", example = "USD")]
    pub currency: String,
}

/// How long a period is.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValidityInput {
    /// Once, or again and again.
    #[serde(rename = "type")]
    pub kind: ValidityTypeInput,
    /// Days or months.
    pub unit: ValidityUnitInput,
    /// How many of them.
    #[schema(minimum = 1, maximum = 1_000)]
    pub value: u32,
    /// How many periods the subscriber is bound for.
    #[schema(minimum = 0, maximum = 1_000)]
    pub minimum_periods: Option<u32>,
}

/// What a period holds; `null` is unlimited.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowancesInput {
    /// Data in bytes.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub data_bytes: Option<i64>,
    /// Calls in seconds.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub voice_seconds: Option<i64>,
    /// Text messages.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub sms_messages: Option<i64>,
}

/// A kind of SIM.
#[derive(ToSchema)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum SimTypeInput {
    #[serde(rename = "eSIM")]
    Esim,
    #[serde(rename = "pSIM")]
    Psim,
}

/// Whether a plan can be bought.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum PlanStatusInput {
    Draft,
    Pending,
    Available,
    Archived,
}

/// Once, or again and again.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum ValidityTypeInput {
    OneTime,
    Recurring,
}

/// Days or months.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum ValidityUnitInput {
    Day,
    Month,
}

/// The largest whole number that every JSON reader keeps exact.
const MAX_EXACT: i64 = 9_007_199_254_740_991;
const STATUSES: [PlanStatus; 4] = [
    PlanStatus::Draft,
    PlanStatus::Pending,
    PlanStatus::Available,
    PlanStatus::Archived,
];

pub(crate) fn read_new(body: &mut Fields) -> Option<(String, PlanStatus, PlanDocument)> {
    let name = body.required("name", text);
    let provider = body.required("provider", text);
    let price = body.required("price", object(price));
    let description = body.optional("description", text);
    let validity = body.optional("validity", object(validity));
    let allowances = body.optional("allowances", object(allowances));
    let sim_types = body.optional("simTypes", items(2, sim_type));
    let status = body.optional("status", choice(&STATUSES, PlanStatus::as_str));
    let notes = body.optional("metadata", metadata).unwrap_or_default();
    let document = PlanDocument {
        name: name?,
        description,
        price: price?,
        validity,
        allowances: allowances.unwrap_or_default(),
        sim_types: sim_types.unwrap_or_default(),
        metadata: notes.apply(&BTreeMap::new()),
    };
    Some((provider?, status.unwrap_or(PlanStatus::Available), document))
}

/// Reads a change; what comes back makes it.
pub(crate) fn read_patch(body: &mut Fields) -> impl Fn(&mut Plan) + Send + Sync + use<> {
    fn or_default<T: Default + Clone>(patch: &Patch<T>, slot: &mut T) {
        match patch {
            Patch::Keep => {}
            Patch::Clear => *slot = T::default(),
            Patch::Set(value) => *slot = value.clone(),
        }
    }
    let name = body.replace("name", text);
    let price = body.replace("price", object(price));
    let description = body.patch("description", text);
    let validity = body.patch("validity", object(validity));
    let allowances = body.patch("allowances", object(allowances));
    let sim_types = body.patch("simTypes", items(2, sim_type));
    let status = body.replace("status", choice(&STATUSES, PlanStatus::as_str));
    let notes = body.optional("metadata", metadata).unwrap_or_default();
    move |plan| {
        let document = &mut plan.document;
        document.name = name.clone().unwrap_or_else(|| document.name.clone());
        document.price = price.clone().unwrap_or_else(|| document.price.clone());
        description.clone().apply(&mut document.description);
        validity.clone().apply(&mut document.validity);
        or_default(&allowances, &mut document.allowances);
        or_default(&sim_types, &mut document.sim_types);
        document.metadata = notes.clone().apply(&document.metadata);
        plan.status = status.unwrap_or(plan.status);
    }
}

fn price(fields: &mut Fields) -> Option<Price> {
    let amount = fields.required("amount", integer(0..=1_000_000_000));
    let currency = fields.required("currency", text);
    Some(Price {
        amount: amount?,
        currency: currency?,
    })
}

fn validity(fields: &mut Fields) -> Option<Validity> {
    let kinds = [ValidityType::OneTime, ValidityType::Recurring];
    let kind = fields.required(
        "type",
        choice(&kinds, |kind| match kind {
            ValidityType::OneTime => "oneTime",
            ValidityType::Recurring => "recurring",
        }),
    );
    let units = [ValidityUnit::Day, ValidityUnit::Month];
    let unit = fields.required(
        "unit",
        choice(&units, |unit| match unit {
            ValidityUnit::Day => "day",
            ValidityUnit::Month => "month",
        }),
    );
    let value = fields.required("value", integer(1..=1_000));
    let minimum = fields.optional("minimumPeriods", integer(0..=1_000));
    Some(Validity {
        kind: kind?,
        unit: unit?,
        value: u32::try_from(value?).ok()?,
        minimum_periods: minimum.and_then(|periods| periods.try_into().ok()),
    })
}

fn allowances(fields: &mut Fields) -> Option<Allowances> {
    Some(Allowances {
        data_bytes: fields.optional("dataBytes", integer(0..=MAX_EXACT)),
        voice_seconds: fields.optional("voiceSeconds", integer(0..=MAX_EXACT)),
        sms_messages: fields.optional("smsMessages", integer(0..=MAX_EXACT)),
    })
}

fn sim_type(value: &serde_json::Value) -> crate::request::fields::Parsed<SimType> {
    let name = |kind| match kind {
        SimType::Esim => "eSIM",
        SimType::Psim => "pSIM",
    };
    choice(&[SimType::Esim, SimType::Psim], name)(value)
}

/// List plans
///
/// Newest first.
#[utoipa::path(get, path = "/projects/{project}/plans", tag = "Plans", operation_id = "listPlans",
    params(Paging), responses((status = 200, description = "The plans.", body = List<PlanResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let page = call.query(|query| Some(paging::<PlanKind>(query)))?;
    let mut tx = call.read().await?;
    let found = rows::list(&mut tx, &call.by.project.id, &page).await?;
    ok(&List::from(found.map(|plan| PlanResource::from(&plan))))
}

/// Create a plan
///
/// Portico's addition to the contract. Business codes: `portingProviderNotFound`.
#[utoipa::path(post, path = "/projects/{project}/plans", tag = "Plans", operation_id = "createPlan",
    request_body = PlanCreate,
    responses((status = 201, description = "The plan.", body = PlanResource)))]
async fn create(call: Call) -> Result<Response, ApiError> {
    let (provider, status, document) = call.body(read_new)?;
    call.write(StatusCode::CREATED, move |tx, by| {
        let (provider, document) = (provider.clone(), document.clone());
        Box::pin(async move {
            let who = (&by.actor, &by.project);
            let plan = plans::create(tx, who, provider, status, document).await?;
            Ok(PlanResource::from(&plan))
        })
    })
    .await
}

/// Get a plan
#[utoipa::path(get, path = "/projects/{project}/plans/{plan}", tag = "Plans",
    operation_id = "getPlan",
    responses((status = 200, description = "The plan.", body = PlanResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let plan = plans::get(&mut tx, &call.by.project.id, call.id("plan")?).await?;
    call.no_query()?;
    ok(&PlanResource::from(&plan))
}

/// Change a plan
///
/// Portico's addition to the contract.
#[utoipa::path(patch, path = "/projects/{project}/plans/{plan}", tag = "Plans",
    operation_id = "updatePlan", request_body = PlanUpdate,
    responses((status = 200, description = "The plan.", body = PlanResource)))]
async fn update(call: Call) -> Result<Response, ApiError> {
    let id = call.id("plan")?;
    let change = std::sync::Arc::new(call.body(|body| Some(read_patch(body)))?);
    call.write(StatusCode::OK, move |tx, by| {
        let change = change.clone();
        Box::pin(async move {
            let before = plans::get(tx, &by.project.id, id).await?;
            let mut after = before.clone();
            change(&mut after);
            let plan = plans::update(tx, &by.actor, &before, after).await?;
            Ok(PlanResource::from(&plan))
        })
    })
    .await
}
