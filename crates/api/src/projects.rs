//! The key's project and its settings.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::StatusCode;
use portico_app::{
    projects::{self, SettingsPatch},
    wire::ProjectResource,
};
use portico_domain::{porting::Patch, project::is_slug};
use serde_json::Value as Json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError,
    request::{
        Call, Server,
        fields::{Fields, Parsed, wrong},
        ok,
        paging::{List, Paging, paging_by},
        parse::{boolean, integer, list as items, text},
    },
};

/// Entries of a list in the settings.
const MAX_ENTRIES: usize = 50;

pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, update))
}

/// A change of a project's settings. What is not mentioned stays; a list is replaced as a whole.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectUpdate {
    /// What subscribers call the company.
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    pub name: Option<String>,
    /// A PNG, JPEG or WebP picture of at most 40 KiB, in base64; `null` removes it. Whether there is
    /// one is in `settings.logoExists`.
    #[schema(max_length = 54616, content_encoding = "base64")]
    pub logo: Option<String>,
    /// The brand's colour, on which white text has a contrast of 4.5:1; `null` clears it.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$", example = "#1d4ed8")]
    pub accent_color: Option<String>,
    /// How subscribers reach support; `null` clears it.
    #[schema(max_length = 254)]
    pub support_email: Option<String>,
    /// How subscribers reach support; `null` clears it.
    #[schema(pattern = "^[-0-9+() ]{1,40}$")]
    pub support_phone: Option<String>,
    /// How subscribers reach support: an https URL; `null` clears it.
    #[schema(max_length = 2048)]
    pub support_url: Option<String>,
    /// Whether subscribers may repair a declined porting.
    #[schema(nullable = false)]
    pub self_service_repair: Option<bool>,
    /// Which declines they may repair.
    #[schema(max_items = 50, nullable = false)]
    pub repairable_codes: Option<Vec<String>>,
    /// Origins a `callbackUrl` may lead to: `https://host[:port]` or `scheme://`; empty: any.
    #[schema(max_items = 50, nullable = false)]
    pub callback_origins: Option<Vec<String>>,
    /// Origins that may embed Connect: `https://host[:port]`.
    #[schema(max_items = 50, nullable = false)]
    pub embed_origins: Option<Vec<String>>,
    /// How long an unopened link lives.
    #[schema(minimum = 60, maximum = 86400, nullable = false)]
    pub link_lifetime_seconds: Option<u32>,
    /// The languages the company serves, IETF tags.
    #[schema(max_items = 50, nullable = false)]
    pub locales: Option<Vec<String>>,
    /// Days after a porting's end at which personal data is erased.
    #[schema(minimum = 1, maximum = 3650, nullable = false)]
    pub retention_days: Option<u32>,
}

pub(crate) fn read_patch(body: &mut Fields) -> SettingsPatch {
    fn clearable<T>(patch: Patch<T>) -> Option<Option<T>> {
        match patch {
            Patch::Keep => None,
            Patch::Clear => Some(None),
            Patch::Set(value) => Some(Some(value)),
        }
    }
    fn number(body: &mut Fields, name: &str, range: std::ops::RangeInclusive<i64>) -> Option<u32> {
        body.replace(name, integer(range))
            .and_then(|number| number.try_into().ok())
    }
    SettingsPatch {
        name: body.replace("name", text),
        accent_color: clearable(body.patch("accentColor", text)),
        support_email: clearable(body.patch("supportEmail", text)),
        support_phone: clearable(body.patch("supportPhone", text)),
        support_url: clearable(body.patch("supportUrl", text)),
        self_service_repair: body.replace("selfServiceRepair", boolean),
        repairable_codes: body.replace("repairableCodes", items(MAX_ENTRIES, text)),
        callback_origins: body.replace("callbackOrigins", items(MAX_ENTRIES, text)),
        embed_origins: body.replace("embedOrigins", items(MAX_ENTRIES, text)),
        link_lifetime_seconds: number(body, "linkLifetimeSeconds", 60..=86_400),
        locales: body.replace("locales", items(MAX_ENTRIES, text)),
        retention_days: number(body, "retentionDays", 1..=3_650),
        logo: clearable(body.patch("logo", picture)),
    }
}

/// A picture in base64. Longer than other strings may be; the body's limit bounds it.
fn picture(value: &Json) -> Parsed<Vec<u8>> {
    let bytes = value.as_str().and_then(|text| STANDARD.decode(text).ok());
    bytes.map_or_else(
        || wrong("must be a PNG, JPEG or WebP picture of at most 40 KiB, in base64."),
        Ok,
    )
}

/// List projects
///
/// A key opens one project, so the list has one entry.
#[utoipa::path(get, path = "/projects", tag = "Projects", operation_id = "listProjects",
    params(Paging),
    responses((status = 200, description = "The key's project.", body = List<ProjectResource>)))]
async fn list(call: Call) -> Result<Response, ApiError> {
    let slug = |value: &Json| {
        let text = text(value)?;
        if is_slug(&text) {
            Ok(text)
        } else {
            wrong("is not the id of a project.")
        }
    };
    let page = call.query(|query| Some(paging_by(query, slug)))?;
    let is_shown = page.limit > 0 && page.after.is_none() && page.before.is_none();
    let project = is_shown.then(|| ProjectResource::from(&call.by.project));
    ok(&List {
        object: "list",
        items: project.into_iter().collect(),
        more_items_after: None,
        more_items_before: None,
    })
}

/// Get a project
#[utoipa::path(get, path = "/projects/{project}", tag = "Projects", operation_id = "getProject",
    responses((status = 200, description = "The project.", body = ProjectResource)))]
async fn get(call: Call) -> Result<Response, ApiError> {
    call.no_query()?;
    ok(&ProjectResource::from(&call.by.project))
}

/// Change a project's settings
///
/// Portico's addition to the contract. The settings are given at the top level, without `settings`
/// around them.
#[utoipa::path(patch, path = "/projects/{project}", tag = "Projects",
    operation_id = "updateProject", request_body = ProjectUpdate,
    responses((status = 200, description = "The project.", body = ProjectResource)))]
async fn update(call: Call) -> Result<Response, ApiError> {
    let patch = call.body(|body| Some(read_patch(body)))?;
    call.write(StatusCode::OK, move |tx, by| {
        let patch = patch.clone();
        Box::pin(async move {
            let project = projects::update(tx, &by.actor, &by.project.id, patch).await?;
            Ok(ProjectResource::from(&project))
        })
    })
    .await
}
