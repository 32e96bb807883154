//! The page behind the link. It shows nothing personal: link scanners and previews open links too.

use askama::Template;

use crate::view::frame::Frame;
use crate::view::review::Act;

/// `intro`: what is about to happen and what to have at hand. Its one form POSTs the token; Leave is
/// a second button of the same form (`action` = `leave`).
#[derive(Template)]
#[template(path = "intro.html")]
pub struct Intro {
    /// The frame.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// The session's id, control `session`.
    pub session: String,
    /// The secret of the link, control `token`.
    pub token: String,
    /// What the visit is for; decides the wording.
    pub purpose: Purpose,
    /// What the porting does.
    pub act: Act,
    /// What to have at hand, in this order; empty shows no list.
    pub needs: Vec<Need>,
    /// The script sends the form at once (`behavior.hideIntroPage`).
    pub auto_submit: bool,
    /// Where the button opens the link.
    pub opening: Opening,
}

/// Where a link is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Where this page is shown.
    Here,
    /// In a frame, if it keeps the cookie of that name.
    Frame {
        /// The cookie.
        probe: &'static str,
    },
    /// The frame keeps no cookies: the whole window is taken.
    WholeWindow,
}

/// What a visit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A transfer that nobody started yet.
    Transfer,
    /// A transfer with answers from an earlier visit.
    Resume,
    /// A porting that is on its way or was refused.
    Status,
    /// The subscription overview (`viewSubscription`, or nothing to port).
    View,
}

/// Something to have at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The account number at the current carrier.
    AccountNumber,
    /// The transfer PIN (US).
    TransferPin,
    /// The PIN of the bill.
    BillingPin,
    /// The PAC (UK).
    Pac,
    /// The STAC (UK, number not kept).
    Stac,
    /// Name as the current carrier has it.
    HolderName,
    /// Birthday of the account holder.
    Birthday,
    /// Address as on the bill.
    Address,
}

impl Need {
    fn key(self) -> &'static str {
        match self {
            Self::AccountNumber => "need-account-number",
            Self::TransferPin => "need-transfer-pin",
            Self::BillingPin => "need-billing-pin",
            Self::Pac => "need-pac",
            Self::Stac => "need-stac",
            Self::HolderName => "need-holder-name",
            Self::Birthday => "need-birthday",
            Self::Address => "need-address",
        }
    }
}

impl Intro {
    fn title(&self) -> String {
        self.words(match self.purpose {
            Purpose::Transfer => "intro-title",
            Purpose::Resume => "intro-title-resume",
            Purpose::Status => "intro-title-status",
            Purpose::View => "intro-title-view",
        })
    }

    fn lead(&self) -> String {
        self.words(match self.purpose {
            Purpose::Transfer => "intro-lead",
            Purpose::Resume => "intro-lead-resume",
            Purpose::Status => "intro-lead-status",
            Purpose::View => "intro-lead-view",
        })
    }

    /// A message that may differ by what the porting does.
    fn words(&self, key: &str) -> String {
        self.frame.t_one(key, "act", self.act.name())
    }

    /// The cookie that the script looks for.
    fn probe(&self) -> Option<&'static str> {
        match self.opening {
            Opening::Frame { probe } => Some(probe),
            Opening::Here | Opening::WholeWindow => None,
        }
    }

    /// Goes with the form, so that the visit knows who frames it.
    fn embedder(&self) -> Option<&str> {
        let embed = self.frame.embed.as_ref().filter(|_| !self.takes_window())?;
        embed.by.as_deref()
    }

    fn takes_window(&self) -> bool {
        self.opening == Opening::WholeWindow
    }

    fn is_transfer(&self) -> bool {
        matches!(self.purpose, Purpose::Transfer | Purpose::Resume)
    }

    fn button(&self) -> String {
        self.frame.t(match self.purpose {
            Purpose::Transfer => "action-continue",
            Purpose::Resume => "action-resume",
            Purpose::Status => "action-continue",
            Purpose::View => "action-view",
        })
    }
}
