use std::collections::BTreeMap;

use jiff::Timestamp;
use portico_store::events::Event;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

/// The version of the published contract that events follow.
const VERSION: &str = "2026-01-29";

/// An event: CloudEvents 1.0 in JSON, with the contract's own keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub struct EventResource {
    /// Always `event`.
    pub object: &'static str,
    /// `evt_` and 28 letters and digits.
    pub id: String,
    /// Who caused it: `type`, and under the name of that type the id. The system has none.
    pub actor: BTreeMap<String, String>,
    /// The whole resource, as it was after the change.
    #[schema(value_type = Object)]
    pub data: Box<RawValue>,
    /// Always `application/json`.
    #[serde(rename = "datacontenttype")]
    pub data_content_type: &'static str,
    /// `*.updated` only: the old values of the top-level fields that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    pub previous_data: Option<Box<RawValue>>,
    /// The project's id.
    pub project: String,
    /// 1 for the resource's first event, then one more each time. Portico's addition.
    pub sequence: i64,
    /// The server's public URL.
    pub source: String,
    /// Always `1.0`.
    #[serde(rename = "specversion")]
    pub spec_version: &'static str,
    /// The id of the resource.
    pub subject: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// What happened, prefix included.
    #[serde(rename = "type")]
    pub kind: String,
    /// The version of the contract that `data` follows.
    pub version: &'static str,
}

impl EventResource {
    /// The envelope of a kept event, on a server with that prefix and public URL.
    pub fn new<D: Serialize>(event: Event<D>, type_prefix: &str, public_url: &str) -> Self {
        let raw = |data: &D| to_raw_value(data).expect("resources have text keys only");
        let mut actor = BTreeMap::new();
        if let Some(id) = event.actor_id {
            actor.insert(event.actor_type.clone(), id);
        }
        actor.insert("type".to_owned(), event.actor_type);
        Self {
            object: "event",
            id: event.id.to_string(),
            actor,
            data: raw(&event.data),
            data_content_type: "application/json",
            previous_data: event.previous.as_ref().map(raw),
            project: event.project,
            sequence: event.sequence,
            source: public_url.to_owned(),
            spec_version: "1.0",
            subject: event.subject,
            time: event.time,
            kind: format!("{type_prefix}{}", event.kind),
            version: VERSION,
        }
    }
}
