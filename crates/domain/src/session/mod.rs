//! A Connect Session: one visit ticket for one subscriber.

mod callback;
mod intent;

pub use callback::{CallbackStatus, CallbackUrl, CallbackUrlError, is_loopback};
pub use intent::{Intent, IntentKind, Purpose};
use jiff::{SignedDuration, Timestamp};

use crate::{
    id::{SessionId, SubscriptionId, UserId},
    porting::Step,
};

/// The pages' colours, when the integrator chose them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "self-explanatory")]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.as_str() == text)
    }
}

/// A session as it is kept. Its link's token and its cookie's value are kept as hashes only.
#[derive(Debug, Clone)]
pub struct ConnectSession {
    /// Its id.
    pub id: SessionId,
    /// The project's slug.
    pub project: String,
    /// Whose visit it is; none until the integrator says so.
    pub user: Option<UserId>,
    /// What the visit is for.
    pub intent: Intent,
    /// Where the subscriber goes afterwards.
    pub callback_url: Option<CallbackUrl>,
    /// The pages' colours.
    pub theme: Option<Theme>,
    /// SHA-256 of the link's token; none while there is no user.
    pub token_hash: Option<Vec<u8>>,
    /// How far it got.
    pub status: SessionStatus,
    /// Where the link was redeemed; none while nobody has. A link is redeemed once.
    pub opened_in: Option<OpenedIn>,
    /// The browser that redeemed the link.
    pub browser: Option<Browser>,
    /// The steps that were open when the link was redeemed: what "step 2 of 4" counts.
    pub planned_steps: Vec<Step>,
    /// What the subscriber went back with, and when.
    pub outcome: Option<(CallbackStatus, Timestamp)>,
    /// Whether the subscription had no porting to complete when the session was created.
    pub no_pending_porting: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// Until when the link can be opened.
    pub expires_at: Timestamp,
}

/// Where a link was redeemed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenedIn {
    /// In a window of its own.
    Window,
    /// In a frame of a page; at that origin, if the page said so.
    Frame(Option<String>),
    /// By an embed that shows pages of its own: it got a user token.
    Token,
}

impl OpenedIn {
    /// Its name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Frame(_) => "frame",
            Self::Token => "token",
        }
    }

    /// The origin of the page around the frame, if it said so.
    pub fn framed_by(&self) -> Option<&str> {
        match self {
            Self::Frame(by) => by.as_deref(),
            Self::Window | Self::Token => None,
        }
    }
}

/// The browser a session is bound to.
#[derive(Debug, Clone)]
pub struct Browser {
    /// SHA-256 of the cookie's value.
    pub cookie_hash: Vec<u8>,
    /// When the link was redeemed.
    pub redeemed_at: Timestamp,
    /// When it last asked for a page.
    pub seen_at: Timestamp,
}

/// How far a session got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// The link has not been opened.
    Created,
    /// The subscriber is inside.
    Opened,
    /// The subscriber did what the intent asked.
    Completed,
    /// The subscriber left on purpose.
    Aborted,
    /// The link was not opened in time.
    Expired,
    /// The subscriber went back from the error screen.
    Failed,
}

impl SessionStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Opened,
        Self::Completed,
        Self::Aborted,
        Self::Expired,
        Self::Failed,
    ];

    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Opened => "opened",
            Self::Completed => "completed",
            Self::Aborted => "aborted",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// How long a redeemed session lives.
#[derive(Debug, Clone, Copy)]
pub struct BrowserLimits {
    /// Without a request.
    pub idle: SignedDuration,
    /// In all, counted from redemption.
    pub absolute: SignedDuration,
}

/// What a request with the right cookie may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// Everything.
    Alive,
    /// Save what was typed, then say that the session has ended.
    Idle,
    /// Nothing.
    Ended,
}

impl ConnectSession {
    /// The subscription it is about.
    pub fn subscription(&self) -> SubscriptionId {
        self.intent.subscription
    }

    /// Its status at `now`: a link that was not opened in time is expired whether or not anybody
    /// has written that down yet.
    pub fn status_at(&self, now: Timestamp) -> SessionStatus {
        match self.status {
            SessionStatus::Created if now >= self.expires_at => SessionStatus::Expired,
            status => status,
        }
    }

    /// How alive the browser's session is.
    pub fn liveness(&self, limits: BrowserLimits, now: Timestamp) -> Liveness {
        let Some(browser) = &self.browser else {
            return Liveness::Ended;
        };
        if now.duration_since(browser.redeemed_at) >= limits.absolute {
            Liveness::Ended
        } else if now.duration_since(browser.seen_at) >= limits.idle {
            Liveness::Idle
        } else {
            Liveness::Alive
        }
    }
}
