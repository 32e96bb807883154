//! Account number and PINs.

use axum::response::Response;
use portico_domain::{
    account::{self, AccountType},
    country::Country,
    playbook::{self, InputMode, Playbook},
    porting::{Behavior, DetailsPatch, Field, Patch, Step},
    secret_text::{AccountNumber, Pin},
};

use super::{
    Feedback, Kept, StepVisit,
    donor_provider::country_of,
    feedback::{code_problem, shape_problem, switching_problem},
    keep,
};
use crate::{
    site::{Fail, Form, Posted, Visit, page},
    view::{self, AccountTypeInput, Control, PinKind, Problem, Saved, SecretInput, TextInput},
};

/// GET: what is asked, with what is saved masked. `?change=` opens one of the saved ones.
pub async fn show(visit: Visit) -> Response {
    match StepVisit::new(visit, Step::CarrierDetails) {
        Ok(at) => render(&at, &Feedback::default()),
        Err(elsewhere) => *elsewhere,
    }
}

/// POST: saves what is valid; a blank control keeps what is saved.
pub async fn save(posted: Posted) -> Result<Response, Fail> {
    let Posted { visit, form } = posted;
    let mut at = match StepVisit::posted(visit, Step::CarrierDetails) {
        Ok(at) => at,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let mut feedback = Feedback::default();
    let patch = DetailsPatch {
        account_number: account_number(&at, &form, &mut feedback),
        account_pin: account_pin(&at, &form, &mut feedback),
        billing_pin: billing_pin(&at, &form, &mut feedback),
        account_type: account_type(&at, &form, &mut feedback),
        ..DetailsPatch::default()
    };
    if let Kept::Gone(elsewhere) = keep(&mut at, patch, &mut feedback).await? {
        return Ok(elsewhere);
    }
    Ok(at.answer(feedback, render))
}

/// Whether a blank control is all right, because the value is there.
fn is_there(at: &StepVisit, field: Field) -> bool {
    !at.asks(field) || at.porting.details.has(field) && !at.must_change(field)
}

fn account_number(at: &StepVisit, form: &Form, feedback: &mut Feedback) -> Patch<AccountNumber> {
    let control = Control::AccountNumber;
    let typed = form.text("accountNumber");
    if typed.is_empty() && is_there(at, Field::AccountNumber) || !at.asks(Field::AccountNumber) {
        return Patch::Keep;
    }
    feedback.typed(control, typed);
    match AccountNumber::parse(typed) {
        Ok(number) => {
            let warning = guide(at).check_account_number(&number, &at.porting.phone_number);
            if let Some((control, problem)) = warning.map(shape_problem) {
                feedback.doubt(control, problem, form);
            }
            Patch::Set(number)
        }
        Err(error) => {
            feedback.error(control, code_problem(control, error));
            Patch::Keep
        }
    }
}

fn account_pin(at: &StepVisit, form: &Form, feedback: &mut Feedback) -> Patch<Pin> {
    let control = Control::AccountPin;
    let typed = form.text("accountPin");
    if typed.is_empty() && is_there(at, Field::AccountPin) || !at.asks(Field::AccountPin) {
        return Patch::Keep;
    }
    let parsed = match (country_of(&at.porting), at.porting.behavior) {
        (Country::GB, Behavior::PortIn) => account::parse_pac(typed).map_err(switching_problem),
        (Country::GB, Behavior::CancelOnly) => {
            account::parse_stac(typed).map_err(switching_problem)
        }
        _ => Pin::parse(typed).map_err(|error| code_problem(control, error)),
    };
    match parsed {
        Ok(pin) => {
            if let Some((control, problem)) = guide(at).check_pin(&pin).map(shape_problem) {
                feedback.doubt(control, problem, form);
            }
            Patch::Set(pin)
        }
        Err(problem) => {
            feedback.error(control, problem);
            Patch::Keep
        }
    }
}

fn billing_pin(at: &StepVisit, form: &Form, feedback: &mut Feedback) -> Patch<Pin> {
    let control = Control::BillingPin;
    let typed = form.text("billingPin");
    if typed.is_empty() && is_there(at, Field::BillingPin) || !at.asks(Field::BillingPin) {
        return Patch::Keep;
    }
    match Pin::parse(typed) {
        Ok(pin) => Patch::Set(pin),
        Err(error) => {
            feedback.error(control, code_problem(control, error));
            Patch::Keep
        }
    }
}

fn account_type(at: &StepVisit, form: &Form, feedback: &mut Feedback) -> Patch<AccountType> {
    let control = Control::AccountType;
    let typed = form.text("accountType");
    if typed.is_empty() && is_there(at, Field::AccountType) || !at.asks(Field::AccountType) {
        return Patch::Keep;
    }
    match typed.parse() {
        Ok(kind) => Patch::Set(kind),
        Err(_) => {
            feedback.error(control, Problem::Missing(control));
            Patch::Keep
        }
    }
}

/// What we know of the donor, or of donors of its country.
fn guide(at: &StepVisit) -> &'static Playbook {
    at.donor()
        .and_then(|donor| playbook::playbook(donor.id))
        .unwrap_or_else(|| playbook::generic(country_of(&at.porting)))
}

