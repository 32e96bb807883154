//! Subscriptions as they stand on the wire, with what hangs on them: one question for each kind of
//! thing, however many subscriptions there are.

use std::collections::{BTreeMap, BTreeSet};

use portico_domain::subscription::Subscription;
use portico_store::{Tx, plans, portings, users};

use crate::{AppError, wire::SubscriptionResource};

/// The resource with plan, user and porting.
///
/// # Errors
/// The store failed.
pub async fn expand(
    tx: &mut Tx,
    subscription: &Subscription,
) -> Result<SubscriptionResource, AppError> {
    let one = std::slice::from_ref(subscription);
    let mut resources = expand_all(tx, &subscription.project, one).await?;
    Ok(resources.remove(0))
}

/// The resources of a project's subscriptions, in the same order.
///
/// # Errors
/// The store failed.
pub async fn expand_all(
    tx: &mut Tx,
    project: &str,
    subscriptions: &[Subscription],
) -> Result<Vec<SubscriptionResource>, AppError> {
    let plan_ids = distinct(subscriptions.iter().map(|it| it.plan));
    let user_ids = distinct(subscriptions.iter().map(|it| it.user));
    let porting_ids = distinct(subscriptions.iter().filter_map(|it| it.porting));
    let plans = plans::of_ids(tx, project, &plan_ids).await?;
    let plans: BTreeMap<_, _> = plans.into_iter().map(|it| (it.id, it)).collect();
    let users = users::of_ids(tx, project, &user_ids).await?;
    let users: BTreeMap<_, _> = users.into_iter().map(|it| (it.id, it)).collect();
    let portings = portings::of_ids(tx, project, &porting_ids).await?;
    let portings: BTreeMap<_, _> = portings.into_iter().map(|it| (it.id, it)).collect();
    let resource = |it: &Subscription| {
        let plan = plans.get(&it.plan).ok_or(AppError::NotFound("plan"))?;
        let user = users.get(&it.user).ok_or(AppError::NotFound("user"))?;
        let porting = it.porting.and_then(|id| portings.get(&id));
        Ok(SubscriptionResource::new(it, plan, user, porting))
    };
    subscriptions.iter().map(resource).collect()
}

/// Each id once: a plan has many subscriptions.
fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}
