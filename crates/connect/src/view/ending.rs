//! The pages at the edges of the flow: links that no longer work, leaving, and a busy server.

use askama::Template;

use crate::view::frame::Frame;

/// `expired`: this link, or this visit, is over. Shows nothing personal.
#[derive(Template)]
#[template(path = "expired.html")]
pub struct Expired {
    /// The frame. For [`ExpiredReason::Unknown`] its brand has no name and its support is empty, so
    /// that the page is the same for every wrong link.
    pub frame: Frame,
    /// Why.
    pub reason: ExpiredReason,
    /// Where "Back to …" leads (a link; carries `data-primary` and `data-return`), when the token
    /// was right and there is a `callbackUrl`. Ignored for [`ExpiredReason::Unknown`].
    pub back_href: Option<String>,
}

/// Why a link or a visit is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiredReason {
    /// The link was redeemed in another browser.
    AlreadyUsed,
    /// The link was not opened in time.
    LinkExpired,
    /// The browser session ended; what was saved stays saved.
    SessionEnded,
    /// The link has no token: the project's app opens it.
    OpenFromApp,
    /// Wrong token, unknown session, tampered form: the same page for all, offering nothing.
    Unknown,
}

/// `leave`: do you really want to go? Leaving is the primary action.
#[derive(Template)]
#[template(path = "leave.html")]
pub struct Leave {
    /// The frame.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// The session's form token, control `form_token`.
    pub form_token: String,
    /// Back to the step.
    pub stay_href: String,
    /// Whether leaving leads to the project (there is a `callbackUrl`).
    pub returns: bool,
}

/// `leaving`: on the way to `callbackUrl`; goes on by itself and without script.
#[derive(Template)]
#[template(path = "leaving.html")]
pub struct Leaving {
    /// The frame.
    pub frame: Frame,
    /// The whole target with its parameters. The session's own `callbackUrl`, checked on creation.
    pub target: String,
    /// Where it leads, in words or as a host.
    pub destination: Destination,
}

/// What a `callbackUrl` leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A web page at this host.
    Web {
        /// The host that is named.
        host: String,
    },
    /// An app. Browsers may ask, or want a tap: the page shows a button as well.
    App,
}

/// `aborted`: left, without a `callbackUrl` to go to.
#[derive(Template)]
#[template(path = "aborted.html")]
pub struct Aborted {
    /// The frame.
    pub frame: Frame,
    /// Continue after all.
    pub resume_href: String,
}

/// `unavailable`, status 503: busy; nothing was lost.
#[derive(Template)]
#[template(path = "unavailable.html")]
pub struct Unavailable {
    /// The frame; its brand may be nameless, if even that could not be read.
    pub frame: Frame,
    /// Why.
    pub trouble: Trouble,
    /// Try again: a GET that is safe to repeat; `None` where only the page before can.
    pub retry_href: Option<String>,
}

/// Why a request was not answered as it should have been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    /// The server has too much to do, or is being mended.
    #[default]
    Busy,
    /// What was sent was too much, or came too slowly, and was not taken.
    NotTaken,
}

/// `tooManyRequests`, status 429.
#[derive(Template)]
#[template(path = "too_many_requests.html")]
pub struct TooManyRequests {
    /// The frame; its brand may be nameless.
    pub frame: Frame,
    /// Minutes to wait, rounded up.
    pub wait_minutes: u32,
    /// Try again: a GET that is safe to repeat.
    pub retry_href: String,
}

impl Expired {
    fn title(&self) -> String {
        self.frame.t(match self.reason {
            ExpiredReason::AlreadyUsed => "expired-title-used",
            ExpiredReason::LinkExpired => "expired-title-link",
            ExpiredReason::SessionEnded => "expired-title-session",
            ExpiredReason::OpenFromApp => "expired-title-app",
            ExpiredReason::Unknown => "expired-title-unknown",
        })
    }

    fn lead(&self) -> String {
        self.frame.t(match self.reason {
            ExpiredReason::AlreadyUsed => "expired-lead-used",
            ExpiredReason::LinkExpired => "expired-lead-link",
            ExpiredReason::SessionEnded => "expired-lead-session",
            ExpiredReason::OpenFromApp => "expired-lead-app",
            ExpiredReason::Unknown => "expired-lead-unknown",
        })
    }

    fn offered_back(&self) -> Option<&str> {
        let may_offer = self.reason != ExpiredReason::Unknown;
        self.back_href.as_deref().filter(|_| may_offer)
    }
}

impl Leave {
    fn title(&self) -> String {
        self.frame.t("leave-title")
    }

    fn button(&self) -> String {
        self.frame.t(if self.returns {
            "leave-button-back"
        } else {
            "leave-button"
        })
    }
}

impl Leaving {
    /// In a frame, the page around it decides; taking its window away is for the person.
    fn is_framed(&self) -> bool {
        self.frame.embed.is_some()
    }

    fn title(&self) -> String {
        self.frame.t(match self.is_framed() {
            true => "leaving-title-framed",
            false => "leaving-title",
        })
    }

    fn lead(&self) -> String {
        match &self.destination {
            _ if self.is_framed() => self.frame.t("leaving-lead-framed"),
            Destination::Web { host } => self.frame.t_one("leaving-lead", "host", host),
            Destination::App => self.frame.t("leaving-lead-app"),
        }
    }

    fn link(&self) -> String {
        match &self.destination {
            Destination::Web { host } => self.frame.t_one("leaving-link", "host", host),
            Destination::App => self.frame.t("leaving-button-app"),
        }
    }

    fn is_app(&self) -> bool {
        self.destination == Destination::App
    }
}

impl Aborted {
    fn title(&self) -> String {
        self.frame.t("aborted-title")
    }
}

impl Unavailable {
    fn title(&self) -> String {
        self.frame.t(match self.trouble {
            Trouble::Busy => "unavailable-title",
            Trouble::NotTaken => "not-taken-title",
        })
    }

    fn lead(&self) -> String {
        self.frame.t(match self.trouble {
            Trouble::Busy => "unavailable-lead",
            Trouble::NotTaken => "not-taken-lead",
        })
    }
}

impl TooManyRequests {
    fn title(&self) -> String {
        self.frame.t("too-many-title")
    }

    fn lead(&self) -> String {
        self.frame
            .t_with("too-many-lead", &[("minutes", self.wait_minutes.into())])
    }
}
