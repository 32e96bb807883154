//! Webhook endpoints and the log of their deliveries.

use axum::response::Response;
use http::StatusCode;
use portico_app::{
    webhooks,
    wire::{
        RedeliveryResource, SignedEventResource, WebhookDeliveryResource, WebhookEndpointResource,
    },
};
use portico_domain::{
    id::{EventId, WebhookDeliveryKind, WebhookEndpointKind},
    webhook::{DeliveryState, EndpointStatus, TypePattern, WebhookEndpoint},
};
use portico_store::{
    PageRequest,
    webhooks::{deliveries, endpoints},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Caller, Server,
        fields::Fields,
        ok,
        paging::{List, Paging, paging},
        parse::{by, choice, instant, list as items, parsed, text},
    },
};

/// Types of an endpoint at the most.
const MAX_TYPES: usize = 50;

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(rotate_secret))
        .routes(routes!(list_deliveries))
        .routes(routes!(redeliver))
        .routes(routes!(sign))
}

/// What a new endpoint is made of.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookEndpointCreate {
    /// Where events are posted: https, without user info or fragment. Addresses that are not public
    /// are refused, now and at every delivery.
    #[schema(
        min_length = 1,
        max_length = 2048,
        example = "https://shop.example/hooks"
    )]
    pub url: String,
    /// Which event types it is told, prefix included: whole types such as
    /// `com.portico.porting.declined`, groups such as `com.portico.porting.*`, or `*` for all.
    #[schema(min_items = 1, max_items = 50)]
    pub types: Vec<String>,
    /// Your words on it.
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    /// Whether it begins at once; `enabled` when not given.
    pub status: Option<EndpointStatusInput>,
}

/// A change of an endpoint. What is not mentioned stays.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookEndpointUpdate {
    /// Where events are posted.
    #[schema(min_length = 1, max_length = 2048, nullable = false)]
    pub url: Option<String>,
    /// Which event types it is told; replaced as a whole.
    #[schema(min_items = 1, max_items = 50, nullable = false)]
    pub types: Option<Vec<String>>,
    /// Your words on it; `null` clears it.
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    /// What waits for a disabled endpoint rests, and goes on when it is enabled again; events that
    /// happen meanwhile are not sent to it.
    #[schema(nullable = false)]
    pub status: Option<EndpointStatusInput>,
}

/// Which events are sent again.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookRedeliver {
    /// From this time on.
    #[schema(format = DateTime)]
    pub after: String,
    /// Before this time; at most 10,000 events may lie between.
    #[schema(format = DateTime)]
    pub before: String,
    /// Of these types; of those the endpoint is told when not given.
    #[schema(min_items = 1, max_items = 50)]
    pub types: Option<Vec<String>>,
}

/// Which event is signed.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookSign {
    /// The event, whatever types the endpoint is told.
    #[schema(pattern = "^evt_[0-9A-Za-z]{28}$")]
    pub event: String,
}

/// Whether an endpoint is told anything.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "described where it is used")]
pub enum EndpointStatusInput {
    Enabled,
    Disabled,
}

/// How far a delivery is.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "described at the resource")]
pub enum DeliveryStateInput {
    Waiting,
    Delivered,
    Failed,
}

/// Which deliveries to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    /// Of this event.
    #[param(pattern = "^evt_[0-9A-Za-z]{28}$")]
    pub event: Option<String>,
    /// In this state.
    #[param(inline)]
    pub state: Option<DeliveryStateInput>,
}

type Filter = ((Option<EventId>, Option<DeliveryState>), PageRequest);

fn read_filter(query: &mut Fields) -> Option<Filter> {
    let event = query.optional("event", parsed::<EventId>);
    let state = query.optional("state", choice(DeliveryState::ALL, DeliveryState::as_str));
    Some(((event, state), paging::<WebhookDeliveryKind>(query)))
}

fn types(
    prefix: &str,
) -> impl FnOnce(&serde_json::Value) -> crate::request::fields::Parsed<Vec<TypePattern>> {
    let prefix = prefix.to_owned();
    items(MAX_TYPES, move |value| {
        by(|text| TypePattern::parse(text, &prefix))(value)
    })
}