fn render(at: &StepVisit, feedback: &Feedback) -> Response {
    let frame = at.visit.frame();
    let guide = guide(at);
    let donor = at.donor().map(|donor| donor.name.to_owned());
    let words = |sentences: &[&str]| Some(sentences.join(" ")).filter(|text| !text.is_empty());
    let known = donor.is_some();
    let view = view::CarrierDetails {
        frame,
        step: at.frame_of_step(),
        account_number: at.asks(Field::AccountNumber).then(|| view::AccountNumber {
            input: number_input(at, feedback),
            help: words(&guide.account_number.place).filter(|_| known),
            numeric: guide.account_number.input_mode == InputMode::Numeric,
        }),
        account_pin: at.asks(Field::AccountPin).then(|| view::Pin {
            kind: pin_kind(at),
            input: pin_input(at, feedback, Control::AccountPin, Field::AccountPin),
            help: words(&guide.pin.how).filter(|_| known),
            dial: guide.pin.dial_code.map(str::to_owned).filter(|_| known),
            numeric: guide.pin.input_mode == InputMode::Numeric,
        }),
        billing_pin: at.asks(Field::BillingPin).then(|| view::Pin {
            kind: PinKind::BillingPin,
            input: pin_input(at, feedback, Control::BillingPin, Field::BillingPin),
            ..view::Pin::default()
        }),
        account_type: at.asks(Field::AccountType).then(|| AccountTypeInput {
            selected: at.porting.details.account_type.map(account_type_view),
            note: feedback.note(Control::AccountType),
        }),
        lock_note: guide
            .lock
            .as_ref()
            .and_then(|lock| words(&lock.lift))
            .filter(|_| known),
        donor,
    };
    page(feedback.status(), &view)
}

fn pin_kind(at: &StepVisit) -> PinKind {
    match (country_of(&at.porting), at.porting.behavior) {
        (Country::GB, Behavior::PortIn) => PinKind::Pac,
        (Country::GB, Behavior::CancelOnly) => PinKind::Stac,
        _ => PinKind::TransferPin,
    }
}

/// The kind of account, for the view.
pub fn account_type_view(kind: AccountType) -> view::AccountType {
    match kind {
        AccountType::PostpaidMulti => view::AccountType::PostpaidMulti,
        AccountType::PostpaidSingle => view::AccountType::PostpaidSingle,
        AccountType::PrepaidRegistered => view::AccountType::PrepaidRegistered,
        AccountType::PrepaidUnregistered => view::AccountType::PrepaidUnregistered,
    }
}

fn number_input(at: &StepVisit, feedback: &Feedback) -> SecretInput {
    let number = at.porting.details.account_number.as_ref();
    let masked = number.map(AccountNumber::masked);
    let input = feedback.input(Control::AccountNumber, String::new);
    secret_input(
        at,
        input,
        (Control::AccountNumber, Field::AccountNumber),
        feedback,
        masked,
    )
}

fn pin_input(at: &StepVisit, feedback: &Feedback, control: Control, field: Field) -> SecretInput {
    let input = TextInput {
        value: String::new(),
        note: feedback.note(control),
    };
    secret_input(at, input, (control, field), feedback, None)
}

/// "Saved" with Change; or the control: when nothing is saved, when Change was asked for, when the
/// donor refused the value, and when what was typed was not taken.
fn secret_input(
    at: &StepVisit,
    input: TextInput,
    (control, field): (Control, Field),
    feedback: &Feedback,
    masked: Option<String>,
) -> SecretInput {
    let asked = feedback.is_clean() && at.visit.parameter("change") == Some(field.as_str());
    let shows_control = asked
        || !at.porting.details.has(field)
        || at.must_change(field)
        || feedback.is_error(control);
    let change_href = at
        .visit
        .paths()
        .change(Step::CarrierDetails, field.as_str());
    let saved = (!shows_control).then_some(Saved {
        masked,
        change_href,
    });
    SecretInput { saved, input }
}
