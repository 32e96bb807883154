//! Who the account holder is.

use axum::response::Response;
use portico_app::portings::day_of;
use portico_domain::{
    country::Country,
    date_input::Birthday,
    porting::{DetailsPatch, Field, Patch, Step},
    secret_text::{PersonName, split_full_name},
};

use super::{
    Feedback, Kept, StepVisit,
    donor_provider::country_of,
    feedback::{birthday_problem, name_problem},
    keep,
};
use crate::{
    site::{Fail, Form, Posted, Visit, page},
    view::{self, BirthdayInput, Control},
};

/// GET: what is saved, else what the integrator knows, as a suggestion.
pub async fn show(visit: Visit) -> Response {
    match StepVisit::new(visit, Step::HolderDetails) {
        Ok(at) => render(&at, &Feedback::default(), None),
        Err(elsewhere) => *elsewhere,
    }
}

/// POST: saves what is valid.
pub async fn save(posted: Posted) -> Result<Response, Fail> {
    let Posted { visit, form } = posted;
    let mut at = match StepVisit::posted(visit, Step::HolderDetails) {
        Ok(at) => at,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let mut feedback = Feedback::default();
    let patch = DetailsPatch {
        first_name: name(&at, &form, Field::FirstName, &mut feedback),
        last_name: name(&at, &form, Field::LastName, &mut feedback),
        birthday: birthday(&at, &form, &mut feedback),
        ..DetailsPatch::default()
    };
    if let Kept::Gone(elsewhere) = keep(&mut at, patch, &mut feedback).await? {
        return Ok(elsewhere);
    }
    Ok(at.answer(feedback, |at, feedback| render(at, feedback, Some(&form))))
}

fn name(at: &StepVisit, form: &Form, field: Field, feedback: &mut Feedback) -> Patch<PersonName> {
    let control = match field {
        Field::FirstName => Control::FirstName,
        _ => Control::LastName,
    };
    if !at.asks(field) {
        return Patch::Keep;
    }
    let typed = form.text(control.name());
    feedback.typed(control, typed);
    match PersonName::parse(typed) {
        Ok(name) => Patch::Set(name),
        Err(error) => {
            feedback.error(control, name_problem(control, error));
            Patch::Keep
        }
    }
}

fn birthday(at: &StepVisit, form: &Form, feedback: &mut Feedback) -> Patch<Birthday> {
    if !at.asks(Field::Birthday) {
        return Patch::Keep;
    }
    let today = day_of(at.visit.app.db.ambient().now());
    let part = |name: &str| form.text(&format!("birthday-{name}"));
    let parsed = match form.text("birthday") {
        "" => Birthday::from_parts(part("day"), part("month"), part("year"), today),
        whole => Birthday::parse_iso(whole, today),
    };
    match parsed {
        Ok(birthday) => Patch::Set(birthday),
        Err(error) => {
            feedback.error(Control::Birthday, birthday_problem(error));
            Patch::Keep
        }
    }
}

fn render(at: &StepVisit, feedback: &Feedback, form: Option<&Form>) -> Response {
    let frame = at.visit.frame();
    let details = &at.porting.details;
    let full = at
        .visit
        .user
        .as_ref()
        .and_then(|user| user.full_name.as_deref());
    let (first, last) = full.map(split_full_name).unwrap_or_default();
    let stored = |name: &Option<PersonName>, suggested: String| {
        name.as_ref()
            .map_or(suggested, |name| name.as_str().to_owned())
    };
    let view = view::HolderDetails {
        frame,
        step: at.frame_of_step(),
        first_name: at
            .asks(Field::FirstName)
            .then(|| feedback.input(Control::FirstName, || stored(&details.first_name, first))),
        last_name: at
            .asks(Field::LastName)
            .then(|| feedback.input(Control::LastName, || stored(&details.last_name, last))),
        birthday: at
            .asks(Field::Birthday)
            .then(|| birthday_input(at, feedback, form)),
    };
    page(feedback.status(), &view)
}

fn birthday_input(at: &StepVisit, feedback: &Feedback, form: Option<&Form>) -> BirthdayInput {
    let known = at.visit.user.as_ref().and_then(|user| user.birthday);
    let stored = at.porting.details.birthday.or(known).map(Birthday::date);
    let part = |name: &str, stored: Option<String>| match form {
        Some(form) => form.text(&format!("birthday-{name}")).to_owned(),
        None => stored.unwrap_or_default(),
    };
    BirthdayInput {
        day: part("day", stored.map(|date| date.day().to_string())),
        month: part("month", stored.map(|date| date.month().to_string())),
        year: part("year", stored.map(|date| date.year().to_string())),
        month_first: country_of(&at.porting) == Country::US,
        note: feedback.note(Control::Birthday),
    }
}
