//! What an operator's backend tells about a porting that it hands to its carrier.

use portico_carrier::Kind;
use portico_domain::{carrier::CarrierUpdate, event::Actor, porting::Porting};
use portico_store::{
    Tx,
    attempts::{self, AttemptState},
    carriers::updates::{self, NewUpdate, Update},
};
use serde_json::json;

use super::wake;
use crate::{
    App, AppError, BusinessCode,
    changes::{self, Scope},
};

/// What is told.
#[derive(Debug, Clone)]
pub struct Told {
    /// The attempt it is about; the last that was sent when not given.
    pub reference: Option<String>,
    /// What the sender calls it: told again under that name, it is the same update.
    pub sender_id: Option<String>,
    /// What the carrier said.
    pub said: CarrierUpdate,
}

/// Keeps what the carrier of `porting` said. The same told again is the update that is kept already.
///
/// # Errors
/// The porting's carrier answers in another way, nothing was sent to it, the reference names no attempt
/// that was, or the sender's name for it is another update's.
pub async fn tell(
    tx: &mut Tx,
    app: &App,
    who: (&Actor, &Porting),
    told: &Told,
) -> Result<Update, AppError> {
    let (actor, porting) = who;
    if app.gateways.kind(&porting.provider) != Some(Kind::Http) {
        let message = format!(
            "The recipient provider {:?} is not connected by `kind = \"http\"`; its answers come in \
             another way.",
            porting.provider
        );
        return Err(AppError::business(
            BusinessCode::CarrierUpdateNotSupported,
            message,
        ));
    }
    let reference = sent_attempt(tx, porting, told.reference.as_deref()).await?;
    if let Some(sender_id) = &told.sender_id
        && let Some(kept) = updates::told_as(tx, &reference, sender_id).await?
    {
        return same(kept, &told.said);
    }
    let new = NewUpdate {
        reference: &reference,
        porting: porting.id,
        sender_id: told.sender_id.as_deref(),
        said: &told.said,
        actor,
    };
    let kept = updates::insert(tx, &new).await?;
    let scope = Scope {
        project: &porting.project,
        subject: porting.id.as_str(),
        actor,
    };
    let facts = json!({ "reference": reference, "type": told.said.kind().as_str() });
    changes::audit(tx, scope, "porting.carrierUpdate", facts).await?;
    wake(tx, porting, &reference).await?;
    Ok(kept)
}

/// The attempt that an update is about: the one it names, or the last. Only one that went to the
/// gateway can have been heard of.
async fn sent_attempt(
    tx: &mut Tx,
    porting: &Porting,
    reference: Option<&str>,
) -> Result<String, AppError> {
    let attempts = attempts::of_porting(tx, porting.id).await?;
    let mut sent = attempts
        .into_iter()
        .filter(|attempt| attempt.calls > 0 && attempt.state != AttemptState::Waiting)
        .map(|attempt| attempt.reference);
    match reference {
        Some(reference) => sent.find(|sent| sent == reference).ok_or_else(|| {
            let message = "names no attempt of this porting that was sent to its carrier.";
            AppError::invalid("reference", message)
        }),
        None => sent.next_back().ok_or_else(|| {
            let message = "The porting was not sent to its carrier yet.";
            AppError::business(BusinessCode::PortingNotSubmitted, message)
        }),
    }
}

fn same(kept: Update, said: &CarrierUpdate) -> Result<Update, AppError> {
    let is_erased = kept.said.code().is_none() && kept.said.text().is_none();
    let says_the_same = kept.said == *said
        || (is_erased && kept.said.kind() == said.kind() && kept.said.date() == said.date());
    if says_the_same {
        return Ok(kept);
    }
    let message = "was used for an update that said something else.";
    Err(AppError::invalid("id", message))
}