pub(crate) fn read_new(body: &mut Fields, prefix: &str) -> Option<webhooks::Create> {
    let url = body.required("url", text);
    let types = body.required("types", types(prefix));
    let description = body.optional("description", text);
    let status = choice(EndpointStatus::ALL, EndpointStatus::as_str);
    let status = body.optional("status", status);
    Some(webhooks::Create {
        url: url?,
        types: types?,
        description,
        status: status.unwrap_or(EndpointStatus::Enabled),
    })
}

pub(crate) fn read_change(body: &mut Fields, prefix: &str) -> webhooks::Update {
    let status = choice(EndpointStatus::ALL, EndpointStatus::as_str);
    webhooks::Update {
        url: body.replace("url", text),
        types: body.replace("types", types(prefix)),
        description: body.patch("description", text),
        status: body.replace("status", status),
    }
}

fn prefix(by: &Caller) -> &str {
    &by.app.config.event_type_prefix
}

fn resource(by: &Caller, endpoint: &WebhookEndpoint) -> WebhookEndpointResource {
    WebhookEndpointResource::new(endpoint, prefix(by))
}

/// List webhook endpoints
///
/// Portico's addition to the contract. Newest first.
#[utoipa::path(get, path = "/projects/{project}/webhookEndpoints", tag = "Webhooks",
    operation_id = "listWebhookEndpoints", params(Paging),
    responses((status = 200, description = "The endpoints.",
               body = List<WebhookEndpointResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let page = call.query(|query| Some(paging::<WebhookEndpointKind>(query)))?;
    let mut tx = call.read().await?;
    let found = endpoints::list(&mut tx, &call.by.project.id, &page).await?;
    ok(&List::from(found.map(|it| resource(&call.by, &it))))
}

/// Create a webhook endpoint
///
/// Portico's addition to the contract. The answer holds the `secret` that signs deliveries, once.
/// Business codes: `webhookEndpointLimitExceeded`.
#[utoipa::path(post, path = "/projects/{project}/webhookEndpoints", tag = "Webhooks",
    operation_id = "createWebhookEndpoint", request_body = WebhookEndpointCreate,
    responses((status = 201, description = "The endpoint, with its secret.",
               body = WebhookEndpointResource)))]
async fn create(call: Call) -> Result<Response, ApiError> {
    let new = call.body(|body| read_new(body, prefix(&call.by)))?;
    call.write(StatusCode::CREATED, move |tx, by| {
        let new = new.clone();
        Box::pin(async move {
            let who = (&by.actor, &by.project);
            let (endpoint, secret) = webhooks::create(tx, &by.app, who, new).await?;
            Ok(resource(&by, &endpoint).with_secret(&secret))
        })
    })
    .await
}

/// Get a webhook endpoint
///
/// Portico's addition to the contract.
#[utoipa::path(get, path = "/projects/{project}/webhookEndpoints/{webhookEndpoint}",
    tag = "Webhooks", operation_id = "getWebhookEndpoint",
    responses((status = 200, description = "The endpoint.", body = WebhookEndpointResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let id = call.id("webhookEndpoint")?;
    let endpoint = webhooks::get(&mut tx, &call.by.project.id, id).await?;
    call.no_query()?;
    ok(&resource(&call.by, &endpoint))
}

/// Change a webhook endpoint
///
/// Portico's addition to the contract. Enabled again, or at another URL, an endpoint begins with a
/// clean record.
#[utoipa::path(patch, path = "/projects/{project}/webhookEndpoints/{webhookEndpoint}",
    tag = "Webhooks", operation_id = "updateWebhookEndpoint", request_body = WebhookEndpointUpdate,
    responses((status = 200, description = "The endpoint.", body = WebhookEndpointResource)))]
async fn update(call: Call) -> Result<Response, ApiError> {
    let id = call.id("webhookEndpoint")?;
    let change = call.body(|body| Some(read_change(body, prefix(&call.by))))?;
    call.write(StatusCode::OK, move |tx, by| {
        let change = change.clone();
        Box::pin(async move {
            let before = webhooks::get(tx, &by.project.id, id).await?;
            let after = webhooks::update(tx, &by.app, (&by.actor, before), change).await?;
            Ok(resource(&by, &after))
        })
    })
    .await
}

/// Delete a webhook endpoint
///
/// Portico's addition to the contract. What waits for it is not sent any more.
#[utoipa::path(delete, path = "/projects/{project}/webhookEndpoints/{webhookEndpoint}",
    tag = "Webhooks", operation_id = "deleteWebhookEndpoint",
    responses((status = 200, description = "The endpoint that was.",
               body = WebhookEndpointResource)))]
