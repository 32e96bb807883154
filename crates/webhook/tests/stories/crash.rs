//! Dispatchers that die, and dispatchers that share.

use std::{collections::HashSet, sync::Arc};

use portico_domain::id::WebhookEndpointId;
use portico_store::webhooks::{deliveries, senders};
use portico_testkit::receiver::{Behavior, Receiver};

use crate::world::{World, is_delivered};

/// A dispatcher took the delivery, the endpoint got it, and no more was heard.
async fn die_after_sending(world: &World, endpoint: WebhookEndpointId) {
    take_as(world, endpoint, "the dead process").await;
}

/// Takes the only delivery that is due.
async fn take_as(world: &World, endpoint: WebhookEndpointId, name: &str) {
    let name: Arc<str> = name.into();
    let taken = world.app.write(move |tx, _| {
        let name = name.clone();
        Box::pin(async move {
            senders::ensure(tx, &name).await?;
            Ok(deliveries::take(tx, &name, endpoint, 10).await?)
        })
    });
    assert_eq!(taken.await.unwrap().len(), 1);
}

/// A delivery that waits for its second try.
async fn waiting(world: &World, receiver: &Receiver) -> WebhookEndpointId {
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    receiver.set(Behavior::status(500));
    world.user().await;
    world.dispatcher.drain().await;
    receiver.set(Behavior::status(200));
    world.advance(jiff::SignedDuration::from_secs(6));
    endpoint.id
}

#[tokio::test]
async fn killed_before_the_result_is_kept_it_is_sent_again_with_the_same_id() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let endpoint = waiting(&world, &receiver).await;
    die_after_sending(&world, endpoint).await;

    let world = world.restart().await;
    world.dispatcher.drain().await;
    assert_eq!(receiver.count(), 2);
    let received = receiver.received();
    assert_eq!(
        received[0].header("webhook-id"),
        received[1].header("webhook-id")
    );
    assert!(is_delivered(&world.only(endpoint).await));
}

#[tokio::test]
async fn a_lease_runs_out_where_nobody_voids_it() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let endpoint = waiting(&world, &receiver).await;
    die_after_sending(&world, endpoint).await;
    world.after_seconds(14).await;
    assert_eq!(receiver.count(), 1, "somebody else has it");
    world.after_seconds(1).await;
    assert_eq!(receiver.count(), 2);
}

/// As after a commit of which it never heard.
#[tokio::test]
async fn what_this_process_holds_and_knows_nothing_of_is_sent_all_the_same() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let endpoint = waiting(&world, &receiver).await;
    take_as(&world, endpoint, world.dispatcher.name()).await;
    world.dispatcher.drain().await;
    assert_eq!(receiver.count(), 1, "it may be on its way from disk");
    world.dispatcher.drain().await;
    assert_eq!(receiver.count(), 2);
    assert!(is_delivered(&world.only(endpoint).await));
}

#[tokio::test]
async fn what_was_committed_before_the_end_is_sent_by_the_next_process() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    world.endpoint(&receiver.url()).await;
    for _ in 0..20 {
        world.user().await;
    }
    let world = world.restart().await;
    world.dispatcher.drain().await;
    assert_eq!(receiver.count(), 20);
}

#[tokio::test]
async fn told_to_stop_it_gives_back_what_it_has_not_sent() {
    let world = World::new().await;
    let receiver = Receiver::that(Behavior::Silence).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(world.dispatcher.clone().run(async {
        let _ = stopped.await;
    }));
    for _ in 0..60 {
        world.user().await;
    }
    receiver.arrived(1).await;
    stop.send(()).unwrap();
    running.await.unwrap();
    receiver.set(Behavior::status(200));
    let number = |log: Vec<String>, words| log.iter().filter(|it| *it == words).count();
    let log = world.log(endpoint.id).await;
    // What had not been handed to the endpoint yet is still in the outbox.
    let in_outbox = 60 - log.len();
    let waiting = number(log, "waiting 0") + in_outbox;
    assert!(waiting > 0 && waiting < 60);
    // At once: no lease has to run out.
    world.another().drain().await;
    assert_eq!(number(world.log(endpoint.id).await, "delivered 1"), waiting);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_dispatchers_share_the_work_and_send_everything_once() {
    const EVENTS: usize = 300;
    let world = World::new().await;
    let receivers = [Receiver::start().await, Receiver::start().await];
    for receiver in &receivers {
        world.endpoint(&receiver.url()).await;
    }
    let stop = tokio::sync::watch::Sender::new(());
    let running = [world.dispatcher.clone(), world.another()].map(|dispatcher| {
        let mut stopped = stop.subscribe();
        tokio::spawn(dispatcher.run(async move {
            let _ = stopped.changed().await;
        }))
    });
    for _ in 0..EVENTS {
        world.user().await;
    }
    for receiver in &receivers {
        receiver.arrived(EVENTS).await;
    }
    stop.send(()).unwrap();
    for dispatcher in running {
        dispatcher.await.unwrap();
    }
    for receiver in &receivers {
        let ids: HashSet<_> = receiver
            .received()
            .iter()
            .map(|it| it.header("webhook-id").to_owned())
            .collect();
        assert_eq!((ids.len(), receiver.count()), (EVENTS, EVENTS));
    }
}

#[tokio::test]
async fn a_dispatcher_that_comes_back_late_keeps_nothing() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let endpoint = waiting(&world, &receiver).await;
    die_after_sending(&world, endpoint).await;
    world.after_seconds(15).await;
    let delivery = world.only(endpoint).await;
    let late = deliveries::Outcome {
        endpoint,
        id: delivery.id,
        state: portico_domain::webhook::DeliveryState::Failed,
        tries: 9,
        run_at: world.now(),
        attempts: "[]".to_owned(),
    };
    let written = world.app.write(move |tx, _| {
        let late = late.clone();
        Box::pin(async move { Ok(deliveries::settle(tx, "the dead process", &[late]).await?) })
    });
    assert_eq!(written.await.unwrap(), 0);
    assert!(is_delivered(&world.only(endpoint).await));
}
