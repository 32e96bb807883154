//! Events: what happened, as integrators are told.

use axum::response::Response;
use http::StatusCode;
use portico_app::{
    webhooks,
    wire::{EventResource, RedeliveryResource},
};
use portico_domain::{
    event::EventType,
    id::{EventKind, WebhookEndpointId},
};
use portico_store::{PageRequest, events as rows};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Caller, Server,
        fields::{Fields, Parsed, wrong},
        ok,
        paging::{List, Paging, paging},
        parse::{parsed, text},
    },
};

/// What has events.
const SUBJECTS: [&str; 5] = ["csn_", "prt_", "sub_", "usr_", "whe_"];

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(redeliver))
}

/// Which events to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Of this type, prefix included.
    #[param(
        min_length = 1,
        max_length = 100,
        example = "com.portico.porting.declined"
    )]
    pub r#type: Option<String>,
    /// Of the resource with this id.
    #[param(pattern = "^(csn|prt|sub|usr|whe)_[0-9A-Za-z]{28}$")]
    pub subject: Option<String>,
}

/// To whom an event is sent again.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventRedeliver {
    /// To this endpoint, whatever types it is told; to every enabled endpoint that is told of the
    /// event's type when not given.
    #[schema(pattern = "^whe_[0-9A-Za-z]{28}$")]
    pub endpoint: Option<String>,
}

type Filter = (Option<&'static str>, Option<String>, PageRequest);

fn read_filter(query: &mut Fields, prefix: &str) -> Option<Filter> {
    let kind = query.optional("type", |value| event_type(value, prefix));
    let subject = query.optional("subject", subject);
    Some((kind, subject, paging::<EventKind>(query)))
}

fn event_type(value: &Json, prefix: &str) -> Parsed<&'static str> {
    let text = text(value)?;
    let name = text.strip_prefix(prefix);
    let known = EventType::ALL.iter().map(|kind| kind.as_str());
    known.into_iter().find(|it| Some(*it) == name).map_or_else(
        || {
            wrong(format!(
                "must be an event type, such as {prefix}porting.declined."
            ))
        },
        Ok,
    )
}

fn subject(value: &Json) -> Parsed<String> {
    let text = text(value)?;
    let body = SUBJECTS.iter().find_map(|prefix| text.strip_prefix(prefix));
    let fits =
        body.is_some_and(|it| it.len() == 28 && it.bytes().all(|c| c.is_ascii_alphanumeric()));
    if fits {
        Ok(text)
    } else {
        wrong("must be the id of a session, porting, subscription, user or webhook endpoint.")
    }
}

fn resource(by: &Caller, event: rows::Event) -> EventResource {
    let config = &by.app.config;
    EventResource::new(event, &config.event_type_prefix, &config.public_url)
}

/// List events
///
/// Portico's addition to the contract. Newest first.
#[utoipa::path(get, path = "/projects/{project}/events", tag = "Events",
    operation_id = "listEvents", params(EventFilter, Paging),
    responses((status = 200, description = "The events.", body = List<EventResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let by = &call.by;
    let prefix = &by.app.config.event_type_prefix;
    let (kind, subject, page) = call.query(|query| read_filter(query, prefix))?;
    let mut tx = call.read().await?;
    let filter = (kind, subject.as_deref());
    let found = rows::list(&mut tx, &by.project.id, filter, &page).await?;
    ok(&List::from(found.map(|event| resource(by, event))))
}

/// Get an event
///
/// Portico's addition to the contract.
#[utoipa::path(get, path = "/projects/{project}/events/{event}", tag = "Events",
    operation_id = "getEvent",
    responses((status = 200, description = "The event.", body = EventResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let found = rows::find(&mut tx, &call.by.project.id, call.id("event")?).await?;
    let event = found.ok_or_else(|| ApiError::not_found("event"))?;
    call.no_query()?;
    ok(&resource(&call.by, event))
}

/// Send an event again
///
/// Portico's addition to the contract. It arrives with the `webhook-id` it had before.
#[utoipa::path(post, path = "/projects/{project}/events/{event}/redeliver", tag = "Events",
    operation_id = "redeliverEvent", request_body = EventRedeliver,
    responses((status = 202, description = "How many deliveries that makes.",
               body = RedeliveryResource)))]
async fn redeliver(call: Call) -> Result<Response, ApiError> {
    let event = call.id("event")?;
    let endpoint =
        call.body(|body| Some(body.optional("endpoint", parsed::<WebhookEndpointId>)))?;
    call.write(StatusCode::ACCEPTED, move |tx, by| {
        Box::pin(async move {
            let sent = webhooks::redeliver_event(tx, &by.project.id, event, endpoint).await?;
            Ok(RedeliveryResource::from(sent))
        })
    })
    .await
}
