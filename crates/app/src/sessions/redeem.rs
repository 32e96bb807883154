//! Opening a link.
//!
//! Guarantee: a link is redeemed once, by one browser or embed. Of two that try at the same moment one wins,
//! because the update repeats that nobody was there before. Nothing tells a wrong token from an
//! unknown session.

use jiff::Timestamp;
use portico_domain::{
    event::EventType,
    porting::Step,
    session::{Browser, ConnectSession, OpenedIn, SessionStatus},
};
use portico_store::{
    Tx, portings, rate_limits, sessions, subscriptions,
    visits::{self, Around},
};

use super::{keep, subscriber};
use crate::{App, AppError, hashing, portings::ANSWERED, projects};

/// 43 base62 digits are 256 bits.
const COOKIE_LEN: usize = 43;

/// What a link turns out to be.
#[derive(Debug)]
pub enum Link {
    /// It can be opened.
    Fresh(Box<ConnectSession>),
    /// Somebody opened it.
    Used(Box<ConnectSession>),
    /// Nobody opened it in time.
    Expired(Box<ConnectSession>),
    /// A session without a user: the link has no token yet.
    WithoutUser(Box<ConnectSession>),
    /// Wrong, or of no session at all.
    Unknown,
}

/// Who opens a link, and where.
#[derive(Debug)]
pub struct Opener<'a> {
    /// Where it is opened.
    pub place: OpenedIn,
    /// The address of who asks.
    pub client: &'a str,
    /// What its browser shows from then on: see [`new_cookie`].
    pub cookie: &'a str,
}

/// What came of opening a link.
#[derive(Debug)]
pub enum Redemption {
    /// This browser has it now.
    Opened(Box<ConnectSession>),
    /// It could not be opened.
    Refused(Link),
}

/// A value for the cookie of whoever opens a link. Drawn before that is tried: where nobody knows whether
/// the link was opened, the browser is given it as well, and can go on if it was.
pub fn new_cookie(app: &App) -> String {
    app.db.ambient().random.base62(COOKIE_LEN)
}

/// Looks at a link without using it up.
///
/// # Errors
/// Too many wrong links came from `client`, or the store failed.
pub async fn check_link(
    tx: &mut Tx,
    app: &App,
    link: (&str, Option<&str>),
    client: &str,
) -> Result<Link, AppError> {
    let (id, token) = link;
    let session = match id.parse() {
        Ok(id) => sessions::get(tx, id).await?,
        Err(_) => None,
    };
    judge(tx, app, (session, token), client).await
}

/// The same, with what the session is about if the link can be opened: for the page behind it.
///
/// # Errors
/// As [`check_link`].
pub async fn look_at_link(
    tx: &mut Tx,
    app: &App,
    link: (&str, Option<&str>),
    client: &str,
) -> Result<(Link, Option<Around>), AppError> {
    let (id, token) = link;
    let found = match id.parse() {
        Ok(id) => visits::find(tx, id, ANSWERED).await?,
        Err(_) => None,
    };
    let (session, unread) = found.unzip();
    let link = judge(tx, app, (session, token), client).await?;
    let unread = unread.filter(|_| matches!(link, Link::Fresh(_)));
    let around = unread.map(|unread| unread.read(tx.vault())).transpose()?;
    Ok((link, around))
}

/// What the token makes of the session found.
async fn judge(
    tx: &mut Tx,
    app: &App,
    link: (Option<ConnectSession>, Option<&str>),
    client: &str,
) -> Result<Link, AppError> {
    let (session, token) = link;
    let found = session.map_or(Link::Unknown, |session| link_of(session, token, tx.now()));
    // Only who guesses is held back: others may come from the same address.
    if matches!(found, Link::Unknown) {
        let limit = app.config.limits.wrong_tokens;
        let until = rate_limits::exhausted_until(tx, &wrong_links(client), limit).await?;
        if let Some(until) = until {
            return Err(AppError::TooMany(until));
        }
    }
    Ok(found)
}

