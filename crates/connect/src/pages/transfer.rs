use portico_domain::{
    country::Country,
    porting::{Behavior, Porting},
    service_provider,
};

use crate::{
    site::{Visit, date, number},
    steps::donor_provider::country_of,
    text::Texts,
    view::{Act, Transfer, WayOut},
};

/// The donor's name, if the subscriber named one that we list.
pub fn donor_of(porting: &Porting) -> Option<String> {
    let donor = porting
        .details
        .donor_provider
        .as_deref()
        .and_then(service_provider::find)?;
    (!donor.is_other()).then(|| donor.name.to_owned())
}

/// What a porting does.
pub fn act_of(porting: &Porting) -> Act {
    match porting.behavior {
        Behavior::PortIn => Act::Transfer,
        Behavior::CancelOnly => Act::CancelOnly,
    }
}

/// What the result pages tell of a porting.
pub fn transfer_of(texts: &Texts, porting: &Porting) -> Transfer {
    Transfer {
        act: act_of(porting),
        phone_number: number(&porting.phone_number),
        donor: donor_of(porting),
        reference: porting.id.to_string(),
        expected: expected(texts, porting),
    }
}

/// When it usually ends. US: minutes to hours, with a median under an hour, and about one business
/// day in carriers' own words; UK: one working day after the request (Ofcom). Elsewhere we do not
/// know.
fn expected(texts: &Texts, porting: &Porting) -> Option<String> {
    if let Some(day) = porting.details.scheduled_on {
        return Some(date(texts, day));
    }
    match country_of(porting) {
        Country::US => Some(texts.get("expected-us")),
        Country::GB => Some(texts.get("expected-gb")),
        _ => None,
    }
}

/// How a result page ends: back to the project, or, with nowhere to go, by itself.
pub fn way_out(visit: &Visit, page: &str) -> WayOut {
    let paths = visit.paths();
    match visit.session.callback_url {
        Some(_) => WayOut::Back {
            action: paths.go_back(page),
            form_token: visit.form_token.clone(),
        },
        None => WayOut::Stay {
            refresh_href: paths.home(),
        },
    }
}
