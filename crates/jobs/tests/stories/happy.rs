use portico_domain::subscription::SubscriptionStatus;

use crate::world::World;

#[tokio::test]
async fn a_porting_completes_and_its_subscription_gets_the_number() {
    let world = World::new().await;
    let (id, subscription) = world.port("0100").await;
    assert_eq!(world.status(id).await, "pending");

    world.worker.drain().await;
    assert_eq!(world.status(id).await, "requested");
    world.after_seconds(1).await;
    assert_eq!(world.status(id).await, "requested");

    world.after_seconds(1).await;
    let porting = world.check_books(id).await;
    assert_eq!(porting.status().as_str(), "completed");
    assert!(porting.details.account_pin.is_none(), "the PIN is erased");
    assert!(porting.details.account_number.is_some());
    assert_eq!(
        world.event_types(id).await,
        [
            "porting.created",
            "porting.updated",
            "porting.updated",
            "porting.requested",
            "porting.updated",
            "porting.completed",
        ]
    );
    let subscription = world.subscription_now(subscription.id).await;
    assert_eq!(subscription.status, SubscriptionStatus::Active);
    assert_eq!(subscription.phone_number.as_deref(), Some("+19595550100"));
    assert_eq!(subscription.activated_at, Some(world.now()));
    let kinds = world.event_types(subscription.id).await;
    assert_eq!(
        kinds.last().map(String::as_str),
        Some("subscription.activated")
    );
}

#[tokio::test]
async fn nothing_is_sent_while_required_data_is_missing() {
    let world = World::new().await;
    let draft = world.empty_draft("0100").await;
    world.subscription_with(&draft).await;
    world.after_seconds(3_600).await;
    assert_eq!(world.status(draft.id).await, "informationRequired");
    assert!(world.attempts(draft.id).await.is_empty());

    let sent = world
        .patch(draft.id, portico_testkit::sample::details())
        .await
        .expect("complete data are taken");
    assert_eq!(sent.status().as_str(), "pending");
    world.worker.drain().await;
    world.after_seconds(2).await;
    assert_eq!(world.status(draft.id).await, "completed");
    world.check_books(draft.id).await;
}

#[tokio::test]
async fn a_delay_is_no_answer_and_the_porting_completes_later() {
    let world = World::new().await;
    let (id, _) = world.port("0122").await;
    world.worker.drain().await;
    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "requested");
    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
    assert_eq!(
        world.answers(id).await,
        ["delayed SIM-6H applied", "completed SIM-00 applied"]
    );
}

#[tokio::test]
async fn the_same_answer_twice_changes_nothing_twice_and_both_are_kept() {
    let world = World::new().await;
    let (id, subscription) = world.port("0123").await;
    world.worker.drain().await;
    world.after_seconds(2).await;
    world.check_books(id).await;
    assert_eq!(
        world.answers(id).await,
        ["completed SIM-00 applied", "completed SIM-00 kept only"]
    );
    for subject in [id.to_string(), subscription.id.to_string()] {
        let kinds = world.event_types(&subject).await;
        let ends = kinds
            .iter()
            .filter(|kind| kind.ends_with(".completed") || kind.ends_with(".activated"));
        assert_eq!(ends.count(), 1, "{subject}");
    }
}

#[tokio::test]
async fn a_number_that_takes_five_minutes_is_waited_for() {
    let world = World::new().await;
    let (id, _) = world.port("0115").await;
    world.worker.drain().await;
    world.after_seconds(299).await;
    assert_eq!(world.status(id).await, "requested");
    world.after_seconds(1).await;
    assert_eq!(world.status(id).await, "completed");
}

#[tokio::test]
async fn numbers_of_the_united_kingdom_and_germany_travel_too() {
    use portico_domain::{
        country::Country, date_input::Birthday, porting::DetailsPatch, porting::Patch,
        service_provider,
    };
    use portico_testkit::sample;
    let world = World::new().await;
    let pac = DetailsPatch {
        account_pin: Patch::Set(sample::pin("abc 123 456")),
        ..DetailsPatch::default()
    };
    let other = service_provider::other(Country::DE).expect("every country has an Other");
    let holder = DetailsPatch {
        first_name: Patch::Set(sample::person_name("Jürgen")),
        last_name: Patch::Set(sample::person_name("Groß-Lüdemann")),
        birthday: Patch::Set(Birthday::from_stored("1980-02-29").expect("a day")),
        donor_provider: Patch::Set(other.id.to_string()),
        ..DetailsPatch::default()
    };
    for (number, details) in [("+447700900100", pac), ("+4915112345678", holder)] {
        let draft = world.draft_with(number, details).await;
        world.subscription_with(&draft).await;
        world.worker.drain().await;
        world.after_seconds(2).await;
        assert_eq!(world.status(draft.id).await, "completed", "{number}");
        world.check_books(draft.id).await;
    }
}
