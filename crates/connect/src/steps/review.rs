//! Every answer once more, and the authorization. The one page that sends a porting.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use portico_app::{
    App, AppError, keyed_hash,
    portings::{self, Confirmation},
    same_hash, sessions,
};
use portico_domain::{
    porting::{Behavior, Field, Porting, Status, Step},
    secret_text::Pin,
    service_provider,
};

use super::{
    Feedback, address::lines, carrier_details::account_type_view, changed_elsewhere, progress,
};
use crate::{
    site::{
        Fail, Form, Paths, Posted, Visit, date, flow::Screen, number, page, redirect, with_notice,
    },
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

/// POST: the authorization. Sends the porting once, however often it arrives; never without the
/// tick, and never with answers other than those the page showed.
pub async fn confirm(posted: Posted) -> Result<Response, Fail> {
    let visit = &posted.visit;
    let Some(porting) = &visit.porting else {
        return Ok(visit.go_on(Some(Notice::ChangedElsewhere)));
    };
    match visit.screen() {
        Screen::Review if posted.is_late() => Ok(posted.finish(visit.go_on(None))),
        Screen::Review if !is_authorized(&posted.form) => {
            let mut feedback = Feedback::default();
            let control = Control::Authorization;
            feedback.error(control, Problem::Missing(control));
            Ok(render(visit, porting, &feedback))
        }
        Screen::Review => {
            let sent = send(visit, porting, posted.form.text("answers").to_owned()).await;
            Ok(after(visit, sent.map_err(|error| visit.fail(&error))?))
        }
        Screen::Status => Ok(posted.finish(after(visit, Some(Confirmation::AlreadySent)))),
        _ => Ok(posted.finish(visit.go_on(Some(Notice::ChangedElsewhere)))),
    }
}

fn is_authorized(form: &Form) -> bool {
    form.is_ticked("authorization") && form.text("authorization_version") == AUTHORIZATION_VERSION
}

/// Where a confirmation leads; `None` when the answers were not those the page had shown.
fn after(visit: &Visit, outcome: Option<Confirmation>) -> Response {
    let paths = visit.paths();
    match outcome {
        Some(Confirmation::Sent) => redirect(&paths.page(last_page(visit))),
        Some(Confirmation::AlreadySent) => {
            let notice = Some(Notice::AlreadySubmitted);
            redirect(&with_notice(&paths.page(last_page(visit)), notice))
        }
        Some(Confirmation::Incomplete) => redirect(&paths.home()),
        Some(Confirmation::NotPossible) | None => changed_elsewhere(visit),
    }
}

fn last_page(visit: &Visit) -> &'static str {
    let hides = visit.session.intent.hides_outro() && visit.session.callback_url.is_some();
    if hides { "leaving" } else { "outro" }
}

async fn send(
    visit: &Visit,
    porting: &Porting,
    shown: String,
) -> Result<Option<Confirmation>, AppError> {
    let (actor, project, id) = (visit.actor(), visit.project.clone(), porting.id);
    let session = visit.session.id;
    visit
        .app
        .write(move |tx, app| {
            let (actor, project, shown) = (actor.clone(), project.clone(), shown.clone());
            Box::pin(async move {
                let before = portings::get(tx, &project.id, id).await?;
                let is_open = !matches!(before.status(), Status::Pending | Status::Requested);
                if is_open && !same_hash(shown.as_bytes(), digest(&app, &before).as_bytes()) {
                    return Ok(None);
                }
                let repairable = project.settings.repairable();
                let who = (&actor, before);
                let outcome = portings::confirm(tx, who, repairable, AUTHORIZATION_VERSION).await?;
                if outcome == Confirmation::Sent {
                    sessions::complete(tx, session).await?;
                }
                Ok(Some(outcome))
            })
        })
        .await
}

/// A keyed hash of everything that will be sent, so that what is authorized is what was shown.
fn digest(app: &App, porting: &Porting) -> String {
    let details = &porting.details;
    let pin = |pin: &Option<Pin>| pin.as_ref().map(|pin| pin.expose().to_owned());
    let address = details.address.as_ref().map(lines);
    let facts = serde_json::json!([
        porting.id,
        porting.attempt,
        details.account_number,
        address,
        details.account_type.map(|kind| kind.as_str()),
        details.birthday,
        details.donor_provider,
        details.donor_provider_approval,
        details.first_name,
        details.last_name,
    ]);
    let pins =
        [pin(&details.account_pin), pin(&details.billing_pin)].map(Option::unwrap_or_default);
    let parts = [
        facts.to_string().into_bytes(),
        pins[0].clone().into(),
        pins[1].clone().into(),
    ];
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    URL_SAFE_NO_PAD.encode(keyed_hash(app.db.vault().mac_key(), &parts))
}

fn render(visit: &Visit, porting: &Porting, feedback: &Feedback) -> Response {
    let frame = visit.frame();
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
            // What was refused has been changed by now; what counts is whether all of it is right.
            repair: None,
        },
        donor: donor
            .filter(|_| is_named)
            .map(|donor| donor.name.to_owned()),
        act: match porting.behavior {
            Behavior::PortIn => Act::Transfer,
            Behavior::CancelOnly => Act::CancelOnly,
        },
        answers: answers(frame.texts, porting, paths),
        shown: digest(&visit.app, porting),
        authorization: CheckInput {
            checked: false,
            note: feedback.note(Control::Authorization),
        },
        frame,
    };
    page(feedback.status(), &view)
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
