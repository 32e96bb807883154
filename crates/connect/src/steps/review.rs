//! Every answer once more, and the authorization. The one page that sends a porting.

use axum::response::Response;
use portico_app::{
    AppError,
    portings::{self, Confirmation},
    sessions,
};
use portico_domain::{
    porting::{Behavior, Field, Porting, State, Step},
    service_provider,
};

use super::{
    Feedback, address::lines, carrier_details::account_type_view, changed_elsewhere, progress,
};
use crate::{
    site::{Fail, Paths, Posted, Visit, date, flow::Screen, number, redirect, with_notice},
    text::Texts,
    view::{
        self, AUTHORIZATION_VERSION, Act, Answer, Answered, CheckInput, Control, Notice, PinKind,
        Problem,
    },
};

/// GET: the answers; with a question still open, that question.
pub async fn show(visit: Visit) -> Response {
    match visit
        .porting
        .clone()
        .filter(|_| visit.screen() == Screen::Review)
    {
        Some(porting) => render(&visit, &porting, &Feedback::default()),
        None => visit.go_on(visit.notice()),
    }
}

/// POST: the authorization. Sends the porting once, however often it arrives.
pub async fn confirm(posted: Posted) -> Result<Response, Fail> {
    let visit = &posted.visit;
    let Some(porting) = &visit.porting else {
        return Ok(visit.go_on(Some(Notice::MovedOn)));
    };
    let form = &posted.form;
    let is_current = form.text("authorization_version") == AUTHORIZATION_VERSION;
    let authorized = form.is_ticked("authorization") && is_current;
    if visit.screen() == Screen::Review && !authorized {
        let mut feedback = Feedback::default();
        feedback.error(
            Control::Authorization,
            Problem::Missing(Control::Authorization),
        );
        return Ok(posted.finish(render(visit, porting, &feedback)));
    }
    if posted.is_late() {
        return Ok(posted.finish(visit.go_on(None)));
    }
    let outcome = send(visit, porting)
        .await
        .map_err(|error| visit.fail(&error))?;
    let paths = visit.paths();
    Ok(match outcome {
        Confirmation::Sent => redirect(&after_sending(visit)),
        Confirmation::AlreadySent => redirect(&with_notice(
            &paths.page("outro"),
            Some(Notice::AlreadySubmitted),
        )),
        Confirmation::Incomplete => redirect(&paths.home()),
        Confirmation::NotPossible => changed_elsewhere(visit),
    })
}

fn after_sending(visit: &Visit) -> String {
    let hides = visit.session.intent.hides_outro() && visit.session.callback_url.is_some();
    visit.paths().page(if hides { "leaving" } else { "outro" })
}

async fn send(visit: &Visit, porting: &Porting) -> Result<Confirmation, AppError> {
    let (actor, project, id) = (visit.actor(), visit.project.clone(), porting.id);
    let session = visit.session.clone();
    visit
        .app
        .write(move |tx, _| {
            let (actor, project, session) = (actor.clone(), project.clone(), session.clone());
            Box::pin(async move {
                let before = portings::get(tx, &project.id, id).await?;
                let repairable = project.settings.repairable();
                let who = (&actor, before);
                let outcome = portings::confirm(tx, who, repairable, AUTHORIZATION_VERSION).await?;
                if outcome == Confirmation::Sent {
                    sessions::complete(tx, &session).await?;
                }
                Ok(outcome)
            })
        })
        .await
}

fn render(visit: &Visit, porting: &Porting, feedback: &Feedback) -> Response {
    let frame = visit.frame();
    let nonce = frame.nonce.clone();
    let paths = visit.paths();
    let donor = porting
        .details
        .donor_provider
        .as_deref()
        .and_then(service_provider::find);
    let is_named = donor.is_some_and(|donor| !donor.is_other());
    let view = view::Review {
        step: view::Step {
            progress: progress(visit, porting, None),
            phone_number: Some(number(&porting.phone_number)),
            action: paths.page("review"),
            form_token: visit.form_token.clone(),
            leave_href: paths.page("leave"),
            back_href: visit
                .session
                .planned_steps
                .last()
                .map(|step| paths.step(*step)),
            repair: repair(porting),
        },
        donor: donor
            .filter(|_| is_named)
            .map(|donor| donor.name.to_owned()),
        act: match porting.behavior {
            Behavior::PortIn => Act::Transfer,
            Behavior::CancelOnly => Act::CancelOnly,
        },
        answers: answers(frame.texts, porting, paths),
        authorization: CheckInput {
            checked: false,
            note: feedback.note(Control::Authorization),
        },
        frame,
    };
    visit.page(feedback.status(), &nonce, &view)
}

fn repair(porting: &Porting) -> Option<view::Repair> {
    match &porting.state {
        State::Declined(decline) => Some(view::Repair {
            code: decline.code.to_string(),
            old_value: None,
        }),
        _ => None,
    }
}

/// Every answer that will be sent, each with the way to change it.
fn answers(texts: &Texts, porting: &Porting, paths: Paths) -> Vec<Answer> {
    let mut answers = Vec::new();
    for step in Step::ALL {
        for field in porting.fields_of(step) {
            let Some(value) = answered(texts, porting, field) else {
                continue;
            };
            let secret = matches!(
                field,
                Field::AccountNumber | Field::AccountPin | Field::BillingPin
            );
            let href = if secret {
                paths.change(step, field.as_str())
            } else {
                paths.step(step)
            };
            answers.push(Answer {
                value,
                change_href: Some(href),
            });
        }
    }
    answers
}

fn answered(texts: &Texts, porting: &Porting, field: Field) -> Option<Answered> {
    let details = &porting.details;
    Some(match field {
        Field::DonorProvider => {
            let donor = details
                .donor_provider
                .as_deref()
                .and_then(service_provider::find)?;
            Answered::DonorProvider(match donor.is_other() {
                true => texts.get("donor-not-listed"),
                false => donor.name.to_owned(),
            })
        }
        Field::AccountNumber => Answered::AccountNumber(details.account_number.as_ref()?.masked()),
        Field::AccountPin => {
            details.account_pin.as_ref()?;
            Answered::AccountPin(pin_kind(porting))
        }
        Field::BillingPin => details.billing_pin.as_ref().map(|_| Answered::BillingPin)?,
        Field::AccountType => Answered::AccountType(account_type_view(details.account_type?)),
        // Both names are one answer.
        Field::FirstName => {
            let names = [&details.first_name, &details.last_name];
            let names: Vec<_> = names
                .into_iter()
                .flatten()
                .map(|name| name.as_str())
                .collect();
            Answered::HolderName(names.join(" "))
        }
        Field::LastName if porting.required.contains(&Field::FirstName) => return None,
        Field::LastName => Answered::HolderName(details.last_name.as_ref()?.as_str().to_owned()),
        Field::Birthday => Answered::Birthday(date(texts, details.birthday?.date())),
        Field::Address => Answered::Address(lines(details.address.as_ref()?)),
        Field::DonorProviderApproval => Answered::DonorProviderApproval,
    })
}

fn pin_kind(porting: &Porting) -> PinKind {
    let is_british = super::donor_provider::country_of(porting).as_str() == "GB";
    match (is_british, porting.behavior) {
        (true, Behavior::PortIn) => PinKind::Pac,
        (true, Behavior::CancelOnly) => PinKind::Stac,
        (false, _) => PinKind::TransferPin,
    }
}
