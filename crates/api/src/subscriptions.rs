//! Subscriptions: a user's plan and number.

use std::collections::BTreeMap;

use axum::response::Response;
use http::StatusCode;
use portico_app::{
    MetadataPatch,
    subscriptions::{self, NewSubscription},
    wire::SubscriptionResource,
};
use portico_domain::{
    id::{PlanId, PortingId, SubscriptionId, SubscriptionKind, UserAddressId, UserId},
    porting::Patch,
    subscription::{Subscription, SubscriptionStatus},
};
use portico_store::{PageRequest, Tx, subscriptions as rows};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    document::{metadata_patch, new_metadata},
    request::{
        Call, Server,
        fields::Fields,
        ok,
        paging::{List, Paging, paging},
        parse::{choices, metadata, parsed, text},
    },
};

/// Properties of the contract that Portico takes and does nothing with: it manages no SIMs and
/// devices, and does not bill.
const IGNORED: [&str; 4] = ["billing", "device", "deviceModel", "sim"];

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update))
        .routes(routes!(cancel))
        .routes(routes!(end))
        .routes(routes!(port_in))
}

/// What a new subscription is made of.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubscriptionCreate {
    /// What is bought; its status must be `available`.
    #[schema(pattern = "^pln_[0-9A-Za-z]{28}$")]
    pub plan: String,
    /// By whom.
    #[schema(pattern = "^usr_[0-9A-Za-z]{28}$")]
    pub user: String,
    /// A draft of the same user. With it the subscription is `pending` until the porting ends;
    /// without it, `active` at once.
    #[schema(pattern = "^prt_[0-9A-Za-z]{28}$")]
    pub porting: Option<String>,
    /// One of the user's addresses.
    #[schema(pattern = "^adr_[0-9A-Za-z]{28}$")]
    pub user_address: Option<String>,
    /// Your own notes: at most 10 keys of 40 characters, values of 255.
    #[schema(schema_with = new_metadata, required = false)]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
    /// Accepted and ignored: Portico does not bill.
    pub billing: Option<serde_json::Value>,
    /// Accepted and ignored: Portico does not manage devices.
    pub device: Option<serde_json::Value>,
    /// Accepted and ignored: Portico does not manage devices.
    pub device_model: Option<serde_json::Value>,
    /// Accepted and ignored: Portico does not manage SIMs.
    pub sim: Option<serde_json::Value>,
}

/// A change of a subscription. What is not mentioned stays.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubscriptionUpdate {
    /// One of the user's addresses; `null` clears it.
    #[schema(pattern = "^adr_[0-9A-Za-z]{28}$")]
    pub user_address: Option<String>,
    /// Notes to set; `null` deletes a key.
    #[schema(schema_with = metadata_patch, required = false)]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
    /// Accepted and ignored: Portico does not bill.
    pub billing: Option<serde_json::Value>,
    /// Accepted and ignored: Portico does not manage devices.
    pub device: Option<serde_json::Value>,
    /// Accepted and ignored: Portico does not manage devices.
    pub device_model: Option<serde_json::Value>,
    /// Accepted and ignored: Portico does not manage SIMs.
    pub sim: Option<serde_json::Value>,
}

/// The draft that a subscription takes.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortInRequest {
    /// A draft of the subscription's user.
    #[schema(pattern = "^prt_[0-9A-Za-z]{28}$")]
    pub porting: String,
}

/// Which subscriptions to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubscriptionFilter {
    /// Of this user.
    #[param(pattern = "^usr_[0-9A-Za-z]{28}$")]
    pub user: Option<String>,
    /// Of this plan.
    #[param(pattern = "^pln_[0-9A-Za-z]{28}$")]
    pub plan: Option<String>,
    /// In one of these statuses, separated by commas; all when not given.
    #[param(
        pattern = "^(pending|initiated|active|restricted|ended)(,(pending|initiated|active|restricted|ended))*$"
    )]
    pub status: Option<String>,
    /// Accepted and ignored: Portico does not manage SIMs.
    #[param(min_length = 1, max_length = 64)]
    pub sim: Option<String>,
}

pub(crate) fn read_new(body: &mut Fields) -> Option<NewSubscription> {
    IGNORED.iter().for_each(|name| body.ignore(name));
    let plan = body.required("plan", parsed::<PlanId>);
    let user = body.required("user", parsed::<UserId>);
    let porting = body.optional("porting", parsed::<PortingId>);
    let user_address = body.optional("userAddress", parsed::<UserAddressId>);
    let metadata = body.optional("metadata", metadata).unwrap_or_default();
    Some(NewSubscription {
        plan: plan?,
        user: user?,
        porting,
        user_address,
        metadata,
    })
}

pub(crate) fn read_patch(body: &mut Fields) -> (MetadataPatch, Option<Option<UserAddressId>>) {
    IGNORED.iter().for_each(|name| body.ignore(name));
    let metadata = body.optional("metadata", metadata).unwrap_or_default();
    let user_address = match body.patch("userAddress", parsed::<UserAddressId>) {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(id) => Some(Some(id)),
    };
    (metadata, user_address)
}

fn read_filter(query: &mut Fields) -> (rows::Filter, PageRequest) {
    query.optional("sim", text);
    let status = choices(&SubscriptionStatus::ALL, SubscriptionStatus::as_str);
    let statuses = query.optional("status", status).unwrap_or_default();
    let filter = rows::Filter {
        user: query.optional("user", parsed),
        plan: query.optional("plan", parsed),
        statuses: statuses
            .into_iter()
            .map(SubscriptionStatus::as_str)
            .collect(),
    };
    (filter, paging::<SubscriptionKind>(query))
}

