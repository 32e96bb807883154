//! Where Connect opens: a function of the intent and the porting, and of nothing else.

use portico_domain::{
    decline::DeclineCode,
    porting::{Porting, Repair, Status, Step},
    session::{Intent, IntentKind},
};

/// A place a visit can stand at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A step with a question open.
    Step(Step),
    /// How to lift the donor's lock.
    PortProtected,
    /// Everything is answered and waits for confirmation.
    Review,
    /// Nothing to do now.
    Status,
    /// Declined, and not for the subscriber to repair.
    Error,
    /// Nothing to port.
    Overview,
}

impl Screen {
    /// The page's name in addresses and `data-step`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Step(step) => step.as_str(),
            Self::PortProtected => "portProtected",
            Self::Review => "review",
            Self::Status => "status",
            Self::Error => "error",
            Self::Overview => "overview",
        }
    }

    /// Whether answers can be changed there.
    pub fn is_question(self) -> bool {
        matches!(self, Self::Step(_) | Self::PortProtected | Self::Review)
    }
}

/// Where a visit stands. `repairable` as for [`Porting::repair`].
pub fn screen(intent: &Intent, porting: Option<&Porting>, repairable: &[DeclineCode]) -> Screen {
    let Some(porting) = porting else {
        return Screen::Overview;
    };
    if intent.kind() == IntentKind::ViewSubscription {
        return Screen::Overview;
    }
    match porting.status() {
        Status::InformationRequired => questions(porting, repairable),
        Status::Declined => match porting.repair(repairable) {
            None | Some(Repair::Impossible) => Screen::Error,
            Some(Repair::LiftProtection) => Screen::PortProtected,
            Some(Repair::Change(_) | Repair::Done) => questions(porting, repairable),
        },
        Status::Pending | Status::Requested => Screen::Status,
        Status::Draft
        | Status::Initiated
        | Status::Completed
        | Status::Canceled
        | Status::Expired
        | Status::Failed => Screen::Overview,
    }
}

fn questions(porting: &Porting, repairable: &[DeclineCode]) -> Screen {
    match porting.open_steps(repairable).first() {
        Some(step) => Screen::Step(*step),
        None => Screen::Review,
    }
}
