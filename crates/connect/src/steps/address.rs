//! The address the current carrier has.

use axum::response::Response;
use portico_domain::{
    address::{
        Address, AddressInput, AddressProblem, AddressProblemKind, MAX_CITY, MAX_LINE, states_of,
    },
    country::Country,
    porting::{DetailsPatch, Patch, Step},
};
use portico_store::{PageRequest, user_addresses};

use super::{Feedback, Kept, StepVisit, donor_provider::country_of, keep};
use crate::{
    site::{Fail, Form, Posted, Visit, page},
    view::{self, AddressStyle, Choice, Control, Problem, SelectInput},
};

const CONTROLS: [(Control, &str); 6] = [
    (Control::Line1, "line1"),
    (Control::Line2, "line2"),
    (Control::City, "city"),
    (Control::State, "state"),
    (Control::PostalCode, "postalCode"),
    (Control::Country, "country"),
];

/// GET: what is saved, else the user's own address, as a suggestion.
pub async fn show(visit: Visit) -> Result<Response, Fail> {
    let at = match StepVisit::new(visit, Step::Address) {
        Ok(at) => at,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let suggestion = suggestion(&at).await?;
    Ok(render(&at, &Feedback::default(), suggestion.as_ref()))
}

/// POST: saves the address when all of it is valid; an address is one answer.
pub async fn save(posted: Posted) -> Result<Response, Fail> {
    let Posted { visit, form } = posted;
    let mut at = match StepVisit::posted(visit, Step::Address) {
        Ok(at) => at,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let mut feedback = Feedback::default();
    for (control, name) in CONTROLS {
        feedback.typed(control, form.text(name));
    }
    let mut patch = DetailsPatch::default();
    match Address::parse(input(&at, &form)) {
        Ok(address) => patch.address = Patch::Set(address),
        Err(problems) => {
            for problem in problems {
                let control = control_of(problem.property);
                feedback.error(control, problem_at(control, &problem));
            }
        }
    }
    if let Kept::Gone(elsewhere) = keep(&mut at, patch, &mut feedback).await? {
        return Ok(elsewhere);
    }
    Ok(at.answer(feedback, |at, feedback| render(at, feedback, None)))
}

fn input(at: &StepVisit, form: &Form) -> AddressInput {
    let text = |name: &str| Some(form.text(name).to_owned()).filter(|text| !text.is_empty());
    let only = countries(at)
        .into_iter()
        .next()
        .filter(|_| countries(at).len() == 1);
    AddressInput {
        line1: text("line1"),
        line2: text("line2"),
        city: text("city"),
        state: text("state"),
        postal_code: text("postalCode"),
        country: only
            .map(|country| country.as_str().to_owned())
            .or_else(|| text("country")),
    }
}

/// A billing address is in the donor's country.
fn countries(at: &StepVisit) -> Vec<Country> {
    vec![country_of(&at.porting)]
}

fn control_of(property: &str) -> Control {
    CONTROLS
        .into_iter()
        .find_map(|(control, name)| (name == property).then_some(control))
        .unwrap_or(Control::Line1)
}

fn problem_at(control: Control, problem: &AddressProblem) -> Problem {
    let max = match control {
        Control::City => MAX_CITY,
        _ => MAX_LINE,
    };
    match problem.kind {
        AddressProblemKind::Incomplete => Problem::Missing(control),
        AddressProblemKind::TooLong => Problem::TooLong {
            control,
            max: u32::try_from(max).unwrap_or(u32::MAX),
        },
        AddressProblemKind::Unprintable => Problem::Characters(control),
        AddressProblemKind::Invalid => Problem::Invalid(control),
    }
}

async fn suggestion(at: &StepVisit) -> Result<Option<Address>, Fail> {
    let Some(visitor) = at
        .visit
        .visitor
        .as_ref()
        .filter(|_| at.porting.details.address.is_none())
    else {
        return Ok(None);
    };
    let failed = |error| at.visit.fail(&error);
    let mut tx = at.visit.app.read().await.map_err(failed)?;
    let newest = PageRequest {
        limit: 10,
        ..PageRequest::default()
    };
    let page = user_addresses::list(&mut tx, visitor.id, &newest).await;
    let rows = page.map_err(|error| failed(error.into()))?.items;
    let countries = countries(at);
    Ok(rows
        .into_iter()
        .map(|row| row.address)
        .find(|it| countries.contains(&it.country)))
}

fn render(at: &StepVisit, feedback: &Feedback, suggestion: Option<&Address>) -> Response {
    let frame = at.visit.frame();
    let countries = countries(at);
    let stored = at.porting.details.address.as_ref().or(suggestion);
    let stored = stored.filter(|address| countries.contains(&address.country));
    let country = stored
        .map(|it| it.country)
        .filter(|it| countries.contains(it));
    let country = country.unwrap_or_else(|| country_of(&at.porting));
    let text = |control: Control, pick: fn(&Address) -> Option<String>| {
        feedback.input(control, || stored.and_then(pick).unwrap_or_default())
    };
    let states = states_of(country);
    let state = feedback.value(Control::State, || {
        stored.and_then(|it| it.state.clone()).unwrap_or_default()
    });
    let choice = |country: &Country| {
        Choice::new(country.as_str(), frame.texts.country_name(country.as_str()))
    };
    let view = view::Address {
        step: at.frame_of_step(),
        country: SelectInput {
            choices: countries.iter().map(choice).collect(),
            selected: Some(country.as_str().to_owned()),
            note: feedback.note(Control::Country),
        },
        line1: text(Control::Line1, |it| Some(it.line1.clone())),
        line2: text(Control::Line2, |it| it.line2.clone()),
        city: text(Control::City, |it| Some(it.city.clone())),
        state: (!states.is_empty()).then(|| SelectInput {
            choices: states
                .iter()
                .map(|it| Choice::new(it.code, it.name))
                .collect(),
            selected: Some(state).filter(|state| states.iter().any(|it| it.code == state)),
            note: feedback.note(Control::State),
        }),
        postal_code: Some(text(Control::PostalCode, |it| it.postal_code.clone())),
        style: style_of(country),
        frame,
    };
    page(feedback.status(), &view)
}

fn style_of(country: Country) -> AddressStyle {
    match country {
        Country::US => AddressStyle::UnitedStates,
        Country::CA => AddressStyle::Canada,
        Country::GB => AddressStyle::UnitedKingdom,
        _ => AddressStyle::General,
    }
}

/// An address as people write it, a line each.
pub fn lines(address: &Address) -> Vec<String> {
    let state = address.state.as_deref().unwrap_or_default();
    let code = address.postal_code.as_deref().unwrap_or_default();
    let town = match address.country {
        Country::US | Country::CA => format!("{}, {state} {code}", address.city),
        Country::GB => format!("{} {code}", address.city),
        _ => format!("{code} {}", address.city),
    };
    let street = [Some(address.line1.clone()), address.line2.clone()];
    street
        .into_iter()
        .flatten()
        .chain([town.trim().to_owned()])
        .collect()
}
