//! Users: the subscribers, as the integrator's backend knows them.

use std::collections::BTreeMap;

use axum::response::Response;
use http::StatusCode;
use jiff::civil::Date;
use portico_app::{
    users::{self, NewUser, UserPatch},
    wire::UserResource,
};
use portico_domain::id::UserKind;
use portico_store::{PageRequest, users as rows};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    document::{metadata_patch, new_metadata},
    request::{
        Call, Server,
        fields::Fields,
        ok,
        paging::{List, MAX_LIMIT, Paging, paging},
        parse::{birthday, boolean, metadata, text},
    },
};

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(search))
}

/// What a new user is made of.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserCreate {
    /// Unique in the project; compared without regard to case.
    #[schema(max_length = 254, example = "jo@example.com")]
    pub email: String,
    /// Whether you vouch for the address.
    pub email_verified: Option<bool>,
    /// The name in one piece.
    #[schema(min_length = 1, max_length = 120)]
    pub full_name: Option<String>,
    /// The date of birth, `YYYY-MM-DD`.
    #[schema(format = Date)]
    pub birthday: Option<String>,
    /// An IETF language tag; the project's first language when not given.
    #[schema(pattern = "^[A-Za-z]{2,3}(-[0-9A-Za-z]{1,8})*$", max_length = 35)]
    pub preferred_locale: Option<String>,
    /// Your own notes: at most 10 keys of 40 characters, values of 255.
    #[schema(schema_with = new_metadata, required = false)]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
}

/// A change of a user. What is not mentioned stays.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserUpdate {
    /// Unique in the project; compared without regard to case.
    #[schema(max_length = 254, nullable = false)]
    pub email: Option<String>,
    /// Whether you vouch for the address.
    #[schema(nullable = false)]
    pub email_verified: Option<bool>,
    /// The name in one piece; `null` clears it.
    #[schema(min_length = 1, max_length = 120)]
    pub full_name: Option<String>,
    /// The date of birth, `YYYY-MM-DD`; `null` clears it.
    #[schema(format = Date)]
    pub birthday: Option<String>,
    /// An IETF language tag.
    #[schema(
        pattern = "^[A-Za-z]{2,3}(-[0-9A-Za-z]{1,8})*$",
        max_length = 35,
        nullable = false
    )]
    pub preferred_locale: Option<String>,
    /// Notes to set; `null` deletes a key.
    #[schema(schema_with = metadata_patch, required = false)]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
}

/// Which user to find.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserSearch {
    /// The whole address; compared without regard to case.
    #[schema(max_length = 254)]
    pub email: String,
}

pub(crate) fn read_new(body: &mut Fields, today: Date) -> Option<NewUser> {
    let email = body.required("email", text);
    let email_verified = body.optional("emailVerified", boolean);
    let full_name = body.optional("fullName", text);
    let birthday = body.optional("birthday", birthday(today));
    let preferred_locale = body.optional("preferredLocale", text);
    let metadata = body.optional("metadata", metadata);
    Some(NewUser {
        email: email?,
        full_name,
        birthday,
        preferred_locale,
        email_verified: email_verified.unwrap_or(false),
        metadata: metadata.unwrap_or_default(),
    })
}

pub(crate) fn read_patch(body: &mut Fields, today: Date) -> UserPatch {
    UserPatch {
        email: body.replace("email", text),
        full_name: body.patch("fullName", text),
        birthday: body.patch("birthday", birthday(today)),
        preferred_locale: body.replace("preferredLocale", text),
        email_verified: body.replace("emailVerified", boolean),
        metadata: body.optional("metadata", metadata).unwrap_or_default(),
    }
}

/// List users
///
/// Newest first. Deleted users are not among them.
#[utoipa::path(get, path = "/projects/{project}/users", tag = "Users", operation_id = "listUsers",
    params(Paging), responses((status = 200, description = "The users.", body = List<UserResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let page = call.query(|query| Some(paging::<UserKind>(query)))?;
    let mut tx = call.read().await?;
    let found = rows::list(&mut tx, &call.by.project.id, None, &page).await?;
    ok(&List::from(found.map(|user| UserResource::from(&user))))
}

/// Create a user
///
/// Business codes: `userAlreadyExists`.
#[utoipa::path(post, path = "/projects/{project}/users", tag = "Users", operation_id = "createUser",
    request_body = UserCreate,
    responses((status = 201, description = "The user.", body = UserResource)))]
async fn create(call: Call) -> Result<Response, ApiError> {
    let today = call.today();
    let new = call.body(|body| read_new(body, today))?;
    call.write(StatusCode::CREATED, move |tx, by| {
        let new = new.clone();
        Box::pin(async move {
            let user = users::create(tx, &by.actor, &by.project, new).await?;
            Ok(UserResource::from(&user))
        })
    })
    .await
}

/// Get a user
#[utoipa::path(get, path = "/projects/{project}/users/{user}", tag = "Users",
    operation_id = "getUser",
    responses((status = 200, description = "The user.", body = UserResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    let mut tx = call.read().await?;
    let user = users::get(&mut tx, &call.by.project.id, call.id("user")?).await?;
    call.no_query()?;
    ok(&UserResource::from(&user))
}

/// Change a user
///
/// Business codes: `userAlreadyExists`.
#[utoipa::path(patch, path = "/projects/{project}/users/{user}", tag = "Users",
    operation_id = "updateUser", request_body = UserUpdate,
    responses((status = 200, description = "The user.", body = UserResource)))]
async fn update(call: Call) -> Result<Response, ApiError> {
    let (id, today) = (call.id("user")?, call.today());
    let patch = call.body(|body| Some(read_patch(body, today)))?;
    call.write(StatusCode::OK, move |tx, by| {
        let patch = patch.clone();
        Box::pin(async move {
            let user = users::get(tx, &by.project.id, id).await?;
            let user = users::update(tx, &by.actor, user, patch).await?;
            Ok(UserResource::from(&user))
        })
    })
    .await
}

/// Delete a user
///
/// Everything personal about the user is erased. Refused while the user has a subscription that has
/// not ended.
#[utoipa::path(delete, path = "/projects/{project}/users/{user}", tag = "Users",
    operation_id = "deleteUser",
    responses((status = 200, description = "The user, as it is now.", body = UserResource)))]
async fn delete(call: Call) -> Result<Response, ApiError> {
    let id = call.id("user")?;
    call.no_body()?;
    call.write(StatusCode::OK, move |tx, by| {
        Box::pin(async move {
            let user = users::get(tx, &by.project.id, id).await?;
            let user = users::delete(tx, &by.actor, user).await?;
            Ok(UserResource::from(&user))
        })
    })
    .await
}

/// Find a user by e-mail address
#[utoipa::path(post, path = "/projects/{project}/users/search", tag = "Users",
    operation_id = "searchUsers", request_body = UserSearch,
    responses((status = 200, description = "The user, or none.", body = List<UserResource>)))]
async fn search(call: Call) -> Result<Response, ApiError> {
    let email = call.body(|body| body.required("email", text))?;
    let email = users::normalize_email(&email);
    let page = PageRequest {
        limit: MAX_LIMIT,
        ..PageRequest::default()
    };
    let mut tx = call.read().await?;
    let found = rows::list(&mut tx, &call.by.project.id, Some(&email), &page).await?;
    ok(&List::from(found.map(|user| UserResource::from(&user))))
}
