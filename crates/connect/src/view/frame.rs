//! What every page has in common: language, brand, theme, help, and the sentence at its top.

use std::iter;

use fluent_bundle::FluentValue;

use crate::text::Texts;
use crate::view::accent::Accent;

/// The frame around each page. One is built per response; all page structs carry it as `frame`.
#[derive(Clone)]
pub struct Frame {
    /// The catalogue of the visitor's language, from [`Texts::negotiate`].
    pub texts: &'static Texts,
    /// The nonce of this response's Content-Security-Policy; needed by `style-src` and `script-src`.
    pub nonce: String,
    /// Whose page this is.
    pub brand: Brand,
    /// Light, dark, or as the device says.
    pub theme: Theme,
    /// How to reach the project's support; shown at the same place of each page.
    pub support: Support,
    /// A sentence at the top that explains why the visitor sees this page now.
    pub notice: Option<Notice>,
    /// Origins whose pages may show this one in a frame: `frame-ancestors` of this response.
    pub embedders: Vec<String>,
    /// Set when the page is shown in a frame.
    pub embed: Option<Embedded>,
}

/// A page inside another page. The other one is told the step, the height and the end, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Origin of the page around it; none when it did not say so, and is told nothing.
    pub by: Option<String>,
    /// The session's id.
    pub session: String,
    /// On a page from which the visit goes no further: the status it ended with, as at `callbackUrl`.
    pub ended: Option<&'static str>,
}

/// The project's face.
#[derive(Clone, Default)]
pub struct Brand {
    /// The project's name. `None` on pages that must not tell whose link it was.
    pub name: Option<String>,
    /// The project's logo, served from our own host.
    pub logo: Option<Logo>,
    /// Address of the page icon on our own host; [`crate::view::FAVICON_SVG`] is one to serve.
    pub icon: Option<String>,
    /// Colour of buttons and links.
    pub accent: Accent,
}

/// A project's logo: PNG, JPEG or WebP from our own host.
#[derive(Clone)]
pub struct Logo {
    /// Address of the image.
    pub src: String,
    /// Width and height in pixels when known: the space is then kept before the image arrives.
    /// When unknown the image is fitted into a square.
    pub size: Option<(u32, u32)>,
}

impl Logo {
    /// A wide logo is a word mark and says the name itself; beside any other the name is written.
    pub(crate) fn is_word_mark(&self) -> bool {
        self.size
            .is_some_and(|(width, height)| width >= height.saturating_mul(2))
    }
}

/// Which colours a page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// As the visitor's device is set.
    #[default]
    Auto,
    /// Light, whatever the device says (session `appearance.theme`).
    Light,
    /// Dark, whatever the device says.
    Dark,
}

impl Theme {
    /// The value of the `color-scheme` meta element.
    pub(crate) fn color_scheme(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The project's support contacts; all may be missing.
#[derive(Clone, Default)]
pub struct Support {
    /// Mail address, without `mailto:`.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<SupportPhone>,
    /// Address of a help page.
    pub url: Option<String>,
}

/// A telephone number to call.
#[derive(Clone)]
pub struct SupportPhone {
    /// In E.164, for the link.
    pub e164: String,
    /// Written for people.
    pub text: String,
}

impl Support {
    /// The contact to offer as a button: a help page, else mail, else telephone.
    pub(crate) fn best_href(&self) -> Option<String> {
        let mail = || self.email.as_ref().map(|email| format!("mailto:{email}"));
        let phone = || {
            self.phone
                .as_ref()
                .map(|phone| format!("tel:{}", phone.e164))
        };
        self.url.clone().or_else(mail).or_else(phone)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.email.is_none() && self.phone.is_none() && self.url.is_none()
    }
}

/// Why the visitor sees this page now, when it is not what they asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The porting was changed elsewhere (API, another device, carrier) while a form was open.
    ChangedElsewhere,
    /// The form was sent a second time; the first one counts.
    AlreadySubmitted,
    /// This page belongs to an earlier state; what is shown is where the transfer stands now.
    MovedOn,
    /// The form did not carry a valid form token; nothing typed was saved, send it again.
    SendAgain,
}

impl Notice {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::ChangedElsewhere => "notice-changed-elsewhere",
            Self::AlreadySubmitted => "notice-already-submitted",
            Self::MovedOn => "notice-moved-on",
            Self::SendAgain => "notice-send-again",
        }
    }
}

/// How far the visitor is, told in words: "Step 2 of 4".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The current step, from 1.
    pub step: u32,
    /// How many steps there are in all, `review` included.
    pub of: u32,
}

impl Progress {
    pub(crate) fn text(self, frame: &Frame) -> String {
        frame.t_with(
            "progress",
            &[("step", self.step.into()), ("of", self.of.into())],
        )
    }
}

impl Frame {
    /// Whether a page around this one is told of it.
    pub(crate) fn is_heard(&self) -> bool {
        self.embed.as_ref().is_some_and(|embed| embed.by.is_some())
    }

    /// A message, with `$brand` filled in.
    pub fn t(&self, key: &str) -> String {
        self.t_with(key, &[])
    }

    /// A message with further variables; `$brand` is always there.
    pub fn t_with(&self, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        self.texts.get_with(key, || {
            let brand = ("brand", FluentValue::from(self.brand_name()));
            iter::once(brand).chain(args.iter().cloned()).collect()
        })
    }

    /// A message with one text variable.
    pub(crate) fn t_one(&self, key: &str, name: &str, value: &str) -> String {
        self.t_with(key, &[(name, FluentValue::from(value))])
    }

    /// The project's name, or neutral words where it must not be told.
    pub fn brand_name(&self) -> String {
        match &self.brand.name {
            Some(name) => name.clone(),
            None => self.texts.get("brand-unknown"),
        }
    }

    /// Whose page it is, in its title and header.
    pub(crate) fn page_owner(&self) -> String {
        self.brand
            .name
            .clone()
            .unwrap_or_else(|| self.texts.get("page-owner-unknown"))
    }

    /// The first letter of the name, for the mark beside it when there is no logo.
    pub(crate) fn initial(&self) -> String {
        let first = self
            .brand
            .name
            .as_deref()
            .and_then(|name| name.trim().chars().next());
        first
            .map(|letter| letter.to_uppercase().collect())
            .unwrap_or_default()
    }
}
