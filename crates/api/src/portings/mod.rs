//! Portings: attempts to move a number.

mod carrier_update;
pub(crate) mod input;

use axum::response::Response;
pub use carrier_update::{CarrierUpdateCreate, UpdateTypeInput};
use http::StatusCode;
pub use input::{
    AccountTypeInput, BehaviorInput, PortingCreate, PortingFilter, PortingSearch, PortingUpdate,
};
use input::{Asked, read_filter, read_new, read_patch};
use portico_app::{
    AppError,
    portings::{self, NewPorting},
    sessions,
    wire::PortingResource,
};
use portico_domain::{
    id::PortingId,
    porting::{Porting, Status},
};
use portico_store::{PageRequest, StoreError, Tx, portings as rows};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Caller, Server, ok,
        paging::{List, MAX_LIMIT, Paging},
        parse::phone_number,
    },
};

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(cancel))
        .routes(routes!(search))
        .merge(carrier_update::routes())
}

/// List portings
///
/// Newest first, in every status unless `status` says otherwise.
#[utoipa::path(get, path = "/projects/{project}/portings", tag = "Portings",
    operation_id = "listPortings", params(PortingFilter, Paging),
    responses((status = 200, description = "The portings.", body = List<PortingResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let (filter, page) = call.query(|query| Some(read_filter(query)))?;
    let mut tx = call.read().await?;
    let found = rows::list(&mut tx, &call.by.project.id, &filter, &page).await?;
    ok(&List::from(found.map(|it| PortingResource::from(&it))))
}

/// Create a porting
///
/// The recipient's gateway is asked first whether the number can move; 503 when it does not answer.
/// The porting is a `draft` until a subscription takes it, and is deleted after 30 days.
///
/// Business codes: `portingAlreadyExists`, `portingNotSupported`, `portingPhoneNumberBlocked`,
/// `portingPerUserLimitExceeded`, `portingProviderNotFound`, `portingDonorProviderNotFound`,
/// `portingAccountPinForPortInBehaviorInvalid`, `portingAccountPinForCancelOnlyBehaviorInvalid`,
/// `portingCancellationBehaviorNotSupported`, `portingScheduleNotSupported`,
/// `portingScheduledOnInvalid`.
#[utoipa::path(post, path = "/projects/{project}/portings", tag = "Portings",
    operation_id = "createPorting", request_body = PortingCreate,
    responses((status = 201, description = "The draft.", body = PortingResource)))]
async fn create(call: Call) -> Result<Response, ApiError> {
    let today = call.today();
    let asked = call.body(|body| read_new(body, today))?;
    // The gateway is not asked again by a repetition.
    if let Some(answer) = call.replayed().await? {
        return Ok(answer);
    }
    let (by, number) = (&call.by, &asked.phone_number);
    let required = portings::portability(&by.app, &by.project, &asked.provider, number).await?;
    let new = with_requirements(asked, required);
    call.write(StatusCode::CREATED, move |tx, by| {
        let new = new.clone();
        Box::pin(async move {
            let who = (&by.actor, &by.project);
            let porting = portings::create(tx, &by.app, who, new).await?;
            Ok(PortingResource::from(&porting))
        })
    })
    .await
}

fn with_requirements(asked: Asked, required: Vec<portico_domain::porting::Field>) -> NewPorting {
    NewPorting {
        user: asked.user,
        phone_number: asked.phone_number,
        provider: asked.provider,
        behavior: asked.behavior,
        details: asked.details,
        required,
    }
}

/// Get a porting
#[utoipa::path(get, path = "/projects/{project}/portings/{porting}", tag = "Portings",
    operation_id = "getPorting",
    responses((status = 200, description = "The porting.", body = PortingResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let porting = portings::get(&mut tx, &call.by.project.id, call.id("porting")?).await?;
    call.no_query()?;
    ok(&PortingResource::from(&porting))
}

/// Change a porting
///
/// A complete `informationRequired` porting is sent. A `declined` one is sent again; when required
/// data is missing, nothing is saved and `details` names it. With a user token, that is so only where
/// the project lets subscribers repair the decline (`portingNotUpdatable` otherwise), and the value
/// that the donor refused is not taken again.
///
/// Business codes: `portingAlreadyExists`, `portingNotSupported`, `portingPhoneNumberBlocked`,
/// `portingProviderNotFound`, `portingDonorProviderNotFound`, `portingNotUpdatable`,
/// `portingAttributeUpdateNotSupported`, `portingAccountPinForPortInBehaviorInvalid`,
/// `portingAccountPinForCancelOnlyBehaviorInvalid`, `portingCancellationBehaviorNotSupported`,
/// `portingScheduleNotSupported`, `portingScheduledOnInvalid`.
#[utoipa::path(patch, path = "/projects/{project}/portings/{porting}", tag = "Portings",
    operation_id = "updatePorting", request_body = PortingUpdate,
    responses((status = 200, description = "The porting.", body = PortingResource)))]
