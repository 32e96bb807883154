//! The pages that tell where a transfer stands, and lead back to the project.

use askama::Template;

use crate::view::decline;
use crate::view::frame::Frame;
use crate::view::review::Act;
use crate::view::steps::{donor_name, donor_name_first};

/// The way out of a page that tells a result.
#[derive(Clone, Debug)]
pub enum WayOut {
    /// "Back to …": a form that POSTs, because it ends the session. Carries `data-return`.
    Back {
        /// Where the form goes.
        action: String,
        /// The session's form token, control `form_token`.
        form_token: String,
    },
    /// There is no `callbackUrl`: the page stays useful by itself.
    Stay {
        /// A page with the latest state: the status page, or the same page again.
        refresh_href: String,
    },
}

/// `outro`: sent; what happens next and when.
#[derive(Template)]
#[template(path = "outro.html")]
pub struct Outro {
    /// The frame.
    pub frame: Frame,
    /// What was sent.
    pub transfer: Transfer,
    /// The gateway is down: kept, and sent when it is back.
    pub is_held: bool,
    /// The status page, which stays good.
    pub status_href: String,
    /// How the page ends; the way back carries `data-primary` and `data-return`.
    pub way_out: WayOut,
}

/// The transfer that a result page tells of.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    /// What it does.
    pub act: Act,
    /// The number, written for people.
    pub phone_number: String,
    /// Name of the current carrier, if known.
    pub donor: Option<String>,
    /// The porting's id, to quote to support.
    pub reference: String,
    /// When it usually ends, in words that fit after "Expected:"; `None` when unknown.
    pub expected: Option<String>,
}

/// `status`: nothing to do now.
#[derive(Template)]
#[template(path = "status.html")]
pub struct Status {
    /// The frame.
    pub frame: Frame,
    /// The transfer.
    pub transfer: Transfer,
    /// Where it stands.
    pub stage: Stage,
    /// When this was last known, written for people.
    pub as_of: Option<String>,
    /// How the page ends.
    pub way_out: WayOut,
    /// The same page, for "Check again".
    pub refresh_href: String,
}

/// Where a sent transfer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// `pending`: about to be sent.
    Pending,
    /// `pending`, and the carrier's system is down: kept, and sent when it is back.
    Held,
    /// `requested`: with the carriers.
    Requested,
    /// `requested` for a date to come, written for people.
    Scheduled {
        /// The date.
        on: String,
    },
    /// `requested`, and the carriers said that it takes longer.
    Delayed,
}

/// `error`: declined, and not for the subscriber to repair.
#[derive(Template)]
#[template(path = "error.html")]
pub struct Declined {
    /// The frame.
    pub frame: Frame,
    /// The `declinedCode`.
    pub code: String,
    /// The transfer.
    pub transfer: Transfer,
    /// How the page ends.
    pub way_out: WayOut,
}

impl WayOut {
    pub(crate) fn back(&self) -> Option<(&str, &str)> {
        match self {
            Self::Back { action, form_token } => Some((action, form_token)),
            Self::Stay { .. } => None,
        }
    }

    pub(crate) fn refresh_href(&self) -> &str {
        match self {
            Self::Back { .. } => "",
            Self::Stay { refresh_href } => refresh_href,
        }
    }
}

impl Transfer {
    pub(crate) fn donor_label(&self, frame: &Frame) -> String {
        donor_name_first(frame, self.donor.as_deref())
    }

    /// Whether the number itself moves.
    pub(crate) fn moves(&self) -> bool {
        self.act == Act::Transfer
    }

    /// A message that may name the donor and differ by act.
    pub(crate) fn words(&self, frame: &Frame, key: &str) -> String {
        let args = [
            ("act", self.act.name().into()),
            ("donor", donor_name(frame, self.donor.as_deref()).into()),
            ("donorStart", self.donor_label(frame).into()),
        ];
        frame.t_with(key, &args)
    }
}

impl Outro {
    fn title(&self) -> String {
        let key = if self.is_held {
            "outro-title-held"
        } else {
            "outro-title"
        };
        self.transfer.words(&self.frame, key)
    }

    fn lead(&self) -> String {
        let key = if self.is_held {
            "outro-lead-held"
        } else {
            "outro-lead"
        };
        self.transfer.words(&self.frame, key)
    }
}

impl Status {
    fn title(&self) -> String {
        self.transfer.words(
            &self.frame,
            match self.stage {
                Stage::Pending => "status-title-pending",
                Stage::Held => "status-title-held",
                Stage::Requested => "status-title-requested",
                Stage::Scheduled { .. } => "status-title-scheduled",
                Stage::Delayed => "status-title-delayed",
            },
        )
    }

    fn lead(&self) -> String {
        match &self.stage {
            Stage::Pending => self.transfer.words(&self.frame, "status-lead-pending"),
            Stage::Held => self.transfer.words(&self.frame, "status-lead-held"),
            Stage::Requested => self.transfer.words(&self.frame, "status-lead-requested"),
            Stage::Scheduled { on } => self.frame.t_one("status-lead-scheduled", "date", on),
            Stage::Delayed => self.transfer.words(&self.frame, "status-lead-delayed"),
        }
    }

    fn is_held(&self) -> bool {
        self.stage == Stage::Held
    }
}

impl Declined {
    fn title(&self) -> String {
        decline::title(&self.frame, &self.code)
    }

    fn meaning(&self) -> String {
        decline::meaning(&self.frame, &self.code)
    }

    fn advice(&self) -> String {
        decline::advice(&self.frame, &self.code)
    }
}
