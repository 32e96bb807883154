//! Subscriptions, and what a porting does to one.

mod expand;
mod porting;

pub use expand::{expand, expand_all};
use portico_domain::{
    event::{Actor, EventType},
    id::{PlanId, PortingId, SubscriptionId, UserAddressId, UserId},
    plan::PlanStatus,
    project::Project,
    subscription::{Subscription, SubscriptionStatus},
    user::{User, UserStatus},
};
use portico_store::{PageRequest, Tx, plans, portings, subscriptions, user_addresses, users};
pub use porting::port_in;
pub(crate) use porting::porting_ended;
use porting::{draft_for, fits};

use crate::{
    App, AppError, MetadataPatch,
    changes::{self, Scope},
    metadata::check_metadata,
    portings as porting_ops,
};

/// What a new subscription is made of.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `Subscription`"
)]
pub struct NewSubscription {
    pub plan: PlanId,
    pub user: UserId,
    pub porting: Option<PortingId>,
    pub user_address: Option<UserAddressId>,
    pub metadata: MetadataPatch,
}

/// Creates a subscription: active at once, or `pending` until its porting ends.
///
/// # Errors
/// Something it names is unknown, or the porting does not fit.
pub async fn create(
    tx: &mut Tx,
    app: &App,
    who: (&Actor, &Project),
    new: NewSubscription,
) -> Result<Subscription, AppError> {
    let (actor, project) = who;
    let plan = plans::find(tx, &project.id, new.plan).await?;
    let plan = plan.ok_or_else(|| AppError::invalid("plan", "is not a plan of this project."))?;
    if plan.status != PlanStatus::Available {
        return Err(AppError::invalid("plan", "is not available."));
    }
    let user = users::find(tx, &project.id, new.user).await?;
    let user = user.filter(|user| user.status == UserStatus::Active);
    let user = user.ok_or_else(|| AppError::invalid("user", "is not an active user."))?;
    let mut subscription = Subscription {
        id: tx.ambient().id(),
        project: project.id.clone(),
        plan: plan.id,
        user: user.id,
        porting: None,
        phone_number: None,
        status: SubscriptionStatus::Pending,
        user_address: new.user_address,
        metadata: new.metadata.apply(&Default::default()),
        created_at: tx.now(),
        activated_at: None,
        canceled_at: None,
        ended_at: None,
    };
    check(tx, &subscription).await?;
    match new.porting {
        None => subscription.activate(tx.now()),
        Some(id) => {
            let draft = draft_for(tx, &subscription, id).await?;
            fits(tx, app, &subscription, &draft).await?;
            subscription.porting = Some(id);
            subscriptions::insert(tx, &subscription).await?;
            porting_ops::take(tx, actor, draft, subscription.id).await?;
        }
    }
    if new.porting.is_none() {
        subscriptions::insert(tx, &subscription).await?;
    }
    let resource = expand(tx, &subscription).await?;
    let scope = scope(actor, &subscription);
    changes::record(tx, scope, EventType::SubscriptionCreated, &resource).await?;
    if subscription.status == SubscriptionStatus::Active {
        changes::record(tx, scope, EventType::SubscriptionActivated, &resource).await?;
    }
    Ok(subscription)
}

/// The project's subscription of that id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, project: &str, id: SubscriptionId) -> Result<Subscription, AppError> {
    subscriptions::find(tx, project, id)
        .await?
        .ok_or(AppError::NotFound("subscription"))
}

/// Changes a subscription's notes or address.
///
/// # Errors
/// What is wrong with them.
pub async fn update(
    tx: &mut Tx,
    actor: &Actor,
    before: Subscription,
    patch: (MetadataPatch, Option<Option<UserAddressId>>),
) -> Result<Subscription, AppError> {
    let (metadata, user_address) = patch;
    let mut after = before.clone();
    after.metadata = metadata.apply(&before.metadata);
    after.user_address = user_address.unwrap_or(before.user_address);
    check(tx, &after).await?;
    keep(tx, actor, &before, &after).await?;
    Ok(after)
}

