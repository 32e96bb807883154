//! When it is tried again, and when no more.

use jiff::SignedDuration;
use portico_domain::webhook::RETRIES;
use portico_metrics::{TryResult, metrics};
use portico_testkit::receiver::{Behavior, Receiver};

use crate::world::World;

const DAY: i64 = 24 * 3_600;

#[tokio::test]
async fn a_failing_delivery_is_tried_on_schedule_and_then_given_up() {
    let world = World::new().await;
    let receiver = Receiver::that(Behavior::status(500)).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    world.dispatcher.drain().await;
    for (tries, pause) in (1..).zip(RETRIES) {
        assert_eq!(receiver.count(), tries);
        let due = world.only(endpoint.id).await.run_at;
        let wait = due.duration_since(world.now()).as_secs();
        assert!(
            (pause..=pause + pause / 10).contains(&wait),
            "{pause} {wait}"
        );
        world.after_seconds(pause - 1).await;
        assert_eq!(receiver.count(), tries, "not before its time");
        world.after_seconds(pause / 10 + 2).await;
    }
    assert_eq!(receiver.count(), 10);
    assert_eq!(world.log(endpoint.id).await, ["failed 10"]);
    world.after_seconds(30 * DAY).await;
    assert_eq!(receiver.count(), 10);
    let ids: std::collections::HashSet<_> = receiver
        .received()
        .iter()
        .map(|it| it.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 1);
    let tries = |result| metrics().webhooks.tries(result);
    assert_eq!(
        (tries(TryResult::Retried), tries(TryResult::GivenUp)),
        (9, 1)
    );
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_nobody_goes_there() {
    let world = World::new().await;
    let secret = Receiver::start().await;
    let there = format!("location: {}", secret.url());
    let receiver = Receiver::that(Behavior::Answer(302, vec![there])).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    world.dispatcher.drain().await;
    assert_eq!((receiver.count(), secret.count()), (1, 0));
    let attempts = world.only(endpoint.id).await.attempts;
    assert_eq!(attempts[0].status, Some(302));
}

#[tokio::test]
async fn gone_disables_at_once() {
    let world = World::new().await;
    let receiver = Receiver::that(Behavior::status(410)).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    world.dispatcher.drain().await;
    let now = world.endpoint_now(endpoint.id).await;
    assert_eq!(now.disabled.map(|it| it.as_str()), Some("gone"));
    world.user().await;
    world.after_seconds(DAY).await;
    assert_eq!(receiver.count(), 1);
    let events = world.events(endpoint.id).await;
    assert_eq!(events[0].kind, "webhookEndpoint.disabled");
    assert_eq!(events[0].data["disabledReason"], "gone");
    assert_eq!(events[0].data["secret"], serde_json::Value::Null);
    assert_eq!(events[0].actor_type, "system");
    let mut tx = world.app.read().await.unwrap();
    let audit = portico_store::audit::of_subject(&mut tx, endpoint.id.as_str()).await;
    let actions: Vec<_> = audit.unwrap().into_iter().map(|it| it.action).collect();
    assert_eq!(
        actions,
        ["webhookEndpoint.created", "webhookEndpoint.disabled"]
    );
    let told = metrics().render();
    assert!(told.contains("portico_webhook_endpoints_disabled_total 1\n"));
}

#[tokio::test]
async fn too_many_requests_holds_the_whole_endpoint() {
    let world = World::new().await;
    let wait = vec!["retry-after: 120".to_owned()];
    let receiver = Receiver::that(Behavior::Answer(429, wait)).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    world.dispatcher.drain().await;
    receiver.set(Behavior::status(204));
    world.user().await;
    world.after_seconds(119).await;
    assert_eq!(receiver.count(), 1, "what came later waits too");
    world.after_seconds(1).await;
    assert_eq!(receiver.count(), 3);
    let mut log = world.log(endpoint.id).await;
    log.sort();
    assert_eq!(log, ["delivered 1", "delivered 2"]);
}

#[tokio::test]
async fn retry_after_of_another_answer_holds_that_delivery_only() {
    let world = World::new().await;
    let date = "retry-after: Mon, 02 Mar 2026 10:30:00 GMT".to_owned();
    let receiver = Receiver::that(Behavior::Answer(500, vec![date])).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    world.dispatcher.drain().await;
    let due = world.only(endpoint.id).await.run_at;
    assert_eq!(due.to_string(), "2026-03-02T10:30:00Z");
    receiver.set(Behavior::status(200));
    world.user().await;
    world.after_seconds(1).await;
    assert_eq!(receiver.count(), 2);
    assert_eq!(world.log(endpoint.id).await, ["waiting 1", "delivered 1"]);
}

#[tokio::test]
async fn five_days_of_failures_disable_and_one_success_does_not_let_it_come_to_that() {
    let world = World::new().await;
    let dead = Receiver::that(Behavior::status(500)).await;
    let (dead_endpoint, _) = world.endpoint(&dead.url()).await;
    let flaky = Receiver::that(Behavior::status(500)).await;
    let (flaky_endpoint, _) = world.endpoint(&flaky.url()).await;
    for day in 0..=5 {
        assert!(
            world
                .endpoint_now(dead_endpoint.id)
                .await
                .disabled
                .is_none(),
            "{day}"
        );
        let works = if day == 3 { 200 } else { 500 };
        flaky.set(Behavior::status(works));
        world.user().await;
        world.dispatcher.drain().await;
        world.advance(SignedDuration::from_secs(DAY));
    }
    let reason = world.endpoint_now(dead_endpoint.id).await.disabled;
    assert_eq!(reason.map(|it| it.as_str()), Some("failing"));
    assert!(
        world
            .endpoint_now(flaky_endpoint.id)
            .await
            .disabled
            .is_none()
    );
    let told = world.event_types(dead_endpoint.id).await;
    assert_eq!(told, ["webhookEndpoint.disabled"]);
}
