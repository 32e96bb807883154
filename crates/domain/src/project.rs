//! A project: one company's tenancy, its brand and its switches.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decline::{DEFAULT_REPAIRABLE, DeclineCode};

/// A project as it is kept.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its slug: lower-case letters, digits and dashes.
    pub id: String,
    /// Whether it moves real numbers.
    pub kind: ProjectType,
    /// Its brand and switches.
    pub settings: Settings,
    /// Whether it has a logo; the picture itself is read apart.
    pub has_logo: bool,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Whether a project moves real numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum ProjectType {
    Live,
    Test,
}

impl ProjectType {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

impl std::str::FromStr for ProjectType {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        [Self::Live, Self::Test]
            .into_iter()
            .find(|kind| kind.as_str() == s)
            .ok_or(())
    }
}

/// A project's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// What subscribers call the company.
    pub name: String,
    /// The brand's colour, `#rrggbb`; white text on it is readable.
    pub accent_color: Option<String>,
    /// How subscribers reach support.
    pub support_email: Option<String>,
    /// How subscribers reach support.
    pub support_phone: Option<String>,
    /// How subscribers reach support.
    pub support_url: Option<String>,
    /// Whether subscribers may repair a declined porting.
    pub self_service_repair: bool,
    /// Which declines they may repair.
    pub repairable_codes: Vec<DeclineCode>,
    /// Origins a `callbackUrl` may lead to; empty: any.
    pub callback_origins: Vec<String>,
    /// Origins that may embed Connect.
    pub embed_origins: Vec<String>,
    /// How long an unopened link lives, 60–86,400 seconds.
    pub link_lifetime_seconds: u32,
    /// The languages the company serves, IETF tags.
    pub locales: Vec<String>,
    /// Days after a porting's end at which personal data is erased.
    pub retention_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: String::new(),
            accent_color: None,
            support_email: None,
            support_phone: None,
            support_url: None,
            self_service_repair: false,
            repairable_codes: DEFAULT_REPAIRABLE.to_vec(),
            callback_origins: Vec::new(),
            embed_origins: Vec::new(),
            link_lifetime_seconds: 30 * 60,
            locales: vec!["en".to_owned()],
            retention_days: 90,
        }
    }
}

impl Settings {
    /// The codes a subscriber may repair: none while self-service repair is off.
    pub fn repairable(&self) -> &[DeclineCode] {
        if self.self_service_repair {
            &self.repairable_codes
        } else {
            &[]
        }
    }
}

/// Whether `text` can be a project's id: 1–40 lower-case letters, digits and inner dashes.
pub fn is_slug(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=40).contains(&text.len())
        && text.chars().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
