//! What every step shares: progress, the form around the controls, and what is said about it.

use crate::view::component::Remark;
use crate::view::decline;
use crate::view::form::Note;
use crate::view::frame::{Frame, Progress};
use crate::view::problem::Control;

/// The parts of a step around its controls. Pages with one carry it as `step`, beside `frame`.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// "Step 2 of 4"; `None` on a repair screen, which is alone.
    pub progress: Option<Progress>,
    /// The number that moves, written for people.
    pub phone_number: Option<String>,
    /// Where the form goes.
    pub action: String,
    /// The session's form token, control `form_token`.
    pub form_token: String,
    /// The leave page, `…/leave`.
    pub leave_href: String,
    /// The step before, if there is one.
    pub back_href: Option<String>,
    /// Set when the step repairs a declined porting.
    pub repair: Option<Repair>,
}

/// Why a step is asked again: what the current carrier objected to.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The `declinedCode`.
    pub code: String,
    /// The refused value: masked if secret, on one line if an address; `None` for a PIN.
    pub old_value: Option<String>,
}

impl Step {
    /// The heading: what the carrier objected to, else the step's own.
    pub(crate) fn title(&self, frame: &Frame, key: &str) -> String {
        match &self.repair {
            Some(repair) => decline::title(frame, &repair.code),
            None => frame.t(key),
        }
    }

    /// The review keeps its own heading during a repair too.
    pub(crate) fn title_of_review(&self, frame: &Frame) -> String {
        frame.t("review-title")
    }
}

impl Repair {
    pub(crate) fn meaning(&self, frame: &Frame) -> String {
        decline::meaning(frame, &self.code)
    }

    pub(crate) fn instruction(&self, frame: &Frame) -> String {
        decline::repair(frame, &self.code)
    }
}

/// Everything said about the answers of a page, in the order of its controls.
#[derive(Default)]
pub(crate) struct Remarks {
    /// Target in the page and words.
    pub errors: Vec<(&'static str, String)>,
    /// The same for warnings.
    pub warnings: Vec<(&'static str, String)>,
    /// Codes of the warnings, which the form sends back as `confirm_warnings`.
    pub warning_codes: Vec<&'static str>,
}

impl Remarks {
    /// Collects what is said; the birthday's first input stands for its group.
    pub(crate) fn collect(frame: &Frame, notes: &[(Control, Option<&Note>)]) -> Self {
        let mut remarks = Self::default();
        for (control, note) in notes {
            match note {
                None | Some(Note::None) => {}
                Some(Note::Error(problem)) => {
                    remarks
                        .errors
                        .push((control.name(), problem.message(frame)));
                }
                Some(Note::Warning(problem)) => {
                    remarks
                        .warnings
                        .push((control.name(), problem.message(frame)));
                    remarks.warning_codes.push(problem.code());
                }
            }
        }
        remarks
    }

    /// The value of `confirm_warnings`: codes with commas between them.
    pub(crate) fn confirm(&self) -> String {
        self.warning_codes.join(",")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }
}

impl Note {
    /// The words at the control.
    pub(crate) fn remark(&self, frame: &Frame) -> Option<Remark> {
        match self {
            Self::None => None,
            Self::Error(problem) => Some(Remark {
                is_error: true,
                text: problem.message(frame),
            }),
            Self::Warning(problem) => Some(Remark {
                is_error: false,
                text: problem.message(frame),
            }),
        }
    }
}
