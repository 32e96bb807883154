//! Repair only: how to lift the donor's lock, then the same data again.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use portico_app::{AppError, portings};
use portico_domain::{
    decline::DeclineCode,
    playbook,
    porting::{Porting, State},
    service_provider,
};

use super::{Feedback, changed_elsewhere};
use crate::{
    site::{Fail, Posted, Visit, number, page},
    view::{self, CheckInput, Control, Notice, Problem},
};

/// GET: the instructions.
pub async fn show(visit: Visit) -> Response {
    match protected(&visit) {
        Some(porting) => render(&visit, &porting, &Feedback::default()),
        None => visit.go_on(Some(Notice::MovedOn)),
    }
}

/// POST: the subscriber says that the lock is off.
pub async fn save(posted: Posted) -> Result<Response, Fail> {
    let Posted { visit, form } = &posted;
    let Some(porting) = protected(visit) else {
        return Ok(visit.go_on(Some(Notice::ChangedElsewhere)));
    };
    let control = Control::ProtectionDisabled;
    if !form.is_ticked(control.name()) {
        let mut feedback = Feedback::default();
        feedback.error(control, Problem::Missing(control));
        return Ok(posted.finish(render(visit, &porting, &feedback)));
    }
    let (actor, project, id) = (visit.actor(), visit.project.id.clone(), porting.id);
    let saved = visit.app.write(move |tx, _| {
        let (actor, project) = (actor.clone(), project.clone());
        Box::pin(async move {
            let before = portings::get(tx, &project, id).await?;
            portings::disable_protection(tx, &actor, before).await
        })
    });
    let answer = match saved.await {
        Ok(_) => crate::site::redirect(&visit.paths().page("review")),
        Err(AppError::Transition(_)) => changed_elsewhere(visit),
        Err(error) => return Err(visit.fail(&error)),
    };
    Ok(posted.finish(answer).into_response())
}

/// The porting, if it was declined for a lock that this subscriber may say is off.
fn protected(visit: &Visit) -> Option<Porting> {
    let porting = visit
        .porting
        .clone()
        .filter(|_| visit.screen().is_question())?;
    match &porting.state {
        State::Declined(decline) if decline.code == DeclineCode::PortProtected => Some(porting),
        _ => None,
    }
}

fn render(visit: &Visit, porting: &Porting, feedback: &Feedback) -> Response {
    let frame = visit.frame();
    let donor = porting
        .details
        .donor_provider
        .as_deref()
        .and_then(service_provider::find);
    let donor = donor.filter(|donor| !donor.is_other());
    let lock = donor.and_then(|donor| playbook::playbook(donor.id)?.lock.as_ref());
    let paths = visit.paths();
    let code = match &porting.state {
        State::Declined(decline) => decline.code.to_string(),
        _ => String::new(),
    };
    let view = view::PortProtected {
        frame,
        step: view::Step {
            phone_number: Some(number(&porting.phone_number)),
            action: paths.page("portProtected"),
            form_token: visit.form_token.clone(),
            leave_href: paths.page("leave"),
            repair: Some(view::Repair {
                code,
                old_value: None,
            }),
            ..view::Step::default()
        },
        donor: donor.map(|donor| donor.name.to_owned()),
        lock_name: lock.map(|lock| lock.name.to_owned()),
        instructions: lock
            .map(|lock| lock.lift.iter().map(|it| (*it).to_owned()).collect())
            .unwrap_or_default(),
        confirmation: CheckInput {
            checked: false,
            note: feedback.note(Control::ProtectionDisabled),
        },
    };
    let status = if feedback.is_clean() {
        StatusCode::OK
    } else {
        feedback.status()
    };
    page(status, &view)
}
