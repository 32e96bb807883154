//! The page behind the link: what is about to happen, what to have at hand.

use axum::{http::StatusCode, response::Response};
use portico_domain::{
    country::Country,
    porting::{Behavior, Field, Porting, Step},
    session::{ConnectSession, OpenedIn},
};
use portico_store::visits::Around;

use super::{super::transfer::act_of, link::Entry};
use crate::{
    site::{
        FrameSource,
        flow::{self, Screen},
        page, probe_name, with_probe,
    },
    steps::donor_provider::country_of,
    view::{self, Need, Opening, Purpose},
};

/// The intro page. `was_refused` when the frame it stands in kept no cookie.
pub(super) fn intro(
    entry: &Entry,
    session: &ConnectSession,
    around: &Around,
    was_refused: bool,
) -> Response {
    let Around {
        project,
        visitor,
        porting,
        was_started,
        ..
    } = around;
    let repairable = project.settings.repairable();
    let screen = flow::screen(&session.intent, porting.as_ref(), repairable);
    let (app, headers) = (&entry.app, &entry.headers);
    let place = &entry.place(project);
    let source = FrameSource {
        app,
        headers,
        project,
        session,
        place,
        visitor: visitor.as_ref(),
    };
    let frame = source.frame(None);
    let is_https = app.config.is_https;
    let opening = opening(place, was_refused, is_https);
    let asks = porting.as_ref().filter(|_| screen.is_question());
    let view = view::Intro {
        frame,
        action: "/portal/entry".to_owned(),
        session: session.id.to_string(),
        token: entry.token.clone().unwrap_or_default(),
        purpose: purpose(screen, *was_started),
        act: porting.as_ref().map(act_of).unwrap_or_default(),
        needs: asks.map(needs).unwrap_or_default(),
        // A whole window is taken only when the person asks for it.
        auto_submit: session.intent.hides_intro() && !was_refused,
        opening,
    };
    let response = page(StatusCode::OK, &view);
    match opening {
        Opening::Frame { .. } => with_probe(response, is_https),
        Opening::Here | Opening::WholeWindow => response,
    }
}

/// Where the link is opened. A frame has to show first that it keeps cookies.
fn opening(place: &OpenedIn, was_refused: bool, is_https: bool) -> Opening {
    match place {
        OpenedIn::Frame(_) if was_refused => Opening::WholeWindow,
        OpenedIn::Frame(_) => Opening::Frame {
            probe: probe_name(is_https),
        },
        OpenedIn::Window | OpenedIn::Token => Opening::Here,
    }
}

fn purpose(screen: Screen, was_started: bool) -> Purpose {
    match screen {
        Screen::Step(_) | Screen::Review | Screen::PortProtected if was_started => Purpose::Resume,
        Screen::Step(_) | Screen::Review | Screen::PortProtected => Purpose::Transfer,
        Screen::Status | Screen::Error => Purpose::Status,
        Screen::Overview => Purpose::View,
    }
}

/// What to have at hand: what is still missing. That is no personal data: it is what any customer of
/// such a carrier is asked.
fn needs(porting: &Porting) -> Vec<Need> {
    let pin = match (country_of(porting), porting.behavior) {
        (Country::GB, Behavior::PortIn) => Need::Pac,
        (Country::GB, Behavior::CancelOnly) => Need::Stac,
        _ => Need::TransferPin,
    };
    let mut needs = Vec::new();
    let missing = porting.missing();
    let asked = Step::ALL.into_iter().flat_map(Step::fields);
    for field in asked.filter(|field| missing.contains(field)) {
        let need = match field {
            Field::AccountNumber => Need::AccountNumber,
            Field::AccountPin => pin,
            Field::BillingPin => Need::BillingPin,
            Field::FirstName | Field::LastName => Need::HolderName,
            Field::Birthday => Need::Birthday,
            Field::Address => Need::Address,
            Field::AccountType | Field::DonorProvider | Field::DonorProviderApproval => continue,
        };
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs
}
