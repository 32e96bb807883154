use jiff::SignedDuration;
use portico_domain::{
    event::{Actor, EventType},
    id::UserId,
    phone::PhoneNumber,
    porting::{Behavior, Details, DetailsPatch, Field, Porting, State},
    project::Project,
    user::UserStatus,
};
use portico_store::{Tx, jobs, portings, users};

use super::{checks, day_of, keep::job, scope};
use crate::{App, AppError, BusinessCode, changes, wire::PortingResource};

/// How long a draft is kept.
const DRAFT_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a new porting is made of.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `Porting`"
)]
pub struct NewPorting {
    pub user: UserId,
    pub phone_number: PhoneNumber,
    pub provider: String,
    pub behavior: Behavior,
    pub details: DetailsPatch,
    /// From [`super::portability`].
    pub required: Vec<Field>,
}

/// Creates a draft.
///
/// # Errors
/// The user is unknown, the number is in an open porting, a field is not for this recipient, or the
/// user has too many drafts.
pub async fn create(
    tx: &mut Tx,
    app: &App,
    who: (&Actor, &Project),
    new: NewPorting,
) -> Result<Porting, AppError> {
    let (actor, project) = who;
    check_user(tx, project, new.user).await?;
    let mentions = new.details.mentioned();
    let mut details = Details::default();
    new.details.apply(&mut details);
    let mut porting = Porting {
        id: tx.ambient().id(),
        project: project.id.clone(),
        user: new.user,
        subscription: None,
        phone_number: new.phone_number,
        provider: new.provider,
        behavior: new.behavior,
        details,
        required: new.required,
        state: State::Draft,
        attempt: 0,
        declined_attempts: 0,
        last_declined_at: None,
        last_requested_at: None,
        created_at: tx.now(),
    };
    let everything = checks::Mentioned {
        schedule: true,
        donor: true,
        pin_or_behavior: true,
    };
    checks::check_data(&mut porting, everything, day_of(tx.now()))?;
    checks::check_number_is_free(tx, &porting).await?;
    if portings::count_drafts(tx, new.user).await? >= app.config.limits.drafts_per_user {
        let message = "The user has too many drafts; delete one first.";
        return Err(AppError::business(
            BusinessCode::PortingPerUserLimitExceeded,
            message,
        ));
    }
    portings::insert(tx, &porting).await?;
    let delete_at = tx.now() + DRAFT_LIFE;
    jobs::enqueue(tx, job::DELETE_DRAFT, porting.id.as_str(), delete_at).await?;
    let resource = PortingResource::from(&porting);
    changes::record(
        tx,
        scope(actor, &porting),
        EventType::PortingCreated,
        &resource,
    )
    .await?;
    let facts = serde_json::json!({ "fields": mentions });
    changes::audit(tx, scope(actor, &porting), "porting.created", facts).await?;
    Ok(porting)
}

async fn check_user(tx: &mut Tx, project: &Project, id: UserId) -> Result<(), AppError> {
    match users::find(tx, &project.id, id)
        .await?
        .map(|user| user.status)
    {
        Some(UserStatus::Active) => Ok(()),
        Some(UserStatus::Blocked) => Err(AppError::invalid("user", "is blocked.")),
        _ => Err(AppError::invalid("user", "is not a user of this project.")),
    }
}
