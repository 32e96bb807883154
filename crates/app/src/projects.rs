//! Projects, their settings and their logo.

use portico_domain::{
    decline::DeclineCode,
    event::Actor,
    project::{Project, ProjectType, Settings, is_slug},
};
use portico_store::{StoreError, Tx, projects};
use serde_json::json;
use url::Url;

use crate::{
    AppError, PropertyError,
    changes::{self, Scope},
    embeds,
};

/// The largest logo, in bytes.
pub const MAX_LOGO: usize = 40 * 1_024;

/// A change of a project's settings: each `Some` replaces what is there.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `Settings`"
)]
pub struct SettingsPatch {
    pub name: Option<String>,
    pub accent_color: Option<Option<String>>,
    pub support_email: Option<Option<String>>,
    pub support_phone: Option<Option<String>>,
    pub support_url: Option<Option<String>>,
    pub self_service_repair: Option<bool>,
    pub repairable_codes: Option<Vec<String>>,
    pub callback_origins: Option<Vec<String>>,
    pub embed_origins: Option<Vec<String>>,
    pub link_lifetime_seconds: Option<u32>,
    pub locales: Option<Vec<String>>,
    pub retention_days: Option<u32>,
    /// The picture's bytes; `Some(None)` removes it.
    pub logo: Option<Option<Vec<u8>>>,
}

impl SettingsPatch {
    /// The names of the settings it sets, as `project set` and the API call them.
    fn mentioned(&self) -> Vec<&'static str> {
        let named = [
            ("name", self.name.is_some()),
            ("accentColor", self.accent_color.is_some()),
            ("supportEmail", self.support_email.is_some()),
            ("supportPhone", self.support_phone.is_some()),
            ("supportUrl", self.support_url.is_some()),
            ("selfServiceRepair", self.self_service_repair.is_some()),
            ("repairableCodes", self.repairable_codes.is_some()),
            ("callbackOrigins", self.callback_origins.is_some()),
            ("embedOrigins", self.embed_origins.is_some()),
            ("linkLifetimeSeconds", self.link_lifetime_seconds.is_some()),
            ("locales", self.locales.is_some()),
            ("retentionDays", self.retention_days.is_some()),
            ("logo", self.logo.is_some()),
        ];
        let set = named.into_iter().filter(|(_, is_set)| *is_set);
        set.map(|(name, _)| name).collect()
    }
}

/// Creates a project.
///
/// # Errors
/// The id is not a slug, or is taken.
pub async fn create(
    tx: &mut Tx,
    actor: &Actor,
    id: &str,
    kind: ProjectType,
) -> Result<Project, AppError> {
    if !is_slug(id) {
        let rule = "must be 1 to 40 lower-case letters, digits and inner dashes.";
        return Err(AppError::invalid("id", rule));
    }
    let project = Project {
        id: id.to_owned(),
        kind,
        settings: Settings {
            name: id.to_owned(),
            ..Settings::default()
        },
        has_logo: false,
        created_at: tx.now(),
    };
    match projects::insert(tx, &project).await {
        Err(StoreError::Unique) => {
            return Err(AppError::invalid("id", "is taken by another project."));
        }
        other => other?,
    }
    let facts = json!({ "type": kind.as_str() });
    changes::audit(tx, scope(actor, id), "project.created", facts).await?;
    Ok(project)
}

/// The project of that id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Project, AppError> {
    projects::find(tx, id)
        .await?
        .ok_or(AppError::NotFound("project"))
}

/// Changes settings. Every problem is reported at once, and then nothing is changed.
///
/// # Errors
/// Which settings are wrong, and how.
pub async fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: &str,
    patch: SettingsPatch,
) -> Result<Project, AppError> {
    let project = get(tx, id).await?;
    let fields = patch.mentioned();
    let problems = problems(&patch);
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    if let Some(logo) = patch.logo.clone() {
        let logo = logo.map(|bytes| (picture_type(&bytes).unwrap_or_default().to_owned(), bytes));
        projects::update_logo(tx, id, logo).await?;
    }
    let settings = apply(project.settings, patch);
    projects::update_settings(tx, id, &settings).await?;
    let facts = json!({ "fields": fields });
    changes::audit(tx, scope(actor, id), "project.changed", facts).await?;
    get(tx, id).await
}

fn scope<'a>(actor: &'a Actor, id: &'a str) -> Scope<'a> {
    Scope {
        project: id,
        subject: id,
        actor,
    }
}

fn apply(mut settings: Settings, patch: SettingsPatch) -> Settings {
    fn set<T>(slot: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *slot = value;
        }
    }
    let codes = patch
        .repairable_codes
        .map(|codes| codes.into_iter().map(DeclineCode::from));
    set(&mut settings.name, patch.name);
    set(
        &mut settings.accent_color,
        patch.accent_color.map(|c| c.map(|c| c.to_lowercase())),
    );
    set(&mut settings.support_email, patch.support_email);
    set(&mut settings.support_phone, patch.support_phone);
    set(&mut settings.support_url, patch.support_url);
    set(&mut settings.self_service_repair, patch.self_service_repair);
    set(&mut settings.repairable_codes, codes.map(Iterator::collect));
    set(&mut settings.callback_origins, patch.callback_origins);
    set(&mut settings.embed_origins, patch.embed_origins);
    set(
        &mut settings.link_lifetime_seconds,
        patch.link_lifetime_seconds,
    );
    set(&mut settings.locales, patch.locales);
    set(&mut settings.retention_days, patch.retention_days);
    settings
}

