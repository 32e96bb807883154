//! A session inside a browser, and how it ends.

use jiff::SignedDuration;
use portico_domain::{
    event::{Actor, EventType},
    id::SessionId,
    session::{CallbackStatus, ConnectSession, SessionStatus},
};
use portico_store::{
    Tx, sessions,
    visits::{self, Around},
};

use super::{keep, subscriber};
use crate::{AppError, hashing, portings::ANSWERED};

/// A visit is written down at most this often: a page view is a read, not a write.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The session of that id with what it is about, if `cookie` is its browser's; and whether the visit
/// should be noted.
///
/// # Errors
/// The store failed.
pub async fn find(
    tx: &mut Tx,
    id: SessionId,
    cookie: &str,
) -> Result<Option<(ConnectSession, Around, bool)>, AppError> {
    let Some((session, unread)) = visits::find(tx, id, ANSWERED).await? else {
        return Ok(None);
    };
    let Some(browser) = &session.browser else {
        return Ok(None);
    };
    if !hashing::same_hash(&browser.cookie_hash, &hashing::token_hash(cookie)) {
        return Ok(None);
    }
    let is_stale = tx.now().duration_since(browser.seen_at) >= TOUCH_EVERY;
    Ok(Some((session, unread.read(tx.vault())?, is_stale)))
}

/// Notes the visit.
///
/// # Errors
/// The store failed.
pub async fn touch(tx: &mut Tx, id: SessionId) -> Result<(), AppError> {
    Ok(sessions::touch(tx, id).await?)
}

/// The subscriber did what the intent asked.
///
/// # Errors
/// The store failed.
pub async fn complete(tx: &mut Tx, id: SessionId) -> Result<(), AppError> {
    let kind = EventType::SessionCompleted;
    finish(
        tx,
        id,
        (SessionStatus::Completed, CallbackStatus::Success),
        kind,
    )
    .await
}

/// The subscriber leaves on purpose, from inside or from the page before.
///
/// # Errors
/// The store failed.
pub async fn abort(tx: &mut Tx, id: SessionId) -> Result<(), AppError> {
    let kind = EventType::SessionAborted;
    finish(
        tx,
        id,
        (SessionStatus::Aborted, CallbackStatus::UserAborted),
        kind,
    )
    .await
}

/// The subscriber goes back from the error screen.
///
/// # Errors
/// The store failed.
pub async fn fail(tx: &mut Tx, id: SessionId) -> Result<(), AppError> {
    let kind = EventType::SessionUpdated;
    finish(
        tx,
        id,
        (SessionStatus::Failed, CallbackStatus::BadConfiguration),
        kind,
    )
    .await
}

/// The subscriber left and is here again.
///
/// # Errors
/// The store failed.
pub async fn reopen(tx: &mut Tx, id: SessionId) -> Result<(), AppError> {
    let before = load(tx, id).await?;
    if !matches!(
        before.status,
        SessionStatus::Aborted | SessionStatus::Failed
    ) {
        return Ok(());
    }
    let mut after = before.clone();
    after.status = SessionStatus::Opened;
    after.outcome = None;
    let actor = subscriber(&before);
    keep(tx, &actor, (&before, &after), EventType::SessionOpened).await
}

/// The link was not opened in time.
///
/// # Errors
/// The store failed.
pub async fn expire(tx: &mut Tx, session: &ConnectSession) -> Result<(), AppError> {
    let mut after = session.clone();
    after.status = SessionStatus::Expired;
    after.outcome = Some((CallbackStatus::AuthExpired, session.expires_at));
    keep(
        tx,
        &Actor::System,
        (session, &after),
        EventType::SessionExpired,
    )
    .await
}

/// The page that asks may be older than what is kept: the session is read again here.
async fn finish(
    tx: &mut Tx,
    id: SessionId,
    end: (SessionStatus, CallbackStatus),
    kind: EventType,
) -> Result<(), AppError> {
    let before = load(tx, id).await?;
    let (status, outcome) = end;
    if before.status == status {
        return Ok(());
    }
    let mut after = before.clone();
    after.status = status;
    after.outcome = Some((outcome, tx.now()));
    if let Some(browser) = &mut after.browser {
        browser.seen_at = tx.now();
    }
    keep(tx, &subscriber(&before), (&before, &after), kind).await
}

async fn load(tx: &mut Tx, id: SessionId) -> Result<ConnectSession, AppError> {
    sessions::get(tx, id)
        .await?
        .ok_or(AppError::NotFound("session"))
}