async fn update(call: Call) -> Result<Response, ApiError> {
    let (id, today): (PortingId, _) = (call.id("porting")?, call.today());
    let patch = call.body(|body| Some(read_patch(body, today)))?;
    let seen = {
        let mut tx = call.read().await?;
        portings::get(&mut tx, &call.by.project.id, id).await?
    };
    let (app, project) = (&call.by.app, &call.by.project);
    let required = portings::new_requirements(app, project, &seen, &patch).await?;
    portings::spend_pin_entry(app, id, &patch.details).await?;
    call.write(StatusCode::OK, move |tx, by| {
        let (change, seen) = ((patch.clone(), required.clone()), seen.clone());
        Box::pin(async move {
            let before = portings::get(tx, &by.project.id, id).await?;
            check_same_route(&seen, &before)?;
            let who = (&by.actor, before);
            let porting = match by.embed {
                Some(_) => {
                    let repairable = by.project.settings.repairable();
                    portings::repair_or_update(tx, who, repairable, change).await?
                }
                None => portings::update(tx, who, change).await?,
            };
            complete_visit(tx, &by, &porting).await?;
            Ok(PortingResource::from(&porting))
        })
    })
    .await
}

/// An embed that sends the porting of its session has done what the session was for.
async fn complete_visit(tx: &mut Tx, by: &Caller, porting: &Porting) -> Result<(), ApiError> {
    let Some(embed) = &by.embed else {
        return Ok(());
    };
    let session = sessions::get(tx, &by.project.id, embed.session).await?;
    let is_its_own = porting.subscription == Some(session.subscription());
    if is_its_own && porting.status() == Status::Pending {
        sessions::complete(tx, embed.session).await?;
    }
    Ok(())
}

/// What the gateway said holds for the number and provider it was asked about.
fn check_same_route(seen: &Porting, now: &Porting) -> Result<(), ApiError> {
    if seen.phone_number == now.phone_number && seen.provider == now.provider {
        return Ok(());
    }
    Err(AppError::from(StoreError::Stale("the porting")).into())
}

/// Delete a draft
///
/// Business codes: `portingNotDeletable`.
#[utoipa::path(delete, path = "/projects/{project}/portings/{porting}", tag = "Portings",
    operation_id = "deletePorting",
    responses((status = 200, description = "The porting that was.", body = PortingResource)))]
async fn delete(call: Call) -> Result<Response, ApiError> {
    let id: PortingId = call.id("porting")?;
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let porting = portings::get(tx, &by.project.id, id).await?;
            portings::delete_draft(tx, &by.actor, &porting).await?;
            Ok(PortingResource::from(&porting))
        })
    })
    .await
}

/// Cancel a porting
///
/// Business codes: `portingAlreadyCanceled`, `portingNotCancelable`.
#[utoipa::path(post, path = "/projects/{project}/portings/{porting}/cancel", tag = "Portings",
    operation_id = "cancelPorting",
    responses((status = 200, description = "The porting.", body = PortingResource)))]
async fn cancel(call: Call) -> Result<Response, ApiError> {
    let id: PortingId = call.id("porting")?;
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let porting = portings::get(tx, &by.project.id, id).await?;
            let porting = portings::cancel(tx, &by.actor, porting).await?;
            Ok(PortingResource::from(&porting))
        })
    })
    .await
}

/// Find portings by phone number
///
/// The newest 200.
#[utoipa::path(post, path = "/projects/{project}/portings/search", tag = "Portings",
    operation_id = "searchPortings", request_body = PortingSearch,
    responses((status = 200, description = "The portings.", body = List<PortingResource>)))]
async fn search(call: Call) -> Result<Response, ApiError> {
    let number = call.body(|body| body.required("phoneNumber", phone_number))?;
    let filter = rows::Filter {
        phone_number: Some(number.as_str().to_owned()),
        ..rows::Filter::default()
    };
    let page = PageRequest {
        limit: MAX_LIMIT,
        ..PageRequest::default()
    };
    let mut tx = call.read().await?;
    let found = rows::list(&mut tx, &call.by.project.id, &filter, &page).await?;
    ok(&List::from(found.map(|it| PortingResource::from(&it))))
}