fn problems(patch: &SettingsPatch) -> Vec<PropertyError> {
    let mut found = Vec::new();
    let mut check = |property: &str, holds: bool, rule: &str| {
        if !holds {
            found.push(PropertyError::invalid(property, rule));
        }
    };
    let all = |list: &Option<Vec<String>>, holds: fn(&str) -> bool| {
        list.as_ref()
            .is_none_or(|list| list.len() <= 50 && list.iter().all(|item| holds(item)))
    };
    let text = |value: &Option<Option<String>>, holds: fn(&str) -> bool| {
        value
            .as_ref()
            .is_none_or(|value| value.as_deref().is_none_or(holds))
    };
    let name = patch.name.as_deref().is_none_or(|name| is_line(name, 60));
    check("name", name, "must be 1 to 60 printable characters.");
    let readable = text(&patch.accent_color, |color| {
        white_contrast(color).is_some_and(|contrast| contrast >= MIN_CONTRAST)
    });
    check(
        "accentColor",
        readable,
        "must be #rrggbb on which white text has 4.5:1 contrast.",
    );
    let email = text(&patch.support_email, |email| {
        is_line(email, 254) && email.contains('@')
    });
    check("supportEmail", email, "must be an e-mail address.");
    let phone = text(&patch.support_phone, |phone| {
        is_line(phone, 40)
            && phone
                .chars()
                .all(|c| c.is_ascii_digit() || "+-() ".contains(c))
    });
    check(
        "supportPhone",
        phone,
        "must hold digits, spaces and +-() only.",
    );
    check(
        "supportUrl",
        text(&patch.support_url, is_https),
        "must be an https URL.",
    );
    let codes = all(&patch.repairable_codes, |code| {
        DeclineCode::from(code.to_owned()).can_be_repaired()
    });
    check(
        "repairableCodes",
        codes,
        "must list codes that a subscriber can repair.",
    );
    let origins = all(&patch.callback_origins, is_origin);
    check(
        "callbackOrigins",
        origins,
        "must list origins: https://host[:port] or scheme://.",
    );
    let embeds = all(&patch.embed_origins, embeds::is_web_origin);
    check(
        "embedOrigins",
        embeds,
        "must list web origins: https://host[:port].",
    );
    let seconds = patch
        .link_lifetime_seconds
        .is_none_or(|s| (60..=86_400).contains(&s));
    check("linkLifetimeSeconds", seconds, "must be 60 to 86400.");
    let locales = all(&patch.locales, crate::users::is_locale);
    check("locales", locales, "must list IETF language tags.");
    let days = patch
        .retention_days
        .is_none_or(|days| (1..=3_650).contains(&days));
    check("retentionDays", days, "must be 1 to 3650.");
    let logo = patch
        .logo
        .as_ref()
        .and_then(Option::as_ref)
        .is_none_or(|bytes| bytes.len() <= MAX_LOGO && picture_type(bytes).is_some());
    check(
        "logo",
        logo,
        "must be a PNG, JPEG or WebP picture of at most 40 KiB.",
    );
    found
}

fn is_line(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.chars().count())
        && !text
            .chars()
            .any(|c| c.is_control() || "\u{202a}\u{202b}\u{202d}\u{202e}".contains(c))
}

fn is_https(text: &str) -> bool {
    text.len() <= 2_048 && Url::parse(text).is_ok_and(|url| url.scheme() == "https")
}

fn is_origin(text: &str) -> bool {
    let is_app = || {
        let scheme = text.strip_suffix("://").unwrap_or_default();
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    embeds::is_web_origin(text) || is_app()
}

/// What kind of picture the bytes are, by how they begin; none of them can hold a script.
fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

/// WCAG 2.2, success criterion 1.4.3.
const MIN_CONTRAST: f64 = 4.5;

/// The contrast of white text on `#rrggbb`, by the WCAG 2.2 definition of relative luminance.
fn white_contrast(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let channel = |at: usize| -> Option<f64> {
        let value = f64::from(u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?) / 255.0;
        Some(if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        })
    };
    let luminance = 0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?;
    Some(1.05 / (luminance + 0.05))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_follows_the_wcag_formula() {
        assert!((white_contrast("#000000").expect("a colour") - 21.0).abs() < 0.01);
        assert!((white_contrast("#767676").expect("a colour") - 4.54).abs() < 0.01);
        assert_eq!(white_contrast("#fff"), None);
        assert_eq!(white_contrast("#ggghhh"), None);
    }

    #[test]
    fn origins_are_exact() {
        assert!(is_origin("https://shop.example") && is_origin("myapp://"));
        for text in [
            "https://shop.example/",
            "shop.example",
            "https://shop.example/x",
            "://",
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
