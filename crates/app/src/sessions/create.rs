use jiff::SignedDuration;
use portico_domain::{
    event::{Actor, EventType},
    id::UserId,
    porting::Status,
    project::Project,
    session::{CallbackUrl, ConnectSession, Intent, IntentKind, SessionStatus, Theme},
    user::UserStatus,
};
use portico_store::{
    Tx, rate_limits, sessions,
    subscriptions::{self, Ground},
};

use super::{keep, scope};
use crate::{App, AppError, changes, hashing, wire::SessionResource};

/// Digits of a link's token that only the link holds; the ones before are the session's id.
const TOKEN_SECRET_LEN: usize = 36;

/// What a new session is made of.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `ConnectSession`"
)]
pub struct NewSession {
    pub intent: Intent,
    pub user: Option<UserId>,
    pub callback_url: Option<CallbackUrl>,
    pub theme: Option<Theme>,
}

/// A change of a session.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `ConnectSession`"
)]
pub struct SessionPatch {
    pub user: Option<UserId>,
    pub callback_url: Option<Option<CallbackUrl>>,
    pub theme: Option<Option<Theme>>,
}

/// Creates a session; with a user, its link too. That a porting is pending is not checked.
///
/// # Errors
/// The subscription or user is unknown, they do not belong together, the callback leads to an
/// origin the project does not allow, or too many sessions were created.
pub async fn create(
    tx: &mut Tx,
    app: &App,
    who: (&Actor, &Project),
    new: NewSession,
) -> Result<(ConnectSession, String), AppError> {
    let (actor, project) = who;
    check_callback(project, new.callback_url.as_ref())?;
    let ground = ground(tx, project, &new.intent, new.user).await?;
    let bucket = format!("sessions/{}", ground.subscription.id);
    let limit = app.config.limits.sessions_per_subscription;
    rate_limits::take_along(tx, &bucket, limit)
        .await?
        .map_err(AppError::TooMany)?;
    let mut session = ConnectSession {
        id: tx.ambient().id(),
        project: project.id.clone(),
        user: new.user,
        intent: new.intent,
        callback_url: new.callback_url,
        theme: new.theme,
        token_hash: None,
        status: SessionStatus::Created,
        opened_in: None,
        browser: None,
        planned_steps: Vec::new(),
        outcome: None,
        no_pending_porting: has_nothing_to_complete(&new.intent, &ground),
        created_at: tx.now(),
        expires_at: expiry(tx, project),
    };
    let url = give_link(tx, app, &mut session);
    sessions::insert(tx, &session).await?;
    let resource = SessionResource::new(&session, None, tx.now());
    changes::record(
        tx,
        scope(actor, &session),
        EventType::SessionCreated,
        &resource,
    )
    .await?;
    Ok((session, url))
}

/// Changes a session. Attaching a user gives the link.
///
/// # Errors
/// As [`create`]; or the session has a user already.
pub async fn update(
    tx: &mut Tx,
    app: &App,
    who: (&Actor, &Project),
    change: (ConnectSession, SessionPatch),
) -> Result<(ConnectSession, Option<String>), AppError> {
    let (actor, project) = who;
    let (before, patch) = change;
    let mut after = before.clone();
    if let Some(callback_url) = patch.callback_url {
        check_callback(project, callback_url.as_ref())?;
        after.callback_url = callback_url;
    }
    after.theme = patch.theme.unwrap_or(after.theme);
    let mut url = None;
    if let Some(user) = patch.user {
        if before.user.is_some() {
            return Err(AppError::invalid(
                "user",
                "can be set only while there is none.",
            ));
        }
        ground(tx, project, &before.intent, Some(user)).await?;
        after.user = Some(user);
        after.status = SessionStatus::Created;
        after.outcome = None;
        after.expires_at = expiry(tx, project);
        url = Some(give_link(tx, app, &mut after));
    }
    keep(tx, actor, (&before, &after), EventType::SessionUpdated).await?;
    Ok((after, url))
}

/// Makes the session's URL. With a user it holds a new token, of which only the hash is kept.
fn give_link(tx: &Tx, app: &App, session: &mut ConnectSession) -> String {
    let base = format!(
        "{}/portal/entry?session={}",
        app.config.public_url, session.id
    );
    if session.user.is_none() {
        return base;
    }
    let secret = tx.ambient().random.base62(TOKEN_SECRET_LEN);
    let token = format!("{}{secret}", session.id.body());
    session.token_hash = Some(hashing::token_hash(&token));
    format!("{base}&token={token}")
}

fn expiry(tx: &Tx, project: &Project) -> jiff::Timestamp {
    tx.now() + SignedDuration::from_secs(project.settings.link_lifetime_seconds.into())
}

fn check_callback(project: &Project, url: Option<&CallbackUrl>) -> Result<(), AppError> {
    let allowed = &project.settings.callback_origins;
    let fits = |url: &CallbackUrl| allowed.iter().any(|origin| url.has_origin(origin));
    if allowed.is_empty() || url.is_none_or(fits) {
        return Ok(());
    }
    Err(AppError::invalid(
        "callbackUrl",
        "leads to an origin that the project does not allow.",
    ))
}

/// The subscription that a session is for, checked together with its user.
async fn ground(
    tx: &mut Tx,
    project: &Project,
    intent: &Intent,
    user: Option<UserId>,
) -> Result<Ground, AppError> {
    let found = subscriptions::ground(tx, &project.id, intent.subscription, user).await?;
    let ground = found.ok_or_else(|| {
        let property = format!("intent.{}.subscription", intent.kind().as_str());
        AppError::invalid(&property, "is not a subscription of this project.")
    })?;
    let Some(user) = user else {
        return Ok(ground);
    };
    match ground.user {
        None | Some(UserStatus::Deleted) => {
            Err(AppError::invalid("user", "is not a user of this project."))
        }
        Some(UserStatus::Blocked) => Err(AppError::invalid("user", "is blocked.")),
        Some(UserStatus::Active) if ground.subscription.user != user => {
            Err(AppError::invalid("user", "does not own the subscription."))
        }
        Some(UserStatus::Active) => Ok(ground),
    }
}

fn has_nothing_to_complete(intent: &Intent, ground: &Ground) -> bool {
    intent.kind() == IntentKind::CompletePorting && !ground.porting.is_some_and(Status::is_open)
}
