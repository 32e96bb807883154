//! Who the current carrier is.

use axum::response::Response;
use portico_domain::{
    country::Country,
    porting::{DetailsPatch, Patch, Porting, Step},
    service_provider::{self, ServiceProvider},
};

use super::{Feedback, Kept, StepVisit, keep};
use crate::{
    site::{Fail, Posted, Visit, page},
    view::{self, Choice, Control, Problem, SelectInput},
};

/// GET: the list.
pub async fn show(visit: Visit) -> Response {
    match StepVisit::new(visit, Step::DonorProvider) {
        Ok(at) => render(&at, &Feedback::default()),
        Err(elsewhere) => *elsewhere,
    }
}

/// POST: saves the choice.
pub async fn save(posted: Posted) -> Result<Response, Fail> {
    let Posted { visit, form } = posted;
    let mut at = match StepVisit::posted(visit, Step::DonorProvider) {
        Ok(at) => at,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let mut feedback = Feedback::default();
    let chosen = form.text("donorProvider");
    let mut patch = DetailsPatch::default();
    if donors(&at.porting).any(|donor| donor.id == chosen) {
        patch.donor_provider = Patch::Set(chosen.to_owned());
    } else if !chosen.is_empty() || at.porting.details.donor_provider.is_none() {
        feedback.error(
            Control::DonorProvider,
            Problem::Missing(Control::DonorProvider),
        );
    }
    if let Kept::Gone(elsewhere) = keep(&mut at, patch, &mut feedback).await? {
        return Ok(elsewhere);
    }
    Ok(at.answer(feedback, render))
}

fn render(at: &StepVisit, feedback: &Feedback) -> Response {
    let listed = donors(&at.porting).filter(|donor| !donor.is_other());
    let input = SelectInput {
        choices: listed
            .map(|donor| Choice::new(donor.id, donor.name))
            .collect(),
        selected: at.porting.details.donor_provider.clone(),
        note: feedback.note(Control::DonorProvider),
    };
    let other = donors(&at.porting).find(|donor| donor.is_other());
    let not_listed = other.map(|donor| donor.id);
    let (frame, step) = (at.visit.frame(), at.frame_of_step());
    let view = view::DonorProvider::new(frame, step, input, not_listed);
    page(feedback.status(), &view)
}

/// The donors that can have this number: those of its country that the recipient takes.
fn donors(porting: &Porting) -> impl Iterator<Item = &'static ServiceProvider> {
    let country = country_of(porting);
    let taken = service_provider::for_recipient(&porting.provider);
    taken.filter(move |donor| donor.country == country)
}

/// The country whose rules the porting follows.
pub fn country_of(porting: &Porting) -> Country {
    porting.phone_number.donor_country().unwrap_or(Country::US)
}
