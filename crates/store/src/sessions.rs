//! Connect Sessions. The link's token and the cookie are hashes; a session is found by its id.

use portico_domain::{
    id::SessionId,
    porting::Step,
    session::{
        Browser, CallbackStatus, CallbackUrl, ConnectSession, Intent, IntentKind, OpenedIn,
        Purpose, SessionStatus, Theme,
    },
};

use crate::{StoreError, Tx, row::Row, value::args};

pub(crate) const TABLE: &str = "connect_sessions";

/// Adds a session.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, session: &ConnectSession) -> Result<(), StoreError> {
    let (hide_intro, hide_outro) = match session.intent.purpose {
        Purpose::CompletePorting {
            hide_intro_page,
            hide_outro_page,
        } => (hide_intro_page, hide_outro_page),
        Purpose::ViewSubscription => (None, None),
    };
    let sql = "INSERT INTO connect_sessions (id, project, user_id, subscription_id, intent, \
               hide_intro_page, hide_outro_page, callback_url, theme, token_hash, status, \
               no_pending_porting, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let row = args![
        session.id,
        session.project.as_str(),
        session.user,
        session.subscription(),
        session.intent.kind().as_str(),
        hide_intro,
        hide_outro,
        session.callback_url.as_ref().map(CallbackUrl::as_str),
        session.theme.map(Theme::as_str),
        session.token_hash.as_deref(),
        session.status.as_str(),
        session.no_pending_porting,
        session.created_at,
        session.expires_at,
    ];
    tx.defer(sql, row);
    Ok(())
}

/// Writes every changeable field of a session, provided its status is still `before`.
///
/// # Errors
/// [`StoreError::Stale`] when it is not.
pub async fn update(
    tx: &mut Tx,
    before: SessionStatus,
    session: &ConnectSession,
) -> Result<(), StoreError> {
    let browser = session.browser.as_ref();
    let (outcome, outcome_at) = session.outcome.unzip();
    let sql = "UPDATE connect_sessions SET user_id = $3, callback_url = $4, theme = $5, \
               token_hash = $6, status = $7, cookie_hash = $8, redeemed_at = $9, seen_at = $10, \
               outcome = $11, outcome_at = $12, expires_at = $13, planned_steps = $14, \
               opened_in = $15, framed_by = $16 WHERE id = $1 AND status = $2";
    let row = args![
        session.id,
        before.as_str(),
        session.user,
        session.callback_url.as_ref().map(CallbackUrl::as_str),
        session.theme.map(Theme::as_str),
        session.token_hash.as_deref(),
        session.status.as_str(),
        browser.map(|browser| browser.cookie_hash.as_slice()),
        browser.map(|browser| browser.redeemed_at),
        browser.map(|browser| browser.seen_at),
        outcome.map(CallbackStatus::as_str),
        outcome_at,
        session.expires_at,
        planned_steps_text(session),
        session.opened_in.as_ref().map(OpenedIn::as_str),
        session.opened_in.as_ref().and_then(OpenedIn::framed_by),
    ];
    tx.execute_one("the session", sql, row).await
}

/// Notes that the browser asked for a page.
///
/// # Errors
/// The store failed.
pub async fn touch(tx: &mut Tx, id: SessionId) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "UPDATE connect_sessions SET seen_at = $2 WHERE id = $1 AND cookie_hash IS NOT NULL";
    tx.execute(sql, args![id, now]).await.map(drop)
}

/// The session of that id, whatever its project.
///
/// # Errors
/// The store failed.
pub async fn get(tx: &mut Tx, id: SessionId) -> Result<Option<ConnectSession>, StoreError> {
    let sql = "SELECT * FROM connect_sessions WHERE id = $1";
    tx.optional(TABLE, sql, args![id])
        .await?
        .as_ref()
        .map(session)
        .transpose()
}

