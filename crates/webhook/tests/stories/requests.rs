//! What arrives.

use jiff::SignedDuration;
use portico_ambient::Clock;
use portico_app::{webhooks, wire::EventResource};
use portico_domain::webhook::EndpointStatus;
use portico_metrics::{TryResult, metrics};
use portico_testkit::receiver::Receiver;

use crate::world::{World, is_signed};

const DAY: i64 = 24 * 3_600;

#[tokio::test]
async fn an_event_arrives_as_the_api_shows_it() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    let user = world.user().await;
    world.dispatcher.drain().await;

    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let request = &received[0];
    assert_eq!(request.line, "POST /hooks HTTP/1.1");
    assert_eq!(
        request.header("content-type"),
        "application/cloudevents+json"
    );
    assert_eq!(request.header("host"), receiver.address().to_string());
    assert!(request.header("user-agent").starts_with("Portico/"));
    let event = world.events(user.id).await.remove(0);
    assert_eq!(request.header("webhook-id"), event.id.as_str());
    let now = world.now().as_second().to_string();
    assert_eq!(request.header("webhook-timestamp"), now);
    let shown = EventResource::new(event, "com.portico.", "http://127.0.0.1:8080");
    assert_eq!(request.body, serde_json::to_string(&shown).unwrap());

    let delivery = world.only(endpoint.id).await;
    assert_eq!(delivery.state.as_str(), "delivered");
    assert_eq!(delivery.event_type, "user.created");
    assert_eq!(delivery.attempts.len(), 1);
    assert_eq!(delivery.attempts[0].status, Some(200));
    assert_eq!(delivery.attempts[0].error, None);
    assert_eq!(metrics().webhooks.tries(TryResult::Delivered), 1);
}

#[tokio::test]
async fn somebody_elses_code_takes_our_signatures_before_and_after_a_rotation() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    // Verifiers look at the machine's clock: at the end of the story it is the same as ours.
    let ahead = Clock::system().now().duration_since(world.now());
    world.advance(ahead - SignedDuration::from_secs(DAY - 60));
    let (endpoint, first) = world.endpoint(&receiver.url()).await;
    let second = world.rotate(endpoint.id).await;
    world.advance(SignedDuration::from_secs(DAY - 60));

    world.user().await;
    world.dispatcher.drain().await;
    assert!(is_signed(&receiver, 0, &first) && is_signed(&receiver, 0, &second));
    let signatures = receiver.received()[0]
        .header("webhook-signature")
        .to_owned();
    assert_eq!(signatures.split(' ').count(), 2);

    world.advance(SignedDuration::from_secs(60));
    world.user().await;
    world.dispatcher.drain().await;
    assert!(!is_signed(&receiver, 1, &first), "a day has passed");
    assert!(is_signed(&receiver, 1, &second));

    let third = world.rotate(endpoint.id).await;
    world.user().await;
    world.dispatcher.drain().await;
    assert!(!is_signed(&receiver, 2, &first));
    assert!(is_signed(&receiver, 2, &second) && is_signed(&receiver, 2, &third));
    let other = world.endpoint(&receiver.url()).await.1;
    assert!(!is_signed(&receiver, 2, &other));
}

#[tokio::test]
async fn an_endpoint_is_told_what_it_asked_for() {
    let world = World::new().await;
    let mut told = Vec::new();
    for types in [
        vec!["com.portico.user.created"],
        vec!["com.portico.subscription.*"],
        vec!["com.portico.porting.*", "com.portico.user.*"],
        vec!["*"],
    ] {
        let receiver = Receiver::start().await;
        world.endpoint_of(&receiver.url(), &types).await;
        told.push(receiver);
    }
    world.subscription().await;
    world.dispatcher.drain().await;
    let types = told.iter().map(|receiver| {
        let mut types: Vec<_> = receiver
            .received()
            .iter()
            .map(|it| it.json()["type"].as_str().unwrap()["com.portico.".len()..].to_owned())
            .collect();
        types.sort();
        types.join(" ")
    });
    assert_eq!(
        types.collect::<Vec<_>>(),
        [
            "user.created",
            "subscription.activated subscription.created",
            "user.created",
            "subscription.activated subscription.created user.created",
        ]
    );
}

#[tokio::test]
async fn a_disabled_endpoint_is_told_nothing_and_goes_on_with_what_waits() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    let status = |status| webhooks::Update {
        status: Some(status),
        ..webhooks::Update::default()
    };
    // Handed over, and disabled before it could be sent.
    receiver.set(portico_testkit::receiver::Behavior::status(500));
    world.dispatcher.drain().await;
    world
        .change(endpoint.id, status(EndpointStatus::Disabled))
        .await;
    receiver.set(portico_testkit::receiver::Behavior::status(200));
    let missed = world.user().await;
    world.after_seconds(3_600).await;
    assert_eq!(receiver.count(), 1);
    let told = world.event_types(endpoint.id).await;
    assert_eq!(told, ["webhookEndpoint.disabled"]);

    world
        .change(endpoint.id, status(EndpointStatus::Enabled))
        .await;
    world.dispatcher.drain().await;
    assert_eq!(receiver.count(), 2);
    assert_eq!(world.log(endpoint.id).await, ["delivered 2"]);

    let event = world.events(missed.id).await.remove(0).id;
    assert_eq!(world.resend(event, None).await, 1);
    world.dispatcher.drain().await;
    assert_eq!(world.log(endpoint.id).await, ["delivered 2", "delivered 1"]);
}

#[tokio::test]
async fn a_deleted_endpoint_is_told_nothing_and_leaves_nothing() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    let id = endpoint.id;
    world
        .app
        .write(move |tx, _| {
            let endpoint = endpoint.clone();
            Box::pin(async move { webhooks::delete(tx, &crate::world::backend(), endpoint).await })
        })
        .await
        .unwrap();
    world.user().await;
    world.dispatcher.drain().await;
    assert_eq!(receiver.count(), 0);
    assert!(world.deliveries(id).await.is_empty());
}

#[tokio::test]
async fn events_are_sent_again_one_by_one_and_by_time() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    let start = world.now();
    let mut ids = Vec::new();
    for _ in 0..4 {
        let user = world.user().await;
        ids.push(world.events(user.id).await.remove(0).id.to_string());
        world.after_seconds(10).await;
    }
    assert_eq!(receiver.count(), 4);
    assert_eq!(
        world
            .resend(ids[3].parse().unwrap(), Some(endpoint.id))
            .await,
        1
    );
    world.dispatcher.drain().await;
    let last = receiver.received().remove(4);
    assert_eq!(last.header("webhook-id"), ids[3], "the same id again");

    let range = (
        start + SignedDuration::from_secs(10),
        start + SignedDuration::from_secs(30),
    );
    let again = world.app.write(move |tx, _| {
        let endpoint = endpoint.clone();
        Box::pin(async move { webhooks::redeliver_range(tx, &endpoint, range, None).await })
    });
    assert_eq!(again.await.unwrap(), 2);
    world.dispatcher.drain().await;
    let mut again: Vec<_> = receiver.received()[5..]
        .iter()
        .map(|it| it.header("webhook-id").to_owned())
        .collect();
    again.sort();
    assert_eq!(again, ids[1..3]);
}
