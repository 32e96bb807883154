//! Deliveries come in any order; `sequence` restores it.

use std::collections::BTreeMap;

use portico_testkit::receiver::Receiver;

use crate::world::World;

#[tokio::test]
async fn each_endpoint_can_restore_the_order() {
    let world = World::new().await;
    let receivers = [Receiver::start().await, Receiver::start().await];
    for receiver in &receivers {
        world.endpoint(&receiver.url()).await;
    }
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
    world.dispatcher.drain().await;
    for receiver in &receivers {
        let mut told: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
        for event in receiver.received().iter().map(|it| it.json()) {
            let subject = event["subject"].as_str().unwrap().to_owned();
            let kind = event["type"].as_str().unwrap()["com.portico.".len()..].to_owned();
            let entry = (event["sequence"].as_i64().unwrap(), kind);
            told.entry(subject).or_default().push(entry);
        }
        for porting in &portings {
            let mut story = told.remove(porting.as_str()).unwrap();
            story.sort();
            assert!(story.iter().map(|it| it.0).eq(1..=story.len() as i64));
            let kinds: Vec<_> = story.into_iter().map(|it| it.1).collect();
            assert_eq!(kinds, world.event_types(porting).await);
        }
    }
}
