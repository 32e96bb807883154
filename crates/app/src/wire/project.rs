use jiff::Timestamp;
use portico_domain::project::{Project, Settings};
use serde::Serialize;
use utoipa::ToSchema;

/// A project: one company's tenancy.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Project)]
pub struct ProjectResource {
    /// Always `project`.
    pub object: &'static str,
    /// Its slug.
    pub id: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The languages the company serves, IETF tags.
    pub locales: Vec<String>,
    /// What subscribers call the company.
    pub name: String,
    /// Its brand and switches.
    pub settings: SettingsResource,
    /// `live` or `test`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// A project's brand and switches.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Settings)]
pub struct SettingsResource {
    /// The brand's colour, `#rrggbb`.
    #[schema(required)]
    pub accent_color: Option<String>,
    /// Origins a `callbackUrl` may lead to; empty: any.
    pub callback_origins: Vec<String>,
    /// Origins that may embed Connect.
    pub embed_origins: Vec<String>,
    /// How long an unopened link lives, in seconds.
    pub link_lifetime_seconds: u32,
    /// Whether a logo was uploaded.
    pub logo_exists: bool,
    /// Which declines subscribers may repair.
    pub repairable_codes: Vec<String>,
    /// Days after a porting's end at which personal data is erased.
    pub retention_days: u32,
    /// Whether subscribers may repair a declined porting.
    pub self_service_repair: bool,
    /// How subscribers reach support.
    #[schema(required)]
    pub support_email: Option<String>,
    /// How subscribers reach support.
    #[schema(required)]
    pub support_phone: Option<String>,
    /// How subscribers reach support.
    #[schema(required)]
    pub support_url: Option<String>,
}

impl From<&Project> for ProjectResource {
    fn from(project: &Project) -> Self {
        let Settings { name, locales, .. } = project.settings.clone();
        Self {
            object: "project",
            id: project.id.clone(),
            created_at: project.created_at,
            locales,
            name,
            settings: SettingsResource::new(&project.settings, project.has_logo),
            kind: project.kind.as_str(),
        }
    }
}

impl SettingsResource {
    fn new(settings: &Settings, logo_exists: bool) -> Self {
        Self {
            accent_color: settings.accent_color.clone(),
            callback_origins: settings.callback_origins.clone(),
            embed_origins: settings.embed_origins.clone(),
            link_lifetime_seconds: settings.link_lifetime_seconds,
            logo_exists,
            repairable_codes: settings
                .repairable_codes
                .iter()
                .map(ToString::to_string)
                .collect(),
            retention_days: settings.retention_days,
            self_service_repair: settings.self_service_repair,
            support_email: settings.support_email.clone(),
            support_phone: settings.support_phone.clone(),
            support_url: settings.support_url.clone(),
        }
    }
}
