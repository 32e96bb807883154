use axum::response::Response;
use portico_app::{AppError, BusinessCode, portings};
use portico_domain::{
    decline::DeclineCode,
    porting::{DetailsPatch, Field, Patch, Step},
};

use super::{Feedback, StepVisit, changed_elsewhere};
use crate::{
    site::{Fail, flow::Screen, redirect},
    view::{Control, Problem},
};

/// What came of saving a step's answers.
pub enum Kept {
    /// They are saved; the porting in the visit is the new one.
    Saved,
    /// The porting cannot be changed any more: the answer to give.
    Gone(Response),
}

/// Saves the valid answers of a step. What the donor refused before is not saved again; a remark
/// at its control says so.
pub async fn keep(
    at: &mut StepVisit,
    patch: DetailsPatch,
    feedback: &mut Feedback,
) -> Result<Kept, Fail> {
    let mut patch = patch;
    let spent = portings::spend_pin_entry(&at.visit.app, at.porting.id, &patch).await;
    if let Err(error) = spent {
        // The other answers are kept all the same.
        patch.account_pin = Patch::Keep;
        patch.billing_pin = Patch::Keep;
        let _ = save(at, patch).await;
        return Err(at.visit.fail(&error));
    }
    // Twice at the most: the second time without what was refused the first time.
    for _ in 0..2 {
        match save(at, patch.clone()).await {
            Ok(()) => return Ok(Kept::Saved),
            Err(AppError::Invalid(problems)) => {
                for problem in problems {
                    let Some((control, field)) = control_of(&problem.property) else {
                        continue;
                    };
                    feedback.error(control, Problem::SameAsRejected(control));
                    forget(&mut patch, field);
                }
            }
            Err(AppError::Business(BusinessCode::PortingNotUpdatable, _)) => {
                return Ok(Kept::Gone(changed_elsewhere(&at.visit)));
            }
            Err(error) => return Err(at.visit.fail(&error)),
        }
    }
    Ok(Kept::Saved)
}

async fn save(at: &mut StepVisit, patch: DetailsPatch) -> Result<(), AppError> {
    if patch.mentioned().is_empty() {
        return Ok(());
    }
    let (actor, project) = (at.visit.actor(), at.visit.project.id.clone());
    let (porting, session) = (at.porting.id, at.visit.session.id);
    let saved = at.visit.app.write(move |tx, _| {
        let (actor, project) = (actor.clone(), project.clone());
        let patch = patch.clone();
        Box::pin(async move {
            let before = portings::get(tx, &project, porting).await?;
            portico_app::sessions::reopen(tx, session).await?;
            portings::save_answers(tx, (&actor, before), patch).await
        })
    });
    let saved = saved.await?;
    at.porting = saved.clone();
    at.visit.porting = Some(saved);
    Ok(())
}

impl StepVisit {
    /// The answer to this step's form: on to the next page, or, with something to say, the same page
    /// again. What was typed is saved by now, also when the visit had ended before it arrived.
    pub fn answer(
        &self,
        mut feedback: Feedback,
        render: impl FnOnce(&Self, &Feedback) -> Response,
    ) -> Response {
        let next = if feedback.is_clean() {
            self.next(&mut feedback)
        } else {
            None
        };
        let page = next.unwrap_or_else(|| render(self, &feedback));
        self.visit.unless_ended(page)
    }

    /// Where the flow goes after this step was answered without a problem. A repair that changed
    /// nothing stays, and says so at the first of its controls.
    fn next(&self, feedback: &mut Feedback) -> Option<Response> {
        // Whichever of the two was wrong, the other is shown before anything is said about it.
        if self.step == Step::CarrierDetails && self.refused_holder_and_carrier() {
            return Some(redirect(&self.visit.paths().step(Step::HolderDetails)));
        }
        let stays = matches!(self.visit.screen(), Screen::Step(step) if step <= self.step);
        if stays {
            let control = match self.step {
                Step::CarrierDetails => Control::AccountNumber,
                Step::HolderDetails => Control::FirstName,
                Step::Address => Control::Line1,
                Step::DonorProvider => Control::DonorProvider,
                Step::DonorProviderApproval => Control::DonorProviderApproval,
            };
            feedback.error(control, Problem::SameAsRejected(control));
            return None;
        }
        Some(self.visit.go_on(None))
    }

    fn refused_holder_and_carrier(&self) -> bool {
        let declined = match &self.porting.state {
            portico_domain::porting::State::Declined(decline) => Some(&decline.code),
            _ => None,
        };
        declined == Some(&DeclineCode::UserInformation)
    }
}

fn control_of(property: &str) -> Option<(Control, Field)> {
    Some(match property {
        "accountNumber" => (Control::AccountNumber, Field::AccountNumber),
        "accountPin" => (Control::AccountPin, Field::AccountPin),
        "billingPin" => (Control::BillingPin, Field::BillingPin),
        "firstName" => (Control::FirstName, Field::FirstName),
        "lastName" => (Control::LastName, Field::LastName),
        "address" => (Control::Line1, Field::Address),
        _ => return None,
    })
}

fn forget(patch: &mut DetailsPatch, field: Field) {
    match field {
        Field::AccountNumber => patch.account_number = Patch::Keep,
        Field::AccountPin => patch.account_pin = Patch::Keep,
        Field::BillingPin => patch.billing_pin = Patch::Keep,
        Field::FirstName => patch.first_name = Patch::Keep,
        Field::LastName => patch.last_name = Patch::Keep,
        Field::Address => patch.address = Patch::Keep,
        Field::AccountType
        | Field::Birthday
        | Field::DonorProvider
        | Field::DonorProviderApproval => {}
    }
}
