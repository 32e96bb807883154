//! Users' addresses.

use axum::response::Response;
use http::StatusCode;
use portico_app::{user_addresses, users, wire::UserAddressResource};
use portico_domain::id::UserAddressKind;
use portico_store::user_addresses as rows;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Server, ok,
        paging::{List, Paging, paging},
        parse::address,
    },
};

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
}

/// A postal address. Which properties it needs depends on its country.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddressInput {
    /// Street and house number.
    #[schema(min_length = 1, max_length = 100, example = "1 Main Street")]
    pub line1: String,
    /// Flat, floor and the like.
    #[schema(max_length = 100)]
    pub line2: Option<String>,
    /// City or town.
    #[schema(min_length = 1, max_length = 60, example = "Springfield")]
    pub city: String,
    /// State or province, by code or name; needed in the US and Canada.
    #[schema(max_length = 60, example = "IL")]
    pub state: Option<String>,
    /// As its country writes it; needed where the country has them.
    #[schema(max_length = 100, example = "62701")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, in any case.
    #[schema(pattern = "^[A-Za-z]{2}$", example = "US")]
    pub country: String,
}

/// List a user's addresses
#[utoipa::path(get, path = "/projects/{project}/users/{user}/addresses", tag = "Users",
    operation_id = "listUserAddresses", params(Paging),
    responses((status = 200, description = "The addresses.", body = List<UserAddressResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let user = users::get(&mut tx, &call.by.project.id, call.id("user")?).await?;
    let page = call.query(|query| Some(paging::<UserAddressKind>(query)))?;
    let found = rows::list(&mut tx, user.id, &page).await?;
    ok(&List::from(
        found.map(|row| UserAddressResource::from(&row)),
    ))
}

/// Add an address to a user
///
/// A user has at most 10. Business codes: `userAddressAlreadyExists`, `userAddressInvalid`.
#[utoipa::path(post, path = "/projects/{project}/users/{user}/addresses", tag = "Users",
    operation_id = "createUserAddress", request_body = AddressInput,
    responses((status = 201, description = "The address.", body = UserAddressResource)))]
async fn create(call: Call) -> Result<Response, ApiError> {
    let id = call.id("user")?;
    let new = call.body(address)?;
    call.write(StatusCode::CREATED, move |tx, by| {
        let new = new.clone();
        Box::pin(async move {
            let user = users::get(tx, &by.project.id, id).await?;
            let row = user_addresses::create(tx, &user, new).await?;
            Ok(UserAddressResource::from(&row))
        })
    })
    .await
}

/// Get an address of a user
#[utoipa::path(get, path = "/projects/{project}/users/{user}/addresses/{address}", tag = "Users",
    operation_id = "getUserAddress",
    responses((status = 200, description = "The address.", body = UserAddressResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let user = users::get(&mut tx, &call.by.project.id, call.id("user")?).await?;
    let row = user_addresses::get(&mut tx, &user, call.id("address")?).await?;
    call.no_query()?;
    ok(&UserAddressResource::from(&row))
}

/// Delete an address of a user
#[utoipa::path(delete, path = "/projects/{project}/users/{user}/addresses/{address}",
    tag = "Users", operation_id = "deleteUserAddress",
    responses((status = 200, description = "The address that was.", body = UserAddressResource)))]
async fn delete(call: Call) -> Result<Response, ApiError> {
    let (user, address) = (call.id("user")?, call.id("address")?);
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let user = users::get(tx, &by.project.id, user).await?;
            let row = user_addresses::delete(tx, &by.actor, &user, address).await?;
            Ok(UserAddressResource::from(&row))
        })
    })
    .await
}
