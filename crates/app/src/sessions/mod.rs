//! Connect Sessions: the integrator creates one, a subscriber's browser or an embed redeems it.

mod create;
mod redeem;
mod visit;

pub use create::{Draft, NewSession, SessionPatch, create, update};
use portico_domain::{
    event::{Actor, EventType},
    id::SessionId,
    session::ConnectSession,
};
use portico_store::{Tx, sessions};
pub(crate) use redeem::open;
pub use redeem::{
    Link, Opener, Redemption, check_link, count_wrong_link, look_at_link, new_cookie, redeem,
};
pub use visit::{abort, complete, expire, fail, find, reopen, touch};

use crate::{
    AppError,
    changes::{self, Scope},
    wire::SessionResource,
};

/// The project's session of that id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, project: &str, id: SessionId) -> Result<ConnectSession, AppError> {
    let found = sessions::get(tx, id).await?;
    found
        .filter(|session| session.project == project)
        .ok_or(AppError::NotFound("session"))
}

fn scope<'a>(actor: &'a Actor, session: &'a ConnectSession) -> Scope<'a> {
    Scope {
        project: &session.project,
        subject: session.id.as_str(),
        actor,
    }
}

/// Writes a session's change and its event. `updated` events say what changed.
async fn keep(
    tx: &mut Tx,
    actor: &Actor,
    states: (&ConnectSession, &ConnectSession),
    kind: EventType,
) -> Result<(), AppError> {
    let (before, after) = states;
    sessions::update(tx, before.status, after).await?;
    let now = tx.now();
    let new = SessionResource::new(after, None, now);
    if kind.is_update() {
        let old = SessionResource::new(before, None, now);
        changes::record_update(tx, scope(actor, after), kind, (&old, &new)).await
    } else {
        changes::record(tx, scope(actor, after), kind, &new).await
    }
}

/// The subscriber of a session, as an actor.
fn subscriber(session: &ConnectSession) -> Actor {
    session
        .user
        .map_or(Actor::System, |user| Actor::User(user.to_string()))
}