fn link_of(session: ConnectSession, token: Option<&str>, now: Timestamp) -> Link {
    let Some(token) = token else {
        return match session.token_hash {
            None => Link::WithoutUser(Box::new(session)),
            Some(_) => Link::Unknown,
        };
    };
    let hash = hashing::token_hash(token);
    let fits = session
        .token_hash
        .as_deref()
        .is_some_and(|kept| hashing::same_hash(kept, &hash));
    let session = Box::new(session);
    match session.status_at(now) {
        _ if !fits => Link::Unknown,
        // A node of the version before notes the browser only.
        _ if session.opened_in.is_some() || session.browser.is_some() => Link::Used(session),
        SessionStatus::Expired => Link::Expired(session),
        _ if now >= session.expires_at => Link::Expired(session),
        _ => Link::Fresh(session),
    }
}

/// Opens a link for a browser. A wrong one is counted against the client.
///
/// # Errors
/// As [`check_link`].
pub async fn redeem(
    tx: &mut Tx,
    app: &App,
    link: (&str, Option<&str>),
    by: Opener<'_>,
) -> Result<Redemption, AppError> {
    let client = by.client;
    let before = match check_link(tx, app, link, client).await? {
        Link::Fresh(session) => session,
        Link::Unknown => {
            count_wrong_link(tx, app, client).await?;
            return Ok(Redemption::Refused(Link::Unknown));
        }
        other => return Ok(Redemption::Refused(other)),
    };
    let mut after = before.clone();
    after.planned_steps = open_steps(tx, &before).await?;
    after.browser = Some(Browser {
        cookie_hash: hashing::token_hash(by.cookie),
        redeemed_at: tx.now(),
        seen_at: tx.now(),
    });
    let after = keep_opened(tx, &before, *after, by.place).await?;
    Ok(Redemption::Opened(Box::new(after)))
}

/// Marks a link that was found fresh as redeemed, without a browser.
///
/// # Errors
/// Somebody redeemed it meanwhile, or the store failed.
pub(crate) async fn open(
    tx: &mut Tx,
    before: &ConnectSession,
    place: OpenedIn,
) -> Result<ConnectSession, AppError> {
    keep_opened(tx, before, before.clone(), place).await
}

async fn keep_opened(
    tx: &mut Tx,
    before: &ConnectSession,
    mut after: ConnectSession,
    place: OpenedIn,
) -> Result<ConnectSession, AppError> {
    after.status = SessionStatus::Opened;
    after.outcome = None;
    after.opened_in = Some(place);
    let actor = subscriber(&after);
    keep(tx, &actor, (before, &after), EventType::SessionOpened).await?;
    Ok(after)
}

/// Counts a wrong link against `client`. The answer to this one is "unknown" either way; after too
/// many the next is held back.
///
/// # Errors
/// The store failed.
pub async fn count_wrong_link(tx: &mut Tx, app: &App, client: &str) -> Result<(), AppError> {
    let limit = app.config.limits.wrong_tokens;
    let _ = rate_limits::take(tx, &wrong_links(client), limit).await?;
    Ok(())
}

/// The steps that are open now; what the subscriber will be asked during this visit.
async fn open_steps(tx: &mut Tx, session: &ConnectSession) -> Result<Vec<Step>, AppError> {
    let project = projects::get(tx, &session.project).await?;
    let id = session.subscription();
    let subscription = subscriptions::find(tx, &session.project, id).await?;
    let porting = match subscription.and_then(|subscription| subscription.porting) {
        Some(id) => portings::find(tx, &session.project, id).await?,
        None => None,
    };
    let repairable = project.settings.repairable();
    Ok(porting
        .map(|porting| porting.open_steps(repairable))
        .unwrap_or_default())
}

fn wrong_links(client: &str) -> String {
    format!("links/{client}")
}
