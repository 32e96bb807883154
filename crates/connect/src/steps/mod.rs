//! The questions, one file per step. GET shows what is stored, POST saves what is valid and goes on;
//! nothing here sends a porting but [`review`].

pub mod address;
pub mod approval;
pub mod carrier_details;
pub mod donor_provider;
mod feedback;
pub mod holder_details;
mod keep;
pub mod protection;
pub mod review;

pub use feedback::Feedback;
pub use keep::{Kept, keep};

use axum::response::Response;
use portico_domain::{
    porting::{Field, Porting, Repair, State, Status, Step},
    service_provider,
};

use crate::{
    site::{Visit, flow::Screen, number, redirect, with_notice},
    view::{self, Notice, Progress},
};

/// A visit to a step: the porting is there, asks this step, and can still be changed.
pub struct StepVisit {
    /// The visit.
    pub visit: Visit,
    /// Its porting.
    pub porting: Porting,
    /// The step.
    pub step: Step,
}

impl StepVisit {
    /// As [`StepVisit::new`], for a form that arrived: the page it stood on was there a moment ago.
    pub fn posted(visit: Visit, step: Step) -> Result<Self, Box<Response>> {
        Self::at(visit, step, Notice::ChangedElsewhere)
    }

    /// Checks that the step is for this porting now; else leads to where the visit stands.
    pub fn new(visit: Visit, step: Step) -> Result<Self, Box<Response>> {
        Self::at(visit, step, Notice::MovedOn)
    }

    fn at(visit: Visit, step: Step, why: Notice) -> Result<Self, Box<Response>> {
        let is_open = visit.screen().is_question();
        let porting = visit.porting.clone().filter(|_| is_open);
        match porting {
            None => Err(Box::new(visit.go_on(Some(why)))),
            Some(porting) if porting.fields_of(step).is_empty() => Err(Box::new(visit.go_on(None))),
            Some(porting) => Ok(Self {
                visit,
                porting,
                step,
            }),
        }
    }

    /// Whether the page asks for `field`.
    pub fn asks(&self, field: Field) -> bool {
        self.porting.fields_of(self.step).contains(&field)
    }

    /// Whether the donor refused exactly this field, so that it has to be typed anew.
    pub fn must_change(&self, field: Field) -> bool {
        let repairable = self.visit.project.settings.repairable();
        matches!(self.porting.repair(repairable), Some(Repair::Change([only])) if *only == field)
    }

    /// The donor, if the subscriber named one that we list.
    pub fn donor(&self) -> Option<&'static service_provider::ServiceProvider> {
        let id = self.porting.details.donor_provider.as_deref()?;
        service_provider::find(id).filter(|donor| !donor.is_other())
    }

    /// The parts of the page around its questions.
    pub fn frame_of_step(&self) -> view::Step {
        let paths = self.visit.paths();
        view::Step {
            progress: progress(&self.visit, &self.porting, Some(self.step)),
            phone_number: Some(number(&self.porting.phone_number)),
            action: paths.step(self.step),
            form_token: self.visit.form_token.clone(),
            leave_href: paths.page("leave"),
            back_href: self.back_href(),
            repair: self.repair(),
        }
    }

    fn back_href(&self) -> Option<String> {
        let paths = self.visit.paths();
        if self.visit.screen() == Screen::Review {
            return Some(paths.page("review"));
        }
        let planned = plan(&self.visit, &self.porting, Some(self.step));
        let at = planned.iter().position(|step| *step == self.step)?;
        let before = at.checked_sub(1).and_then(|before| planned.get(before))?;
        Some(paths.step(*before))
    }

    /// What the donor objected to, if it is to this step.
    fn repair(&self) -> Option<view::Repair> {
        let State::Declined(decline) = &self.porting.state else {
            return None;
        };
        let refused = decline.code.rejected_fields();
        if !refused
            .iter()
            .any(|field| self.step.fields().contains(field))
        {
            return None;
        }
        let rejected = &decline.rejected;
        let old_value = match self.step {
            Step::CarrierDetails => rejected.account_number.as_ref().map(|it| it.masked()),
            Step::Address => rejected
                .address
                .as_ref()
                .map(|it| address::lines(it).join(", ")),
            Step::HolderDetails => {
                let names = [&rejected.first_name, &rejected.last_name];
                let names: Vec<_> = names.into_iter().flatten().map(|it| it.as_str()).collect();
                Some(names.join(" ")).filter(|names| !names.is_empty())
            }
            Step::DonorProvider | Step::DonorProviderApproval => None,
        };
        Some(view::Repair {
            code: decline.code.to_string(),
            old_value,
        })
    }
}

/// "Step 2 of 4"; `None` for the step stands for the review. A repair is alone.
pub fn progress(visit: &Visit, porting: &Porting, step: Option<Step>) -> Option<Progress> {
    if porting.status() == Status::Declined {
        return None;
    }
    let planned = plan(visit, porting, step);
    let at = match step {
        Some(step) => planned.iter().position(|planned| *planned == step)?,
        None => planned.len(),
    };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some(Progress {
        step: count(at + 1),
        of: count(planned.len() + 1),
    })
}

/// The steps of this visit; where `step` is none of them, because it was answered before and is
/// looked at again, all steps of the porting.
fn plan(visit: &Visit, porting: &Porting, step: Option<Step>) -> Vec<Step> {
    let planned = &visit.session.planned_steps;
    let fits = !planned.is_empty() && step.is_none_or(|step| planned.contains(&step));
    if fits {
        return planned.clone();
    }
    let asked = |step: &Step| !porting.fields_of(*step).is_empty();
    Step::ALL.into_iter().filter(asked).collect()
}

/// To the session's own address, with the sentence that something changed elsewhere.
pub fn changed_elsewhere(visit: &Visit) -> Response {
    redirect(&with_notice(
        &visit.paths().home(),
        Some(Notice::ChangedElsewhere),
    ))
}
