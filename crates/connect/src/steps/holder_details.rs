//! Who the account holder is.

use axum::response::Response;
use portico_app::portings::day_of;
use portico_domain::{
    country::Country,
    date_input::Birthday,
    porting::{DetailsPatch, Field, Patch, Step},
    secret_text::{PersonName, split_full_name},
    user::User,
};
use portico_store::users;

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
pub async fn show(visit: Visit) -> Result<Response, Fail> {
    let at = match StepVisit::new(visit, Step::HolderDetails) {
        Ok(at) => at,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let known = known(&at).await?;
    Ok(render(&at, &Feedback::default(), known.as_ref(), None))
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
    // What was typed stands where a suggestion would.
    Ok(at.answer(feedback, |at, feedback| {
        render(at, feedback, None, Some(&form))
    }))
}

/// What the integrator knows of the subscriber, where an answer is still missing.
async fn known(at: &StepVisit) -> Result<Option<User>, Fail> {
    let missing = at.porting.missing();
    let is_wanted = missing.iter().any(|field| at.asks(*field));
    let Some(visitor) = at.visit.visitor.as_ref().filter(|_| is_wanted) else {
        return Ok(None);
    };
    let failed = |error| at.visit.fail(&error);
    let mut tx = at.visit.app.look().await.map_err(failed)?;
    let found = users::find(&mut tx, &at.visit.project.id, visitor.id).await;
    found.map_err(|error| failed(error.into()))
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

fn render(
    at: &StepVisit,
    feedback: &Feedback,
    known: Option<&User>,
    form: Option<&Form>,
) -> Response {
    let frame = at.visit.frame();
    let details = &at.porting.details;
    let full = known.and_then(|user| user.full_name.as_deref());
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
            .then(|| birthday_input(at, feedback, known, form)),
    };
    page(feedback.status(), &view)
}

fn birthday_input(
    at: &StepVisit,
    feedback: &Feedback,
    known: Option<&User>,
    form: Option<&Form>,
) -> BirthdayInput {
    let known = known.and_then(|user| user.birthday);
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
