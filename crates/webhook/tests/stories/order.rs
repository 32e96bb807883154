//! Deliveries come in any order, and some more than once; `sequence` restores it.

use futures_util::future::join_all;
use portico_app::webhooks;
use portico_domain::{id::PortingId, webhook::EndpointStatus};
use portico_testkit::receiver::{Behavior, Received, Receiver};

use crate::world::{World, is_delivered};

/// Portings that go all the way, and one that is declined.
async fn portings(world: &World) -> Vec<PortingId> {
    let mut portings = Vec::new();
    for number in ["0100", "0110", "0105"] {
        let draft = world.draft(number).await;
        world.subscription_with(&draft).await;
        portings.push(draft.id);
    }
    let worker = portico_jobs::Worker::new(world.app.clone());
    for _ in 0..6 {
        worker.drain().await;
        world.advance(jiff::SignedDuration::from_secs(2));
    }
    portings
}

/// What these requests tell of a resource, put in order; nothing of it may be missing.
fn story(requests: &[Received], subject: &str) -> Vec<String> {
    let events = requests.iter().map(Received::json);
    let about = events.filter(|event| event["subject"] == subject);
    let mut told: Vec<(i64, String)> = about
        .map(|event| {
            let kind = event["type"].as_str().unwrap()["com.portico.".len()..].to_owned();
            (event["sequence"].as_i64().unwrap(), kind)
        })
        .collect();
    told.sort();
    told.dedup();
    assert!(told.iter().map(|it| it.0).eq(1..=told.len() as i64));
    told.into_iter().map(|it| it.1).collect()
}

#[tokio::test]
async fn each_endpoint_can_restore_the_order() {
    let world = World::new().await;
    let receivers = [Receiver::start().await, Receiver::start().await];
    for receiver in &receivers {
        world.endpoint(&receiver.url()).await;
    }
    let portings = portings(&world).await;
    world.dispatcher.drain().await;
    for receiver in &receivers {
        for porting in &portings {
            let told = story(&receiver.received(), porting.as_str());
            assert_eq!(told, world.event_types(porting).await);
        }
    }
}

/// A receiver misbehaves, or is not there, whenever it is called; some time later it is well.
async fn recovers(behavior: Option<Behavior>) {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let url = match &behavior {
        Some(behavior) => {
            receiver.set(behavior.clone());
            receiver.url()
        }
        None => "http://127.0.0.1:1/".to_owned(),
    };
    let (endpoint, _) = world.endpoint(&url).await;
    let portings = portings(&world).await;
    world.dispatcher.drain().await;
    let tried = receiver.count();
    assert_eq!(tried > 0, behavior.is_some());
    let waiting = world.deliveries(endpoint.id).await.len();
    receiver.set(Behavior::status(200));
    let well = webhooks::Update {
        url: Some(receiver.url()),
        status: Some(EndpointStatus::Enabled),
        ..webhooks::Update::default()
    };
    world.change(endpoint.id, well).await;
    world.after_seconds(3_600).await;

    let (all, log) = (receiver.received(), world.deliveries(endpoint.id).await);
    println!(
        "{behavior:?}: {waiting} events, {tried} requests before, {} in all",
        all.len()
    );
    assert!(log.iter().all(is_delivered), "{behavior:?}: {log:?}");
    for request in &all {
        assert_eq!(request.header("webhook-id"), request.json()["id"]);
    }
    for porting in &portings {
        let told = story(&all[tried..], porting.as_str());
        assert_eq!(told, world.event_types(porting).await, "{behavior:?}");
    }
}

#[tokio::test]
async fn whatever_a_receiver_did_it_has_every_event_and_its_place_in_the_end() {
    let mut behaviors = vec![
        None,
        Some(Behavior::Silence),
        Some(Behavior::SlowHead),
        Some(Behavior::SlowBody),
        Some(Behavior::Hangup),
        Some(Behavior::Garbage),
        Some(Behavior::HugeHead),
    ];
    behaviors.extend([302, 410, 429, 500].map(|status| Some(Behavior::status(status))));
    join_all(behaviors.into_iter().map(recovers)).await;
}
