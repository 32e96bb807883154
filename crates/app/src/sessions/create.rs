use jiff::{SignedDuration, Timestamp};
use portico_domain::{
    event::{Actor, EventType},
    id::UserId,
    porting::Status,
    project::Project,
    session::{CallbackUrl, ConnectSession, Intent, IntentKind, SessionStatus, Theme},
    user::UserStatus,
};
use portico_store::{
    Tx, events, rate_limits, sessions,
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

/// A session that was made ready: what needs no look at the database is done, so that the transaction
/// which writes it is short.
#[derive(Clone)]
pub struct Draft {
    session: ConnectSession,
    url: String,
    event: events::Draft,
}

impl Draft {
    /// Makes a session ready; with a user, its link too. That the subscription has a porting to be
    /// completed is taken for granted.
    ///
    /// # Errors
    /// The callback leads to an origin the project does not allow.
    pub fn new(app: &App, who: (&Actor, &Project), new: NewSession) -> Result<Self, AppError> {
        let (actor, project) = who;
        check_callback(project, new.callback_url.as_ref())?;
        let ambient = app.db.ambient();
        let now = ambient.now();
        let mut session = ConnectSession {
            id: ambient.id(),
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
            no_pending_porting: false,
            created_at: now,
            expires_at: expiry(now, project),
        };
        let url = give_link(app, &mut session);
        Ok(Self::of(app, actor, (session, url)))
    }

    fn of(app: &App, actor: &Actor, (session, url): (ConnectSession, String)) -> Self {
        let resource = SessionResource::new(&session, None, session.created_at);
        let scope = scope(actor, &session);
        let created = (EventType::SessionCreated, session.created_at);
        let event = changes::draft(app, scope, created, &resource);
        Self {
            session,
            url,
            event,
        }
    }

    /// What its creation is answered with.
    pub fn resource(&self) -> SessionResource {
        let (session, url) = (&self.session, self.url.clone());
        SessionResource::new(session, Some(url), session.created_at)
    }

    /// Writes it. Another draft is what was written instead, with a warning, because there is no porting
    /// to be completed.
    ///
    /// # Errors
    /// The subscription or user is unknown, they do not belong together, or too many sessions were
    /// created.
    pub async fn write(
        &self,
        tx: &mut Tx,
        app: &App,
        who: (&Actor, &Project),
    ) -> Result<Option<Self>, AppError> {
        let (actor, project) = who;
        let (intent, user) = (&self.session.intent, self.session.user);
        let bucket = format!("sessions/{}", intent.subscription);
        // Whoever is told that it is too often must have been allowed to ask.
        let may_be_refused = rate_limits::may_be_full(tx, &bucket);
        let lacks_porting = if !may_be_refused && self.take_for_granted(tx) {
            false
        } else {
            let ground = ground(tx, project, intent, user).await?;
            has_nothing_to_complete(intent, ground)
        };
        let limit = app.config.limits.sessions_per_subscription;
        rate_limits::take_along(tx, &bucket, limit)
            .await?
            .map_err(AppError::TooMany)?;
        let other = lacks_porting.then(|| {
            let session = ConnectSession {
                no_pending_porting: true,
                ..self.session.clone()
            };
            Self::of(app, actor, (session, self.url.clone()))
        });
        let draft = other.as_ref().unwrap_or(self);
        sessions::insert(tx, &draft.session).await?;
        changes::record_draft(tx, &draft.event).await?;
        Ok(other)
    }

    /// Whether the usual is taken for granted and checked at the end: see
    /// [`subscriptions::take_for_granted`].
    fn take_for_granted(&self, tx: &mut Tx) -> bool {
        let (project, intent) = (&self.session.project, &self.session.intent);
        match self.session.user {
            Some(user) if intent.kind() == IntentKind::CompletePorting => {
                let subscription = intent.subscription;
                subscriptions::take_for_granted(tx, project, subscription, user)
            }
            _ => false,
        }
    }
}

/// Creates a session; with a user, its link too. Without a porting to be completed it has a warning.
///
/// # Errors
/// As [`Draft::new`] and [`Draft::write`].
pub async fn create(
    tx: &mut Tx,
    app: &App,
    who: (&Actor, &Project),
    new: NewSession,
) -> Result<(ConnectSession, String), AppError> {
    let draft = Draft::new(app, who, new)?;
    let written = draft.write(tx, app, who).await?.unwrap_or(draft);
    Ok((written.session, written.url))
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
        after.expires_at = expiry(tx.now(), project);
        url = Some(give_link(app, &mut after));
    }
    keep(tx, actor, (&before, &after), EventType::SessionUpdated).await?;
    Ok((after, url))
}

/// Makes the session's URL. With a user it holds a new token, of which only the hash is kept.
fn give_link(app: &App, session: &mut ConnectSession) -> String {
    let base = format!(
        "{}/portal/entry?session={}",
        app.config.public_url, session.id
    );
    if session.user.is_none() {
        return base;
    }
    let secret = app.db.ambient().random.base62(TOKEN_SECRET_LEN);
    let token = format!("{}{secret}", session.id.body());
    session.token_hash = Some(hashing::token_hash(&token));
    format!("{base}&token={token}")
}

fn expiry(now: Timestamp, project: &Project) -> Timestamp {
    now + SignedDuration::from_secs(project.settings.link_lifetime_seconds.into())
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
    let is_as_granted = |user| found.is_some_and(|ground| ground.is_usual(user));
    if intent.kind() == IntentKind::CompletePorting && user.is_some_and(|user| !is_as_granted(user))
    {
        subscriptions::doubt(tx, &project.id);
    }
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
        Some(UserStatus::Active) if ground.owner != user => {
            Err(AppError::invalid("user", "does not own the subscription."))
        }
        Some(UserStatus::Active) => Ok(ground),
    }
}

fn has_nothing_to_complete(intent: &Intent, ground: Ground) -> bool {
    intent.kind() == IntentKind::CompletePorting && !ground.porting.is_some_and(Status::is_open)
}
