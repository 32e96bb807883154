//! A subscription and the porting that brings its number.

use portico_domain::{
    event::{Actor, EventType},
    id::PortingId,
    porting::{Behavior, Porting, Status as PortingStatus},
    subscription::{Subscription, SubscriptionStatus},
};
use portico_store::{PageRequest, Tx, plans, portings, subscriptions, user_addresses};

use super::{expand, keep, record_update, scope};
use crate::{App, AppError, BusinessCode, changes, portings as porting_ops};

/// An existing subscription takes a draft.
///
/// # Errors
/// It has an open or completed porting, or the draft does not fit.
pub async fn port_in(
    tx: &mut Tx,
    app: &App,
    who: (&Actor, Subscription),
    porting: PortingId,
) -> Result<Subscription, AppError> {
    let (actor, before) = who;
    if before.status == SubscriptionStatus::Ended {
        return Err(AppError::invalid("subscription", "has ended."));
    }
    let current = match before.porting {
        Some(id) => portings::find(tx, &before.project, id).await?,
        None => None,
    };
    if current.is_some_and(|porting| porting.status().is_open()) {
        let message = "The subscription has an open porting; cancel it first.";
        return Err(AppError::business(
            BusinessCode::SubscriptionPortingAlreadyOpen,
            message,
        ));
    }
    if portings::has_completed(tx, before.id).await? {
        let message = "The subscription has completed a porting; it can have only one.";
        return Err(AppError::business(
            BusinessCode::SubscriptionPortingAlreadyCompleted,
            message,
        ));
    }
    let draft = draft_for(tx, &before, porting).await?;
    fits(tx, app, &before, &draft).await?;
    let mut after = before.clone();
    after.porting = Some(porting);
    subscriptions::update(tx, &after).await?;
    porting_ops::take(tx, actor, draft, after.id).await?;
    record_update(tx, actor, &before, &after).await?;
    Ok(after)
}

/// What the end of a porting makes of its subscription.
pub(crate) async fn porting_ended(
    tx: &mut Tx,
    actor: &Actor,
    porting: &Porting,
) -> Result<(), AppError> {
    let Some(id) = porting.subscription else {
        return Ok(());
    };
    let found = subscriptions::find(tx, &porting.project, id).await?;
    let Some(before) = found.filter(|found| found.porting == Some(porting.id)) else {
        return Ok(());
    };
    let mut after = before.clone();
    // Whoever only ends a contract gives its number up.
    let moves = porting.behavior == Behavior::PortIn;
    let number = moves.then_some(porting.phone_number.as_str());
    if !after.porting_ended(porting.status(), number, tx.now()) {
        return Ok(());
    }
    keep(tx, actor, &before, &after).await?;
    let kind = match after.status {
        status if status == before.status => return Ok(()),
        SubscriptionStatus::Active => EventType::SubscriptionActivated,
        SubscriptionStatus::Ended => EventType::SubscriptionEnded,
        _ => return Ok(()),
    };
    let resource = expand(tx, &after).await?;
    changes::record(tx, scope(actor, &after), kind, &resource).await
}

/// The draft a subscription is to take: the owner's own, and still free.
pub(super) async fn draft_for(
    tx: &mut Tx,
    subscription: &Subscription,
    id: PortingId,
) -> Result<Porting, AppError> {
    let porting = portings::find(tx, &subscription.project, id).await?;
    let porting =
        porting.ok_or_else(|| AppError::invalid("porting", "is not a porting of this project."))?;
    if porting.user != subscription.user {
        return Err(AppError::invalid("porting", "belongs to another user."));
    }
    if porting.status() != PortingStatus::Draft {
        let message = "is not a draft; a porting can be used by one subscription only.";
        return Err(AppError::invalid("porting", message));
    }
    Ok(porting)
}

/// Whether the draft is for the subscription's network, and what its recipient asks of the user.
pub(super) async fn fits(
    tx: &mut Tx,
    app: &App,
    subscription: &Subscription,
    draft: &Porting,
) -> Result<(), AppError> {
    let plan = plans::find(tx, &subscription.project, subscription.plan).await?;
    if plan.is_some_and(|plan| plan.provider != draft.provider) {
        let message = "The plan's provider is not the porting's.";
        return Err(AppError::business(
            BusinessCode::PortingProviderMismatch,
            message,
        ));
    }
    let needs_address = app.config.user_address_required.contains(&draft.provider);
    if needs_address && subscription.user_address.is_none() {
        let one = PageRequest {
            limit: 1,
            ..PageRequest::default()
        };
        if user_addresses::list(tx, subscription.user, &one)
            .await?
            .items
            .is_empty()
        {
            let message = "The user needs an address before this porting can be used.";
            return Err(AppError::business(
                BusinessCode::PortingUserAddressRequired,
                message,
            ));
        }
    }
    Ok(())
}