async fn delete(call: Call) -> Result<Response, ApiError> {
    let id = call.id("webhookEndpoint")?;
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let endpoint = webhooks::get(tx, &by.project.id, id).await?;
            let endpoint = webhooks::delete(tx, &by.actor, endpoint).await?;
            Ok(resource(&by, &endpoint))
        })
    })
    .await
}

/// Give a webhook endpoint a new secret
///
/// Portico's addition to the contract. The answer holds the new `secret`, once. For 24 hours the old
/// one signs beside it.
#[utoipa::path(post, path = "/projects/{project}/webhookEndpoints/{webhookEndpoint}/rotateSecret",
    tag = "Webhooks", operation_id = "rotateWebhookSecret",
    responses((status = 200, description = "The endpoint, with its new secret.",
               body = WebhookEndpointResource)))]
async fn rotate_secret(call: Call) -> Result<Response, ApiError> {
    let id = call.id("webhookEndpoint")?;
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let endpoint = webhooks::get(tx, &by.project.id, id).await?;
            let secret = webhooks::rotate_secret(tx, &by.actor, &endpoint).await?;
            Ok(resource(&by, &endpoint).with_secret(&secret))
        })
    })
    .await
}

/// List a webhook endpoint's deliveries
///
/// Portico's addition to the contract. Newest first, each with its attempts. Deliveries that ended
/// are kept for 30 days, unless the server is set otherwise.
#[utoipa::path(get, path = "/projects/{project}/webhookEndpoints/{webhookEndpoint}/deliveries",
    tag = "Webhooks", operation_id = "listWebhookDeliveries", params(DeliveryFilter, Paging),
    responses((status = 200, description = "The deliveries.",
               body = List<WebhookDeliveryResource>)))]
async fn list_deliveries(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let id = call.id("webhookEndpoint")?;
    webhooks::get(&mut tx, &call.by.project.id, id).await?;
    let (filter, page) = call.query(read_filter)?;
    let found = deliveries::list(&mut tx, id, filter, &page).await?;
    let prefix = prefix(&call.by);
    ok(&List::from(
        found.map(|it| WebhookDeliveryResource::new(it, prefix)),
    ))
}

/// Send events again to a webhook endpoint
///
/// Portico's addition to the contract. Those of a range of time, also those it missed while it was
/// disabled. They arrive with the `webhook-id` they had before.
#[utoipa::path(post, path = "/projects/{project}/webhookEndpoints/{webhookEndpoint}/redeliver",
    tag = "Webhooks", operation_id = "redeliverEvents", request_body = WebhookRedeliver,
    responses((status = 202, description = "How many deliveries that makes.",
               body = RedeliveryResource)))]
async fn redeliver(call: Call) -> Result<Response, ApiError> {
    let id = call.id("webhookEndpoint")?;
    let (range, types) = call.body(|body| {
        let after = body.required("after", instant);
        let before = body.required("before", instant);
        let types = body.optional("types", types(prefix(&call.by)));
        Some(((after?, before?), types))
    })?;
    call.write(StatusCode::ACCEPTED, move |tx, by| {
        let types = types.clone();
        Box::pin(async move {
            let endpoint = webhooks::get(tx, &by.project.id, id).await?;
            let sent = webhooks::redeliver_range(tx, &endpoint, range, types).await?;
            Ok(RedeliveryResource::from(sent))
        })
    })
    .await
}

/// Sign an event as a webhook endpoint
///
/// Portico's addition to the contract. The request that would bring the event to the endpoint now, to
/// be posted by whoever asked: so an application is tried where Portico cannot reach it, with the
/// secret it has. Nothing is sent, and nothing is kept.
#[utoipa::path(post, path = "/projects/{project}/webhookEndpoints/{webhookEndpoint}/sign",
    tag = "Webhooks", operation_id = "signEvent", request_body = WebhookSign,
    responses((status = 200, description = "The request's headers and body.",
               body = SignedEventResource)))]
async fn sign(call: Call) -> Result<Response, ApiError> {
    let id = call.id("webhookEndpoint")?;
    let mut tx = call.read().await?;
    webhooks::get(&mut tx, &call.by.project.id, id).await?;
    let event = call.body(|body| body.required("event", parsed::<EventId>))?;
    let of = (id, event);
    ok(&webhooks::signed(&mut tx, &call.by.app, &call.by.project.id, of).await?)
}
