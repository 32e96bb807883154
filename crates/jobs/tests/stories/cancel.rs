use portico_app::{AppError, BusinessCode};
use portico_domain::{porting::DetailsPatch, subscription::SubscriptionStatus};
use portico_store::attempts::AttemptState;

use crate::world::World;

#[tokio::test]
async fn a_porting_canceled_before_it_was_sent_never_reaches_the_carrier() {
    let world = World::new().await;
    let (id, subscription) = world.port("0100").await;
    world
        .cancel(id)
        .await
        .expect("a pending one can be canceled");
    world.worker.drain().await;
    world.after_seconds(3_600).await;
    assert_eq!(world.status(id).await, "canceled");
    let attempts = world.attempts(id).await;
    assert_eq!(attempts[0].state, AttemptState::Dropped);
    let reference = &attempts[0].reference;
    assert_eq!(
        world.simulator_calls(reference, "submit", "received").await,
        0
    );
    let subscription = world.subscription_now(subscription.id).await;
    assert_eq!(subscription.status, SubscriptionStatus::Active);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn a_porting_canceled_while_it_is_being_sent_is_called_off_at_the_carrier() {
    let world = World::in_a_hurry().await;
    let (id, _) = world.port("0120").await;
    world.worker.drain().await;
    assert_eq!(world.status(id).await, "pending", "the carrier is silent");
    world
        .cancel(id)
        .await
        .expect("a pending one can be canceled");

    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "canceled");
    let attempts = world.attempts(id).await;
    let reference = &attempts[0].reference;
    assert_eq!(
        world.simulator_calls(reference, "submit", "received").await,
        1
    );
    assert_eq!(
        world.simulator_calls(reference, "cancel", "received").await,
        1
    );
    let kinds = world.event_types(id).await;
    assert_eq!(kinds.last().map(String::as_str), Some("porting.canceled"));
    world.after_seconds(3_600).await;
    assert_eq!(world.status(id).await, "canceled");
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn a_porting_canceled_while_the_gateway_is_down_is_not_sent_when_it_returns() {
    let world = World::new().await;
    let (id, _) = world.port("0121").await;
    world.worker.drain().await;
    world
        .cancel(id)
        .await
        .expect("a pending one can be canceled");
    world.after_seconds(600).await;
    let attempts = world.attempts(id).await;
    assert_eq!(attempts[0].state, AttemptState::Dropped);
    let reference = &attempts[0].reference;
    assert_eq!(
        world.simulator_calls(reference, "submit", "received").await,
        0
    );
    assert_eq!(world.jobs().await, 0);
}

/// Carriers may keep open what they declined, and go on with it by themselves.
#[tokio::test]
async fn a_repair_canceled_before_it_was_sent_calls_off_what_was_declined() {
    let world = World::new().await;
    let (id, _) = world.port("0102").await;
    world.worker.drain().await;
    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "declined");
    let again = world.patch(id, DetailsPatch::default()).await;
    again.expect("it may be sent again");
    world.cancel(id).await.expect("it is not sent yet");
    world.worker.drain().await;
    let attempts = world.attempts(id).await;
    assert_eq!(attempts[1].state, AttemptState::Dropped);
    let canceled = |nth: usize| {
        let reference = &attempts[nth].reference;
        world.simulator_calls(reference, "cancel", "received")
    };
    assert_eq!((canceled(0).await, canceled(1).await), (1, 0));
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn a_porting_with_the_carriers_cannot_be_canceled() {
    let world = World::new().await;
    let (id, _) = world.port("0115").await;
    world.worker.drain().await;
    let refused = world.cancel(id).await;
    assert!(matches!(
        refused,
        Err(AppError::Business(BusinessCode::PortingNotCancelable, _))
    ));
}

#[tokio::test]
async fn a_porting_scheduled_for_a_later_day_can_still_be_called_off() {
    use portico_domain::porting::Patch;
    use portico_testkit::sample;
    let world = World::new().await;
    let details = DetailsPatch {
        account_pin: Patch::Set(sample::pin("ABC123456")),
        scheduled_on: Patch::Set("2026-03-09".parse().unwrap()),
        ..DetailsPatch::default()
    };
    let draft = world.draft_with("+447700900115", details).await;
    world.subscription_with(&draft).await;
    world.worker.drain().await;
    assert_eq!(world.status(draft.id).await, "requested");

    world.cancel(draft.id).await.expect("its day is to come");
    world.worker.drain().await;
    let reference = world.attempts(draft.id).await[0].reference.clone();
    assert_eq!(
        world
            .simulator_calls(&reference, "cancel", "received")
            .await,
        1
    );
    world.after_seconds(3_600).await;
    assert_eq!(world.status(draft.id).await, "canceled");
    world.check_books(draft.id).await;
    assert_eq!(world.jobs().await, 0);
}