async fn expand(
    tx: &mut Tx,
    subscription: &Subscription,
) -> Result<SubscriptionResource, ApiError> {
    Ok(subscriptions::expand(tx, subscription).await?)
}

/// List subscriptions
///
/// Newest first, in every status unless `status` says otherwise.
#[utoipa::path(get, path = "/projects/{project}/subscriptions", tag = "Subscriptions",
    operation_id = "listSubscriptions", params(SubscriptionFilter, Paging),
    responses((status = 200, description = "The subscriptions.",
        body = List<SubscriptionResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let (filter, page) = call.query(|query| Some(read_filter(query)))?;
    let mut tx = call.read().await?;
    let project = &call.by.project.id;
    let found = rows::list(&mut tx, project, &filter, &page).await?;
    let items = subscriptions::expand_all(&mut tx, project, &found.items).await?;
    ok(&List {
        object: "list",
        items,
        more_items_after: found.more_after,
        more_items_before: found.more_before,
    })
}

/// Create a subscription
///
/// Business codes: `portingAlreadyExists`, `portingProviderMismatch`,
/// `portingUserAddressRequired`.
#[utoipa::path(post, path = "/projects/{project}/subscriptions", tag = "Subscriptions",
    operation_id = "createSubscription", request_body = SubscriptionCreate,
    responses((status = 201, description = "The subscription.", body = SubscriptionResource)))]
async fn create(call: Call) -> Result<Response, ApiError> {
    let new = call.body(read_new)?;
    call.write(StatusCode::CREATED, move |tx, by| {
        let new = new.clone();
        Box::pin(async move {
            let who = (&by.actor, &by.project);
            let subscription = subscriptions::create(tx, &by.app, who, new).await?;
            expand(tx, &subscription).await
        })
    })
    .await
}

/// Get a subscription
#[utoipa::path(get, path = "/projects/{project}/subscriptions/{subscription}",
    tag = "Subscriptions", operation_id = "getSubscription",
    responses((status = 200, description = "The subscription.", body = SubscriptionResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let id = call.id("subscription")?;
    let subscription = subscriptions::get(&mut tx, &call.by.project.id, id).await?;
    call.no_query()?;
    ok(&expand(&mut tx, &subscription).await?)
}

/// Change a subscription
#[utoipa::path(patch, path = "/projects/{project}/subscriptions/{subscription}",
    tag = "Subscriptions", operation_id = "updateSubscription", request_body = SubscriptionUpdate,
    responses((status = 200, description = "The subscription.", body = SubscriptionResource)))]
async fn update(call: Call) -> Result<Response, ApiError> {
    let id: SubscriptionId = call.id("subscription")?;
    let patch = call.body(|body| Some(read_patch(body)))?;
    call.write(StatusCode::OK, move |tx, by| {
        let patch = patch.clone();
        Box::pin(async move {
            let before = subscriptions::get(tx, &by.project.id, id).await?;
            let after = subscriptions::update(tx, &by.actor, before, patch).await?;
            expand(tx, &after).await
        })
    })
    .await
}

/// Note that a subscription is to end
///
/// Portico does not bill, so there is no period to wait for: `canceledAt` is set, and the
/// subscription stays as it is until it is ended.
#[utoipa::path(post, path = "/projects/{project}/subscriptions/{subscription}/cancel",
    tag = "Subscriptions", operation_id = "cancelSubscription",
    responses((status = 200, description = "The subscription.", body = SubscriptionResource)))]
async fn cancel(call: Call) -> Result<Response, ApiError> {
    let id: SubscriptionId = call.id("subscription")?;
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let before = subscriptions::get(tx, &by.project.id, id).await?;
            let after = subscriptions::cancel(tx, &by.actor, before).await?;
            expand(tx, &after).await
        })
    })
    .await
}

/// End a subscription now
///
/// An open porting is canceled with it. Business codes: `portingNotCancelable`, when the porting is
/// too far gone.
#[utoipa::path(post, path = "/projects/{project}/subscriptions/{subscription}/end",
    tag = "Subscriptions", operation_id = "endSubscription",
    responses((status = 200, description = "The subscription.", body = SubscriptionResource)))]
async fn end(call: Call) -> Result<Response, ApiError> {
    let id: SubscriptionId = call.id("subscription")?;
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let before = subscriptions::get(tx, &by.project.id, id).await?;
            let after = subscriptions::end(tx, &by.actor, before).await?;
            expand(tx, &after).await
        })
    })
    .await
}

/// Port a number into a subscription
///
/// The subscription takes the draft. Business codes: `portingAlreadyExists`,
/// `portingProviderMismatch`, `portingUserAddressRequired`, `subscriptionPortingAlreadyOpen`,
/// `subscriptionPortingAlreadyCompleted`.
#[utoipa::path(post, path = "/projects/{project}/subscriptions/{subscription}/portIn",
    tag = "Subscriptions", operation_id = "portInSubscription", request_body = PortInRequest,
    responses((status = 200, description = "The subscription.", body = SubscriptionResource)))]
async fn port_in(call: Call) -> Result<Response, ApiError> {
    let id: SubscriptionId = call.id("subscription")?;
    let porting = call.body(|body| body.required("porting", parsed::<PortingId>))?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let before = subscriptions::get(tx, &by.project.id, id).await?;
            let who = (&by.actor, before);
            let after = subscriptions::port_in(tx, &by.app, who, porting).await?;
            expand(tx, &after).await
        })
    })
    .await
}