/// Sessions whose link was not opened in time and that are not marked so yet.
///
/// # Errors
/// The store failed.
pub async fn overdue(tx: &mut Tx, limit: u32) -> Result<Vec<ConnectSession>, StoreError> {
    let now = tx.now();
    let sql = "SELECT * FROM connect_sessions WHERE status = 'created' AND expires_at <= $1 \
               ORDER BY expires_at LIMIT $2";
    tx.all(TABLE, sql, args![now, limit])
        .await?
        .iter()
        .map(session)
        .collect()
}

pub(crate) fn session(row: &Row) -> Result<ConnectSession, StoreError> {
    Ok(ConnectSession {
        id: row.parse("id")?,
        project: row.text("project")?,
        user: row.parse_or_null("user_id")?,
        intent: intent(row)?,
        callback_url: row
            .text_or_null("callback_url")?
            .map(CallbackUrl::from_stored)
            .transpose()
            .map_err(|_| row.corrupt("callback_url"))?,
        theme: row
            .text_or_null("theme")?
            .and_then(|theme| Theme::parse(&theme)),
        token_hash: row.blob_or_null("token_hash")?,
        status: SessionStatus::parse(&row.text("status")?).ok_or(row.corrupt("status"))?,
        opened_in: opened_in(row)?,
        browser: browser(row)?,
        planned_steps: planned_steps(row)?,
        outcome: outcome(row)?,
        no_pending_porting: row.bool("no_pending_porting")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

fn intent(row: &Row) -> Result<Intent, StoreError> {
    let purpose = match IntentKind::parse(&row.text("intent")?) {
        Some(IntentKind::CompletePorting) => Purpose::CompletePorting {
            hide_intro_page: row.bool_or_null("hide_intro_page")?,
            hide_outro_page: row.bool_or_null("hide_outro_page")?,
        },
        Some(IntentKind::ViewSubscription) => Purpose::ViewSubscription,
        _ => return Err(row.corrupt("intent")),
    };
    Ok(Intent {
        purpose,
        subscription: row.parse("subscription_id")?,
    })
}

fn browser(row: &Row) -> Result<Option<Browser>, StoreError> {
    let Some(cookie_hash) = row.blob_or_null("cookie_hash")? else {
        return Ok(None);
    };
    let redeemed_at = row.time("redeemed_at")?;
    Ok(Some(Browser {
        cookie_hash,
        redeemed_at,
        seen_at: row.time("seen_at")?,
    }))
}

fn opened_in(row: &Row) -> Result<Option<OpenedIn>, StoreError> {
    Ok(match row.text_or_null("opened_in")?.as_deref() {
        None => None,
        Some("window") => Some(OpenedIn::Window),
        Some("frame") => Some(OpenedIn::Frame(row.text_or_null("framed_by")?)),
        Some("token") => Some(OpenedIn::Token),
        Some(_) => return Err(row.corrupt("opened_in")),
    })
}

fn outcome(row: &Row) -> Result<Option<(CallbackStatus, jiff::Timestamp)>, StoreError> {
    let Some(text) = row.text_or_null("outcome")? else {
        return Ok(None);
    };
    let status = CallbackStatus::parse(&text).ok_or(row.corrupt("outcome"))?;
    Ok(Some((status, row.time("outcome_at")?)))
}

/// Names with commas between them; null before the link is redeemed.
fn planned_steps_text(session: &ConnectSession) -> Option<String> {
    let names: Vec<_> = session
        .planned_steps
        .iter()
        .map(|step| step.as_str())
        .collect();
    (!names.is_empty()).then(|| names.join(","))
}

fn planned_steps(row: &Row) -> Result<Vec<Step>, StoreError> {
    let text = row.text_or_null("planned_steps")?.unwrap_or_default();
    let names = text.split(',').filter(|name| !name.is_empty());
    names
        .map(|name| Step::parse(name).ok_or(row.corrupt("planned_steps")))
        .collect()
}
