//! The queue of requests that operators hand in at a carrier's portal.
//!
//! Guarantee: what a request holds is shown to the operator who has taken its case, and to nobody
//! else; that it was shown is in the audit trail, by whom and when, and nothing of what was shown.

use portico_carrier::PortRequest;
use portico_domain::{
    carrier::{CarrierUpdate, Case, CaseState, Operator},
    event::Actor,
    porting::{Porting, Status},
};
use portico_store::{
    Tx,
    carriers::{
        cases,
        updates::{self, NewUpdate, Update},
    },
    portings as rows,
};
use serde_json::{Value as Json, json};

use super::wake;
use crate::{
    AppError,
    changes::{self, Scope},
    portings,
};

/// What an operator has learned at the portal.
#[derive(Debug, Clone)]
pub enum Learned {
    /// The carrier said something.
    Said(CarrierUpdate),
    /// It was called off there.
    CalledOff,
}

/// A case with everything that its operator needs.
#[derive(Debug)]
pub struct Handout {
    /// The case.
    pub case: Case,
    /// The porting as it stands.
    pub porting: Porting,
    /// What is to be typed into the portal; `None` once there is nothing to hand in.
    pub request: Option<PortRequest>,
    /// What was recorded so far, oldest first.
    pub recorded: Vec<Update>,
}

/// `operator` takes a case, by `force` from whoever has it, and is shown what is in it.
///
/// # Errors
/// There is no such case, it is closed, or somebody else's.
pub async fn take(
    tx: &mut Tx,
    reference: &str,
    operator: &Operator,
    force: bool,
) -> Result<Handout, AppError> {
    let before = find(tx, reference).await?;
    let after = before.clone().take(operator, force, tx.now())?;
    if after != before {
        cases::update(tx, &before, &after).await?;
        let from = before.holder.map(|holder| holder.operator.to_string());
        let facts = json!({ "reference": reference, "from": from });
        audit(tx, &after, operator, "carrierCase.taken", facts).await?;
    }
    hand_out(tx, after, operator).await
}

/// What is in a case, for the operator who has taken it.
///
/// # Errors
/// There is no such case, or it is not theirs.
pub async fn show(tx: &mut Tx, reference: &str, operator: &Operator) -> Result<Handout, AppError> {
    let case = find(tx, reference).await?;
    case.check_held_by(operator)?;
    hand_out(tx, case, operator).await
}

/// `operator` gives a case back as it is.
///
/// # Errors
/// There is no such case, it is closed, or not theirs.
pub async fn release(tx: &mut Tx, reference: &str, operator: &Operator) -> Result<Case, AppError> {
    let before = find(tx, reference).await?;
    let after = before.clone().release(operator)?;
    cases::update(tx, &before, &after).await?;
    let facts = json!({ "reference": reference });
    audit(tx, &after, operator, "carrierCase.released", facts).await?;
    Ok(after)
}

/// `operator` records what came of a case. What it means for the porting follows at once.
///
/// # Errors
/// There is no such case, it is closed or not theirs, or there is nothing to call off.
pub async fn record(
    tx: &mut Tx,
    reference: &str,
    operator: &Operator,
    learned: &Learned,
) -> Result<Case, AppError> {
    let before = find(tx, reference).await?;
    let (after, kind) = match learned {
        Learned::Said(said) => {
            let after = before.clone().learn(operator, said.kind(), tx.now())?;
            (after, said.kind().as_str())
        }
        Learned::CalledOff => (before.clone().called_off(operator, tx.now())?, "calledOff"),
    };
    cases::update(tx, &before, &after).await?;
    if let Learned::Said(said) = learned {
        let new = NewUpdate {
            reference,
            porting: after.porting,
            sender_id: None,
            said,
            actor: &member(operator),
        };
        updates::insert(tx, &new).await?;
        let porting = porting_of(tx, &after).await?;
        wake(tx, &porting, reference).await?;
    }
    let facts = json!({ "reference": reference, "type": kind });
    audit(tx, &after, operator, "carrierCase.recorded", facts).await?;
    Ok(after)
}

async fn find(tx: &mut Tx, reference: &str) -> Result<Case, AppError> {
    let found = cases::find(tx, reference).await?;
    found.ok_or(AppError::NotFound("case"))
}

async fn porting_of(tx: &mut Tx, case: &Case) -> Result<Porting, AppError> {
    let found = rows::get(tx, case.porting).await?;
    found.ok_or(AppError::NotFound("porting"))
}

async fn hand_out(tx: &mut Tx, case: Case, operator: &Operator) -> Result<Handout, AppError> {
    let porting = porting_of(tx, &case).await?;
    let is_wanted = matches!(case.state, CaseState::Queued | CaseState::Submitted)
        && porting.reference() == case.reference
        && matches!(porting.status(), Status::Pending | Status::Requested);
    let request = is_wanted.then(|| portings::request(&porting));
    let recorded = updates::of_attempt(tx, &case.reference).await?;
    let facts = json!({ "reference": case.reference, "request": is_wanted });
    audit(tx, &case, operator, "carrierCase.shown", facts).await?;
    Ok(Handout {
        case,
        porting,
        request,
        recorded,
    })
}

async fn audit(
    tx: &mut Tx,
    case: &Case,
    operator: &Operator,
    action: &'static str,
    facts: Json,
) -> Result<(), AppError> {
    let scope = Scope {
        project: &case.project,
        subject: case.porting.as_str(),
        actor: &member(operator),
    };
    changes::audit(tx, scope, action, facts).await
}

fn member(operator: &Operator) -> Actor {
    Actor::Member(operator.to_string())
}
