//! Users.

use portico_domain::{
    date_input::Birthday,
    event::{Actor, EventType},
    id::UserId,
    porting::{Patch, Status},
    project::Project,
    user::{User, UserStatus},
};
use portico_store::{PageRequest, StoreError, Tx, erasures, portings, users};

use crate::{
    AppError, BusinessCode, PropertyError,
    changes::{self, Scope},
    metadata::{MetadataPatch, check_metadata},
    wire::UserResource,
};

/// What a new user is made of.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `User`"
)]
pub struct NewUser {
    pub email: String,
    pub full_name: Option<String>,
    pub birthday: Option<Birthday>,
    pub preferred_locale: Option<String>,
    pub email_verified: bool,
    pub metadata: MetadataPatch,
}

/// A change of a user.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `User`"
)]
pub struct UserPatch {
    pub email: Option<String>,
    pub full_name: Patch<String>,
    pub birthday: Patch<Birthday>,
    pub preferred_locale: Option<String>,
    pub email_verified: Option<bool>,
    pub metadata: MetadataPatch,
}

/// Creates a user.
///
/// # Errors
/// What is wrong with it, or that another user has the e-mail address.
pub async fn create(
    tx: &mut Tx,
    actor: &Actor,
    project: &Project,
    new: NewUser,
) -> Result<User, AppError> {
    let locale = new
        .preferred_locale
        .or_else(|| project.settings.locales.first().cloned());
    let user = User {
        id: tx.ambient().id(),
        project: project.id.clone(),
        email: normalize_email(&new.email),
        email_verified: new.email_verified,
        full_name: new.full_name,
        birthday: new.birthday,
        preferred_locale: locale.unwrap_or_else(|| "en".to_owned()),
        status: UserStatus::Active,
        metadata: new.metadata.apply(&Default::default()),
        created_at: tx.now(),
    };
    check(&user)?;
    users::insert(tx, &user).await.map_err(taken)?;
    let scope = scope(actor, &user);
    changes::record(
        tx,
        scope,
        EventType::UserCreated,
        &UserResource::from(&user),
    )
    .await?;
    Ok(user)
}

/// The project's user of that id; deleted users are gone.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, project: &str, id: UserId) -> Result<User, AppError> {
    let user = users::find(tx, project, id).await?;
    user.filter(|user| user.status != UserStatus::Deleted)
        .ok_or(AppError::NotFound("user"))
}

/// Changes a user.
///
/// # Errors
/// As [`create`].
pub async fn update(
    tx: &mut Tx,
    actor: &Actor,
    before: User,
    patch: UserPatch,
) -> Result<User, AppError> {
    let mut after = before.clone();
    if let Some(email) = patch.email {
        after.email = normalize_email(&email);
    }
    if let Some(locale) = patch.preferred_locale {
        after.preferred_locale = locale;
    }
    if let Some(verified) = patch.email_verified {
        after.email_verified = verified;
    }
    patch.full_name.apply(&mut after.full_name);
    patch.birthday.apply(&mut after.birthday);
    after.metadata = patch.metadata.apply(&before.metadata);
    check(&after)?;
    users::update(tx, &after).await.map_err(taken)?;
    let states = (&UserResource::from(&before), &UserResource::from(&after));
    changes::record_update(tx, scope(actor, &after), EventType::UserUpdated, states).await?;
    Ok(after)
}

/// Deletes a user: nothing personal stays, what hangs on it keeps its owner's id. Copies in events
/// are erased by the next upkeep.
///
/// # Errors
/// The user has a subscription that has not ended.
pub async fn delete(tx: &mut Tx, actor: &Actor, user: User) -> Result<User, AppError> {
    if crate::subscriptions::has_living(tx, &user).await? {
        let why = "has a subscription that has not ended; end it first.";
        return Err(AppError::invalid("user", why));
    }
    delete_drafts(tx, actor, &user).await?;
    users::erase(tx, user.id, UserStatus::Deleted, "").await?;
    erasures::at_once(tx, &user.project, user.id).await?;
    let deleted = User {
        status: UserStatus::Deleted,
        email: String::new(),
        email_verified: false,
        full_name: None,
        birthday: None,
        metadata: Default::default(),
        ..user
    };
    let resource = UserResource::from(&deleted);
    changes::record(
        tx,
        scope(actor, &deleted),
        EventType::UserDeleted,
        &resource,
    )
    .await?;
    Ok(deleted)
}

/// Deletes what a user has begun and no subscription took.
pub(crate) async fn delete_drafts(tx: &mut Tx, actor: &Actor, user: &User) -> Result<(), AppError> {
    let drafts = portings::Filter {
        statuses: vec![Status::Draft.as_str()],
        user: Some(user.id),
        ..portings::Filter::default()
    };
    let all = PageRequest {
        limit: 200,
        ..PageRequest::default()
    };
    for draft in portings::list(tx, &user.project, &drafts, &all)
        .await?
        .items
    {
        crate::portings::delete_draft(tx, actor, &draft).await?;
    }
    Ok(())
}

/// E-mail addresses are compared without regard to case.
pub fn normalize_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether `text` looks like an IETF language tag: `en`, `de-AT`, `zh-Hant-HK`.
pub fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.chars().all(|c| c.is_ascii_alphabetic())
        && text.len() <= 35
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

fn check(user: &User) -> Result<(), AppError> {
    let mut problems = Vec::new();
    if !is_email(&user.email) {
        problems.push(PropertyError::invalid(
            "email",
            "must be an e-mail address.",
        ));
    }
    if user.full_name.as_deref().is_some_and(|name| !is_name(name)) {
        let rule = "must be 1 to 120 printable characters.";
        problems.push(PropertyError::invalid("fullName", rule));
    }
    if !is_locale(&user.preferred_locale) {
        let rule = "must be an IETF language tag, such as en or de-AT.";
        problems.push(PropertyError::invalid("preferredLocale", rule));
    }
    problems.extend(check_metadata(&user.metadata));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(problems))
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"(),:;\\[]".contains(c);
    (1..=64).contains(&local.len())
        && (1..=189).contains(&domain.len())
        && text.chars().all(plain)
        && !local.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
}

fn is_name(text: &str) -> bool {
    let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{0}';
    (1..=120).contains(&text.trim().chars().count()) && !text.chars().any(hidden)
}

fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Unique => AppError::business(
            BusinessCode::UserAlreadyExists,
            "Another user of the project has this e-mail address.",
        ),
        other => other.into(),
    }
}

fn scope<'a>(actor: &'a Actor, user: &'a User) -> Scope<'a> {
    Scope {
        project: &user.project,
        subject: user.id.as_str(),
        actor,
    }
}
