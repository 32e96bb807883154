use axum::http::{HeaderMap, header};
use portico_app::App;
use portico_domain::{
    project::{Project, Settings},
    session::{ConnectSession, OpenedIn, Theme as Chosen},
};
use portico_store::visits::Visitor;

use super::embedding::{embedded, embedders};
use crate::{
    text::Texts,
    view::{Accent, Brand, Frame, Logo, Notice, Support, SupportPhone, Theme},
};

/// 22 base62 digits are 130 bits: a nonce nobody guesses.
const NONCE_LEN: usize = 22;
const ICON: &str = "/portal/icon.svg";

/// What a frame is made of.
pub struct FrameSource<'a> {
    /// For the nonce.
    pub app: &'a App,
    /// For the language.
    pub headers: &'a HeaderMap,
    /// For brand and support.
    pub project: &'a Project,
    /// For the theme.
    pub session: &'a ConnectSession,
    /// Where the session is, or is being, opened.
    pub place: &'a OpenedIn,
    /// For the language.
    pub visitor: Option<&'a Visitor>,
}

impl FrameSource<'_> {
    /// The frame, with a sentence at its top if there is a reason for one.
    pub fn frame(&self, notice: Option<Notice>) -> Frame {
        let settings = &self.project.settings;
        let locale = self.visitor.map(|it| it.preferred_locale.as_str());
        Frame {
            texts: Texts::negotiate(locale, accept_language(self.headers)),
            nonce: self.app.db.ambient().random.base62(NONCE_LEN),
            brand: brand(self.project),
            theme: match self.session.theme {
                None => Theme::Auto,
                Some(Chosen::Light) => Theme::Light,
                Some(Chosen::Dark) => Theme::Dark,
            },
            support: support(settings),
            notice,
            embedders: embedders(&self.app.config, self.project, self.place),
            embed: embedded(self.session, self.place),
        }
    }
}

/// The frame of a page that must not tell whose link it was, or cannot.
pub fn nameless(app: &App, headers: &HeaderMap) -> Frame {
    Frame {
        texts: Texts::negotiate(None, accept_language(headers)),
        nonce: app.db.ambient().random.base62(NONCE_LEN),
        brand: Brand {
            icon: Some(ICON.to_owned()),
            ..Brand::default()
        },
        theme: Theme::Auto,
        support: Support::default(),
        notice: None,
        embedders: Vec::new(),
        embed: None,
    }
}

/// The same for a page that says only that something did not work just now. Any page may show it in a
/// frame: it has nothing to be lured into, and where it is refused the browser shows an error of its own.
pub fn nameless_anywhere(app: &App, headers: &HeaderMap) -> Frame {
    Frame {
        embedders: vec!["*".to_owned()],
        ..nameless(app, headers)
    }
}

fn accept_language(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
}

fn brand(project: &Project) -> Brand {
    let logo = format!("/portal/logo/{}", project.id);
    let accent = project
        .settings
        .accent_color
        .as_deref()
        .map(Accent::from_hex);
    Brand {
        name: Some(project.settings.name.clone()),
        logo: project.has_logo.then_some(Logo {
            src: logo,
            size: None,
        }),
        icon: Some(ICON.to_owned()),
        // A colour was checked when it was set; one that got past an older check is not used.
        accent: accent.and_then(Result::ok).unwrap_or_default(),
    }
}

fn support(settings: &Settings) -> Support {
    let phone = settings.support_phone.as_ref().map(|text| SupportPhone {
        e164: text
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect(),
        text: text.clone(),
    });
    Support {
        email: settings.support_email.clone(),
        phone,
        url: settings.support_url.clone(),
    }
}
