//! The current carrier was told and agreed.

use axum::response::Response;
use portico_domain::porting::{DetailsPatch, Patch, Step};

use super::{Feedback, Kept, StepVisit, keep};
use crate::{
    site::{Fail, Posted, Visit, page},
    view::{self, CheckInput, Control, Problem},
};

/// GET: the checkbox.
pub async fn show(visit: Visit) -> Response {
    match StepVisit::new(visit, Step::DonorProviderApproval) {
        Ok(at) => render(&at, &Feedback::default()),
        Err(elsewhere) => *elsewhere,
    }
}

/// POST: saves that it was ticked.
pub async fn save(posted: Posted) -> Result<Response, Fail> {
    let Posted { visit, form } = posted;
    let mut at = match StepVisit::posted(visit, Step::DonorProviderApproval) {
        Ok(at) => at,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let mut feedback = Feedback::default();
    let control = Control::DonorProviderApproval;
    let mut patch = DetailsPatch::default();
    match form.is_ticked(control.name()) {
        true => patch.donor_provider_approval = Patch::Set(true),
        false => feedback.error(control, Problem::Missing(control)),
    }
    if let Kept::Gone(elsewhere) = keep(&mut at, patch, &mut feedback).await? {
        return Ok(elsewhere);
    }
    Ok(at.answer(feedback, render))
}

fn render(at: &StepVisit, feedback: &Feedback) -> Response {
    let frame = at.visit.frame();
    let view = view::DonorProviderApproval {
        frame,
        step: at.frame_of_step(),
        donor: at.donor().map(|donor| donor.name.to_owned()),
        approval: CheckInput {
            checked: at.porting.details.donor_provider_approval == Some(true),
            note: feedback.note(Control::DonorProviderApproval),
        },
    };
    page(feedback.status(), &view)
}
