use std::{collections::HashMap, future::pending};

use axum::{
    Json as Body, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value as Json, json};

use super::{API_KEY, FakeTelnyx, Mishap, resources};

pub(super) fn router(fake: FakeTelnyx) -> Router {
    Router::new()
        .route("/portability_checks", post(check))
        .route("/porting_orders", get(list).post(create))
        .route(
            "/porting_orders/{id}",
            get(one).patch(change).delete(remove),
        )
        .route("/porting_orders/{id}/actions/confirm", post(confirm))
        .route("/porting_orders/{id}/actions/cancel", post(cancel))
        .route("/porting/events", get(events))
        .layer(from_fn_with_state(fake.clone(), guard))
        .with_state(fake)
}

/// Who may call, and what goes wrong.
async fn guard(State(fake): State<FakeTelnyx>, request: Request, next: Next) -> Response {
    let call = format!("{} {}", request.method(), request.uri().path());
    let key = request.headers().get(header::AUTHORIZATION).cloned();
    let mishap = {
        let mut books = fake.books();
        books.calls.push(call.clone());
        let found = books.mishaps.iter().position(|(of, _)| fits(&call, of));
        let mishap = found.map(|at| books.mishaps.remove(at).1);
        mishap.or_else(|| books.is_down.then_some(Mishap::Status(503)))
    };
    if key.is_none_or(|key| key != format!("Bearer {API_KEY}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let status = |code: u16| {
        StatusCode::from_u16(code)
            .expect("a status")
            .into_response()
    };
    match mishap {
        None => next.run(request).await,
        Some(Mishap::Status(code)) => status(code),
        Some(Mishap::DoneButStatus(code)) => {
            next.run(request).await;
            status(code)
        }
        Some(Mishap::Silence) => pending().await,
        Some(Mishap::DoneButSilence) => {
            next.run(request).await;
            pending().await
        }
        Some(Mishap::Refusal(code, detail)) => refused(&code, &detail),
        Some(Mishap::Garbage(text)) => {
            next.run(request).await;
            text.into_response()
        }
    }
}

/// `POST confirm` fits `POST /porting_orders/…/actions/confirm`.
fn fits(call: &str, of: &str) -> bool {
    let (method, path) = of.split_once(' ').unwrap_or((of, ""));
    call.starts_with(method) && call.ends_with(path)
}

fn refused(code: &str, detail: &str) -> Response {
    let body = Body(resources::refusal(code, detail));
    (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
}

fn data(data: Json) -> Response {
    Body(json!({ "data": data })).into_response()
}

fn created(data: Json) -> Response {
    (StatusCode::CREATED, Body(json!({ "data": data }))).into_response()
}

fn numbers(body: &Json) -> Vec<String> {
    let numbers = body["phone_numbers"].as_array().into_iter().flatten();
    numbers
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}

async fn check(State(fake): State<FakeTelnyx>, Body(body): Body<Json>) -> Response {
    let books = fake.books();
    let found = numbers(&body).into_iter().map(|number| {
        let refused = books.not_portable.contains(&number);
        json!({
            "phone_number": number,
            "portable": !refused,
            "not_portable_reason": if refused { "No coverage" } else { "" },
            "fast_portable": !refused,
            "record_type": "portability_check_result",
        })
    });
    created(found.collect())
}

async fn create(State(fake): State<FakeTelnyx>, Body(body): Body<Json>) -> Response {
    let mut books = fake.books();
    let reference = body["customer_reference"].as_str().map(str::to_owned);
    let mut ids = vec![books.make(numbers(&body), reference.clone())];
    if books.splits {
        ids.push(books.make(vec!["+13035550199".to_owned()], reference));
    }
    let orders = books.orders.iter().filter(|order| ids.contains(&order.id));
    created(orders.map(resources::order).collect())
}

async fn list(
    State(fake): State<FakeTelnyx>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let books = fake.books();
    let all: Vec<_> = books.orders.iter().rev().collect();
    let wants = |order: &Json| {
        query.iter().all(|(name, value)| match name.as_str() {
            "filter[customer_reference]" => order["customer_reference"] == json!(value),
            "filter[parent_support_key]" => order["parent_support_key"] == json!(value),
            "filter[phone_numbers][phone_number][contains]" => {
                order["phone_numbers"].to_string().contains(value)
            }
            _ => true,
        })
    };
    let found: Vec<_> = all
        .into_iter()
        .map(resources::order)
        .filter(wants)
        .collect();
    Body(resources::page(&found)).into_response()
}

async fn one(State(fake): State<FakeTelnyx>, Path(id): Path<String>) -> Response {
    match fake.books().by_id(&id) {
        Some(order) => data(resources::order(order)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn change(
    State(fake): State<FakeTelnyx>,
    Path(id): Path<String>,
    Body(body): Body<Json>,
) -> Response {
    let mut books = fake.books();
    let now = books.now();
    let Some(order) = books.by_id(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    order.reference = text("customer_reference").or(order.reference.take());
    order.group_reference = text("customer_group_reference").or(order.group_reference.take());
    order.webhook_url = text("webhook_url").or(order.webhook_url.take());
    if !body["end_user"].is_null() {
        order.end_user = body["end_user"].clone();
    }
    order.updated_at = now;
    data(resources::order(order))
}

async fn remove(State(fake): State<FakeTelnyx>, Path(id): Path<String>) -> Response {
    let mut books = fake.books();
    match books.by_id(&id).map(|order| order.status == "draft") {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(false) => refused("10015", "Only drafts can be deleted"),
        Some(true) => {
            books.orders.retain(|order| order.id != id);
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

async fn confirm(State(fake): State<FakeTelnyx>, Path(id): Path<String>, _: Bytes) -> Response {
    let mut books = fake.books();
    if books.by_id(&id).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !books.confirm(&id) {
        return refused("10015", "The order cannot be confirmed in this status");
    }
    data(resources::order(books.by_id(&id).expect("it is there")))
}

async fn cancel(State(fake): State<FakeTelnyx>, Path(id): Path<String>, _: Bytes) -> Response {
    let mut books = fake.books();
    let status = books.by_id(&id).map(|order| order.status.clone());
    match status.as_deref() {
        None => StatusCode::NOT_FOUND.into_response(),
        Some("draft" | "ported" | "cancelled") => {
            refused("10015", "The order cannot be cancelled in this status")
        }
        Some(_) => {
            books.change_status(&id, "cancel-pending");
            data(resources::order(books.by_id(&id).expect("it is there")))
        }
    }
}

async fn events(
    State(fake): State<FakeTelnyx>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let books = fake.books();
    let order = query.get("filter[porting_order_id]");
    let found = books
        .events
        .iter()
        .filter(|it| order.is_none_or(|id| it.order == *id));
    // In no order at all, as nothing is promised.
    let found: Vec<_> = found.rev().map(resources::event).collect();
    Body(resources::page(&found)).into_response()
}
