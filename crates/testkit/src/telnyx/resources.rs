//! Orders and events as they stand on the wire.

use serde_json::{Value as Json, json};

use super::books::{Event, Order};

const USER: &str = "40d68ba2-0847-4df2-be9c-b0e0cb673e75";
/// The group of every order that was handed in.
const GROUP: &str = "pr_4bec1a";

pub(super) fn status(order: &Order) -> Json {
    let details = order.details.iter();
    let details: Vec<_> = details
        .map(|(code, text)| json!({ "code": code, "description": text }))
        .collect();
    json!({ "value": order.status, "details": details })
}

pub(super) fn order(order: &Order) -> Json {
    let is_draft = order.status == "draft";
    let number = |number: &String| {
        json!({
            "activation_status": "Activate RDY",
            "phone_number": number,
            "phone_number_type": "mobile",
            "portability_status": "confirmed",
            "porting_order_id": order.id,
            "porting_order_status": order.status,
            "record_type": "porting_phone_number",
            "support_key": "sr_10b316",
        })
    };
    json!({
        "activation_settings": {
            "activation_status": null,
            "fast_port_eligible": true,
            "foc_datetime_actual": order.foc_at,
            "foc_datetime_requested": null,
        },
        "created_at": order.created_at,
        "customer_group_reference": order.group_reference,
        "customer_reference": order.reference,
        "documents": { "invoice": null, "loa": null },
        "end_user": order.end_user,
        "id": order.id,
        "messaging": {
            "enable_messaging": true,
            "messaging_capable": true,
            "messaging_port_completed": false,
            "messaging_port_status": "pending",
        },
        "misc": null,
        "old_service_provider_ocn": "Unreal Communications",
        "parent_support_key": if is_draft { Json::Null } else { json!(GROUP) },
        "phone_number_configuration": { "tags": [] },
        "phone_number_type": "mobile",
        "phone_numbers": order.numbers.iter().map(number).collect::<Vec<_>>(),
        "porting_phone_numbers_count": order.numbers.len(),
        "record_type": "porting_order",
        "requirements": [],
        "requirements_met": true,
        "status": status(order),
        "support_key": if is_draft { Json::Null } else { json!("sr_10b316") },
        "updated_at": order.updated_at,
        "user_feedback": { "user_comment": null, "user_rating": null },
        "user_id": USER,
        "webhook_url": order.webhook_url,
    })
}

pub(super) fn event(event: &Event) -> Json {
    json!({
        "id": event.id,
        "event_type": "porting_order.status_changed",
        "available_notification_methods": ["webhook"],
        "payload_status": "completed",
        "porting_order_id": event.order,
        "payload": {
            "id": event.order,
            "customer_reference": event.reference,
            "support_key": "sr_10b316",
            "status": event.status,
            "updated_at": event.at,
        },
        "record_type": "porting_event",
        "created_at": event.at,
        "updated_at": event.at,
    })
}

pub(super) fn page(data: &[Json]) -> Json {
    json!({
        "data": data,
        "meta": {
            "page_number": 1,
            "page_size": 100,
            "total_pages": 1,
            "total_results": data.len(),
        },
    })
}

pub(super) fn refusal(code: &str, detail: &str) -> Json {
    json!({ "errors": [{ "code": code, "title": "Unprocessable Entity", "detail": detail }] })
}
