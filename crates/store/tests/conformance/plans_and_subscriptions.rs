use portico_domain::{
    plan::{Allowances, PlanStatus, Validity, ValidityType, ValidityUnit},
    subscription::SubscriptionStatus,
};
use portico_store::{PageRequest, plans, subscriptions};

use crate::harness::World;

pub async fn a_plan_round_trips(world: World) {
    let mut plan = world.plan().await;
    let id = plan.id;
    plan.status = PlanStatus::Archived;
    plan.document.validity = Some(Validity {
        kind: ValidityType::Recurring,
        unit: ValidityUnit::Month,
        value: 1,
        minimum_periods: Some(24),
    });
    plan.document.allowances = Allowances {
        data_bytes: Some(i64::MAX),
        voice_seconds: None,
        sms_messages: Some(0),
    };
    write!(world.db, [plan], |tx| plans::update(tx, &plan)).unwrap();
    let found = read!(world.db, |tx| plans::find(tx, "acme", id)).unwrap();
    assert_eq!(found.document, plan.document);
    assert_eq!((found.status, found.provider), (plan.status, plan.provider));
    assert!(read!(world.db, |tx| plans::find(tx, "other", id)).is_none());
}

pub async fn a_subscription_round_trips_in_every_status(world: World) {
    let mut subscription = world.subscription().await;
    let id = subscription.id;
    for status in SubscriptionStatus::ALL {
        world.advance_seconds(1);
        subscription.status = status;
        subscription.phone_number = Some("+19595550100".to_owned());
        subscription.porting = Some(world.id());
        subscription.user_address = Some(world.id());
        subscription
            .metadata
            .insert(status.as_str().to_owned(), "x".to_owned());
        subscription.activated_at = Some(world.now());
        subscription.canceled_at = Some(world.now());
        subscription.ended_at = Some(world.now());
        write!(world.db, [subscription], |tx| subscriptions::update(
            tx,
            &subscription
        ))
        .unwrap();
        let found = read!(world.db, |tx| subscriptions::find(tx, "acme", id)).unwrap();
        assert_eq!(format!("{found:?}"), format!("{subscription:?}"));
    }
    assert!(read!(world.db, |tx| subscriptions::find(tx, "other", id)).is_none());
}

pub async fn subscriptions_are_listed_by_user_plan_and_status(world: World) {
    let mine = world.subscription().await;
    let mut ended = world.new_subscription().await;
    ended.status = SubscriptionStatus::Ended;
    write!(world.db, [ended], |tx| subscriptions::insert(tx, &ended)).unwrap();
    let page = PageRequest {
        limit: 10,
        ..PageRequest::default()
    };
    for (filter, expected) in [
        (subscriptions::Filter::default(), vec![ended.id, mine.id]),
        (
            subscriptions::Filter {
                user: Some(mine.user),
                ..Default::default()
            },
            vec![mine.id],
        ),
        (
            subscriptions::Filter {
                plan: Some(ended.plan),
                ..Default::default()
            },
            vec![ended.id],
        ),
        (
            subscriptions::Filter {
                statuses: vec!["pending", "active"],
                ..Default::default()
            },
            vec![mine.id],
        ),
        (
            subscriptions::Filter {
                statuses: vec!["pending", "ended"],
                ..Default::default()
            },
            vec![ended.id, mine.id],
        ),
    ] {
        let found = read!(world.db, |tx| subscriptions::list(
            tx, "acme", &filter, &page
        ));
        let ids: Vec<_> = found.items.iter().map(|it| it.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

pub async fn what_does_not_exist_cannot_be_referred_to(world: World) {
    let mut subscription = world.new_subscription().await;
    subscription.user = world.id();
    let refused = write!(world.db, [subscription], |tx| subscriptions::insert(
        tx,
        &subscription
    ));
    assert!(refused.is_err());
}