/// An address is about to be deleted: no subscription is for it any more.
pub(crate) async fn forget_address(
    tx: &mut Tx,
    actor: &Actor,
    user: &User,
    id: UserAddressId,
) -> Result<(), AppError> {
    for before in subscriptions::of_address(tx, user.id, id).await? {
        let after = Subscription {
            user_address: None,
            ..before.clone()
        };
        keep(tx, actor, &before, &after).await?;
    }
    Ok(())
}

/// Notes that the subscription is to end at the close of its period. Portico does not bill, so
/// there is no period to wait for: it stays as it is until it is ended.
///
/// # Errors
/// It has ended.
pub async fn cancel(
    tx: &mut Tx,
    actor: &Actor,
    before: Subscription,
) -> Result<Subscription, AppError> {
    if before.status == SubscriptionStatus::Ended {
        return Err(AppError::invalid("subscription", "has ended."));
    }
    let mut after = before.clone();
    after.canceled_at.get_or_insert(tx.now());
    keep(tx, actor, &before, &after).await?;
    if before.canceled_at.is_none() {
        let resource = expand(tx, &after).await?;
        let kind = EventType::SubscriptionCanceled;
        changes::record(tx, scope(actor, &after), kind, &resource).await?;
    }
    Ok(after)
}

/// Ends a subscription now; its porting is canceled with it.
///
/// # Errors
/// It has ended, or its porting is too far gone to be canceled.
pub async fn end(
    tx: &mut Tx,
    actor: &Actor,
    before: Subscription,
) -> Result<Subscription, AppError> {
    if before.status == SubscriptionStatus::Ended {
        return Err(AppError::invalid("subscription", "has ended already."));
    }
    let mut after = before.clone();
    after.end(tx.now());
    keep(tx, actor, &before, &after).await?;
    if let Some(id) = before.porting {
        let porting = portings::find(tx, &before.project, id).await?;
        if let Some(porting) = porting.filter(|porting| porting.status().is_open()) {
            porting_ops::cancel(tx, actor, porting).await?;
        }
    }
    let resource = expand(tx, &after).await?;
    changes::record(
        tx,
        scope(actor, &after),
        EventType::SubscriptionEnded,
        &resource,
    )
    .await?;
    Ok(after)
}

/// Whether the user has a subscription that has not ended.
pub(crate) async fn has_living(tx: &mut Tx, user: &User) -> Result<bool, AppError> {
    let statuses = SubscriptionStatus::ALL
        .into_iter()
        .filter(|status| *status != SubscriptionStatus::Ended)
        .map(SubscriptionStatus::as_str)
        .collect();
    let filter = subscriptions::Filter {
        user: Some(user.id),
        plan: None,
        statuses,
    };
    let one = PageRequest {
        limit: 1,
        ..PageRequest::default()
    };
    Ok(!subscriptions::list(tx, &user.project, &filter, &one)
        .await?
        .items
        .is_empty())
}

async fn check(tx: &mut Tx, subscription: &Subscription) -> Result<(), AppError> {
    if let Some(problem) = check_metadata(&subscription.metadata) {
        return Err(AppError::Invalid(vec![problem]));
    }
    if let Some(id) = subscription.user_address
        && user_addresses::find(tx, subscription.user, id)
            .await?
            .is_none()
    {
        return Err(AppError::invalid(
            "userAddress",
            "is not an address of this user.",
        ));
    }
    Ok(())
}

async fn keep(
    tx: &mut Tx,
    actor: &Actor,
    before: &Subscription,
    after: &Subscription,
) -> Result<(), AppError> {
    subscriptions::update(tx, after).await?;
    record_update(tx, actor, before, after).await
}

async fn record_update(
    tx: &mut Tx,
    actor: &Actor,
    before: &Subscription,
    after: &Subscription,
) -> Result<(), AppError> {
    let states = (&expand(tx, before).await?, &expand(tx, after).await?);
    changes::record_update(
        tx,
        scope(actor, after),
        EventType::SubscriptionUpdated,
        states,
    )
    .await
}

fn scope<'a>(actor: &'a Actor, subscription: &'a Subscription) -> Scope<'a> {
    Scope {
        project: &subscription.project,
        subject: subscription.id.as_str(),
        actor,
    }
}
