//! The subscription: plan, number, status, and what the last porting did.

use askama::Template;

use crate::view::frame::Frame;
use crate::view::outcome::WayOut;
use crate::view::review::Act;

/// `overview`: the page when there is nothing to port, and of `viewSubscription`.
#[derive(Template)]
#[template(path = "overview.html")]
pub struct Overview {
    /// The frame.
    pub frame: Frame,
    /// The plan's name.
    pub plan: String,
    /// Its price and period, written for people ("$20.00 per month").
    pub price: Option<String>,
    /// What is in it, one entry per allowance, written for people ("5 GB of data").
    pub allowances: Vec<String>,
    /// The subscription's number, written for people.
    pub phone_number: Option<String>,
    /// The subscription's status.
    pub status: SubscriptionStatus,
    /// The last porting, if there was one.
    pub porting: Option<LastPorting>,
    /// How the page ends.
    pub way_out: WayOut,
}

/// `status` of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// `pending`
    Pending,
    /// `initiated`
    Initiated,
    /// `active`
    Active,
    /// `restricted`
    Restricted,
    /// `ended`
    Ended,
}

/// What became of the last porting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastPorting {
    /// Its number, written for people.
    pub phone_number: String,
    /// What it does.
    pub act: Act,
    /// Its state.
    pub state: PortingState,
    /// The day of that state, written for people; only final states have one.
    pub on: Option<String>,
}

/// `status` of a porting, as the overview tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortingState {
    /// `draft`
    Draft,
    /// `informationRequired`, `initiated`
    InformationRequired,
    /// `pending`, `requested`
    Underway,
    /// `declined`
    Declined,
    /// `completed`
    Completed,
    /// `canceled`
    Canceled,
    /// `expired`
    Expired,
    /// `failed`
    Failed,
}

impl Overview {
    fn title(&self) -> String {
        self.frame.t("overview-title")
    }

    fn status_text(&self) -> String {
        self.frame.t(match self.status {
            SubscriptionStatus::Pending => "subscription-pending",
            SubscriptionStatus::Initiated => "subscription-initiated",
            SubscriptionStatus::Active => "subscription-active",
            SubscriptionStatus::Restricted => "subscription-restricted",
            SubscriptionStatus::Ended => "subscription-ended",
        })
    }

    /// Look of the status: running, waiting, or over.
    fn status_tone(&self) -> &'static str {
        match self.status {
            SubscriptionStatus::Active => "good",
            SubscriptionStatus::Pending | SubscriptionStatus::Initiated => "calm",
            SubscriptionStatus::Restricted | SubscriptionStatus::Ended => "warn",
        }
    }
}

impl LastPorting {
    fn text(&self, frame: &Frame) -> String {
        let args = [
            ("number", self.phone_number.as_str().into()),
            ("act", self.act.name().into()),
        ];
        let key = match self.state {
            PortingState::Draft => "porting-draft",
            PortingState::InformationRequired => "porting-information-required",
            PortingState::Underway => "porting-underway",
            PortingState::Declined => "porting-declined",
            PortingState::Completed => "porting-completed",
            PortingState::Canceled => "porting-canceled",
            PortingState::Expired => "porting-expired",
            PortingState::Failed => "porting-failed",
        };
        frame.t_with(key, &args)
    }
}
