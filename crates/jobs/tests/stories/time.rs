use jiff::SignedDuration;
use portico_app::portings::PortingPatch;
use portico_domain::{session::SessionStatus, subscription::SubscriptionStatus};

use crate::world::World;

const DAY: i64 = 24 * 3_600;

#[tokio::test]
async fn a_porting_nobody_completes_expires_after_thirty_days() {
    let world = World::new().await;
    let draft = world.empty_draft("0100").await;
    let subscription = world.subscription_with(&draft).await;
    world.after_seconds(30 * DAY - 1).await;
    assert_eq!(world.status(draft.id).await, "informationRequired");
    world.after_seconds(1).await;
    assert_eq!(world.status(draft.id).await, "expired");
    let kinds = world.event_types(draft.id).await;
    assert_eq!(kinds.last().map(String::as_str), Some("porting.expired"));
    let subscription = world.subscription_now(subscription.id).await;
    assert_eq!(subscription.status, SubscriptionStatus::Ended);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn a_declined_porting_expires_too_and_its_answer_is_no_longer_asked_for() {
    let world = World::new().await;
    let (id, _) = world.port("0102").await;
    world.worker.drain().await;
    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "declined");
    world.after_seconds(30 * DAY).await;
    let porting = world.check_books(id).await;
    assert_eq!(porting.status().as_str(), "expired");
    assert!(porting.details.account_pin.is_none());
    assert!(
        world
            .patch(id, PortingPatch::default().details)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn after_a_month_of_silence_of_our_own_the_carrier_is_heard_before_anything_expires() {
    let world = World::new().await;
    let (id, subscription) = world.port("0100").await;
    world.worker.drain().await;
    let world = world.restart().await;
    world.after_seconds(31 * DAY).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
    let subscription = world.subscription_now(subscription.id).await;
    assert_eq!(subscription.status, SubscriptionStatus::Active);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn a_carrier_that_never_answers_is_told_that_it_is_too_late() {
    let world = World::with_time_scale(1_000_000.0).await;
    let (id, _) = world.port("0115").await;
    world.worker.drain().await;
    world.after_seconds(30 * DAY).await;
    assert_eq!(world.status(id).await, "expired");
    world.check_books(id).await;
    let reference = world.attempts(id).await[0].reference.clone();
    assert_eq!(
        world
            .simulator_calls(&reference, "cancel", "received")
            .await,
        1
    );
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn the_carrier_can_say_that_a_porting_expired() {
    let world = World::new().await;
    let (id, subscription) = world.port("0124").await;
    world.worker.drain().await;
    world.after_seconds(10).await;
    assert_eq!(world.status(id).await, "expired");
    world.check_books(id).await;
    let subscription = world.subscription_now(subscription.id).await;
    assert_eq!(subscription.status, SubscriptionStatus::Ended);
}

#[tokio::test]
async fn a_draft_nobody_takes_is_deleted_after_thirty_days() {
    let world = World::new().await;
    let unused = world.draft("0100").await;
    let used = world.draft("0100").await;
    world.subscription_with(&used).await;
    world.worker.drain().await;
    world.after_seconds(30 * DAY - 1).await;
    assert_eq!(world.status(unused.id).await, "draft");
    world.after_seconds(1).await;
    let mut tx = world.app.read().await.unwrap();
    let gone = portico_app::portings::get(&mut tx, &world.project.id, unused.id).await;
    assert!(gone.is_err());
    let kinds = world.event_types(unused.id).await;
    assert_eq!(kinds, ["porting.created", "porting.deleted"]);
    assert_eq!(world.status(used.id).await, "completed");
}

#[tokio::test]
async fn a_link_nobody_opens_is_marked_expired() {
    let world = World::new().await;
    let draft = world.empty_draft("0100").await;
    let subscription = world.subscription_with(&draft).await;
    let (session, _) = world.session(&subscription).await;
    world.advance(SignedDuration::from_mins(30));
    world.worker.drain().await;
    let mut tx = world.app.read().await.unwrap();
    let now = portico_app::sessions::get(&mut tx, &world.project.id, session.id).await;
    assert_eq!(now.unwrap().status, SessionStatus::Expired);
    let kinds = world.event_types(session.id).await;
    assert_eq!(kinds, ["connectSession.created", "connectSession.expired"]);
}
