//! The subscription: plan, number, status, and what the last porting did.

use axum::{http::StatusCode, response::Response};
use portico_app::{AppError, portings::day_of};
use portico_domain::{
    phone::PhoneNumber,
    plan::{Plan, ValidityType, ValidityUnit},
    porting::{Porting, State, Status},
    subscription::SubscriptionStatus as Kept,
};
use portico_store::plans;

use super::transfer::{act_of, way_out};
use crate::{
    site::{Fail, Visit, date, flow::Screen, money, number, page},
    text::Texts,
    view::{self, LastPorting, PortingState, SubscriptionStatus},
};

/// GET: the overview. Never a dead end, whatever the subscription's state.
pub async fn show(visit: Visit) -> Result<Response, Fail> {
    if visit.screen() != Screen::Overview {
        return Ok(visit.go_on(visit.notice()));
    }
    let plan = plan(&visit).await.map_err(|error| visit.fail(&error))?;
    let frame = visit.frame();
    let texts = frame.texts;
    let subscription = &visit.subscription;
    let kept = subscription.phone_number.as_deref();
    let kept = kept.and_then(|text| PhoneNumber::from_stored(text).ok());
    let view = view::Overview {
        frame,
        plan: plan.document.name.clone(),
        price: Some(price(texts, &plan)),
        allowances: allowances(texts, &plan),
        phone_number: kept.as_ref().map(number),
        status: match subscription.status {
            Kept::Pending => SubscriptionStatus::Pending,
            Kept::Initiated => SubscriptionStatus::Initiated,
            Kept::Active => SubscriptionStatus::Active,
            Kept::Restricted => SubscriptionStatus::Restricted,
            Kept::Ended => SubscriptionStatus::Ended,
        },
        porting: visit
            .porting
            .as_ref()
            .map(|porting| last_porting(texts, porting)),
        way_out: way_out(&visit, "overview"),
    };
    Ok(page(StatusCode::OK, &view))
}

async fn plan(visit: &Visit) -> Result<Plan, AppError> {
    let mut tx = visit.app.look().await?;
    let plan = plans::find(&mut tx, &visit.project.id, visit.subscription.plan).await?;
    plan.ok_or(AppError::NotFound("plan"))
}

fn last_porting(texts: &Texts, porting: &Porting) -> LastPorting {
    let ended = match &porting.state {
        State::Completed(at) | State::Canceled(at) | State::Expired(at) | State::Failed(at) => {
            Some(*at)
        }
        _ => None,
    };
    LastPorting {
        phone_number: number(&porting.phone_number),
        act: act_of(porting),
        state: match porting.status() {
            Status::Draft => PortingState::Draft,
            Status::InformationRequired | Status::Initiated => PortingState::InformationRequired,
            Status::Pending | Status::Requested => PortingState::Underway,
            Status::Declined => PortingState::Declined,
            Status::Completed => PortingState::Completed,
            Status::Canceled => PortingState::Canceled,
            Status::Expired => PortingState::Expired,
            Status::Failed => PortingState::Failed,
        },
        on: ended.map(|at| date(texts, day_of(at))),
    }
}

fn price(texts: &Texts, plan: &Plan) -> String {
    let amount = money(&plan.document.price);
    let Some(validity) = &plan.document.validity else {
        return amount;
    };
    let key = match (validity.kind, validity.unit) {
        (ValidityType::Recurring, ValidityUnit::Day) => "price-each-day",
        (ValidityType::Recurring, ValidityUnit::Month) => "price-each-month",
        (ValidityType::OneTime, ValidityUnit::Day) => "price-once-day",
        (ValidityType::OneTime, ValidityUnit::Month) => "price-once-month",
    };
    texts.get_args(
        key,
        &[("amount", amount.into()), ("count", validity.value.into())],
    )
}

fn allowances(texts: &Texts, plan: &Plan) -> Vec<String> {
    let allowances = &plan.document.allowances;
    let line = |key: &str, unlimited: &str, amount: Option<String>| match amount {
        Some(amount) if amount == "0" => None,
        Some(amount) => Some(texts.get_args(key, &[("amount", amount.into())])),
        None => Some(texts.get(unlimited)),
    };
    let data = allowances.data_bytes.map(gigabytes);
    let minutes = allowances
        .voice_seconds
        .map(|seconds| (seconds / 60).to_string());
    let messages = allowances.sms_messages.map(|count| count.to_string());
    [
        line("allowance-data", "allowance-data-unlimited", data),
        line("allowance-minutes", "allowance-minutes-unlimited", minutes),
        line(
            "allowance-messages",
            "allowance-messages-unlimited",
            messages,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Gigabytes of 10⁹ bytes with at most one decimal: "5", "0.5".
fn gigabytes(bytes: i64) -> String {
    let tenths = bytes / 100_000_000;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}
