//! Receivers that misbehave.

use std::time::Instant;

use portico_testkit::receiver::{Behavior, Receiver};

use crate::world::{PATIENCE, World};

/// What one delivery to a receiver with that behaviour leaves in the log.
async fn outcome(behavior: Behavior) -> (String, Option<u16>, Option<String>, usize) {
    let world = World::new().await;
    let receiver = Receiver::that(behavior).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    world.user().await;
    world.dispatcher.drain().await;
    let delivery = world.only(endpoint.id).await;
    let attempt = &delivery.attempts[0];
    assert_eq!(delivery.attempts.len(), 1);
    let (status, error) = (attempt.status, attempt.error.clone());
    (
        delivery.state.as_str().to_owned(),
        status,
        error,
        receiver.count(),
    )
}

#[tokio::test]
async fn whoever_does_not_answer_in_time_has_failed() {
    for behavior in [Behavior::Silence, Behavior::SlowHead, Behavior::SlowBody] {
        let failed = ("waiting".to_owned(), None, Some("timedOut".to_owned()), 1);
        assert_eq!(outcome(behavior.clone()).await, failed, "{behavior:?}");
    }
}

#[tokio::test]
async fn whoever_breaks_the_connection_has_failed() {
    for behavior in [Behavior::Hangup, Behavior::Garbage, Behavior::HugeHead] {
        let failed = ("waiting".to_owned(), None, Some("broken".to_owned()), 1);
        assert_eq!(outcome(behavior.clone()).await, failed, "{behavior:?}");
    }
}

#[tokio::test]
async fn a_huge_answer_is_cut_and_counts() {
    let taken = ("delivered".to_owned(), Some(200), None, 1);
    assert_eq!(outcome(Behavior::Huge(50_000_000)).await, taken);
}

#[tokio::test]
async fn nobody_listening_is_a_failure() {
    let world = World::new().await;
    let (endpoint, _) = world.endpoint("http://127.0.0.1:1/").await;
    world.user().await;
    world.dispatcher.drain().await;
    let attempts = world.only(endpoint.id).await.attempts;
    assert_eq!(attempts[0].error.as_deref(), Some("unreachable"));
}

#[tokio::test]
async fn a_connection_the_receiver_closed_meanwhile_costs_no_try() {
    let world = World::new().await;
    let close = vec!["connection: close".to_owned()];
    let receiver = Receiver::that(Behavior::Answer(200, close)).await;
    let (endpoint, _) = world.endpoint(&receiver.url()).await;
    for _ in 0..5 {
        world.user().await;
        world.dispatcher.drain().await;
    }
    assert_eq!(receiver.count(), 5);
    assert_eq!(world.log(endpoint.id).await, ["delivered 1"; 5]);
}

#[tokio::test]
async fn a_dead_endpoint_slows_no_other() {
    let world = World::new().await.patient();
    let live = Receiver::start().await;
    let dead = Receiver::that(Behavior::Silence).await;
    let (live_endpoint, _) = world.endpoint(&live.url()).await;
    let (dead_endpoint, _) = world.endpoint(&dead.url()).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(world.dispatcher.clone().run(async {
        let _ = stopped.await;
    }));
    for _ in 0..100 {
        world.user().await;
    }
    let began = Instant::now();
    live.arrived(100).await;
    // One round of calls to the dead one takes longer than that.
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(live.count(), 100, "none twice");
    assert_eq!(world.log(live_endpoint.id).await, vec!["delivered 1"; 100]);
    let log = world.log(dead_endpoint.id).await;
    assert_eq!(log.len(), 100);
    assert!(
        log.iter().all(|it| it.starts_with("waiting")),
        "nothing is lost"
    );
    let tried = log.iter().filter(|it| *it != "waiting 0").count();
    assert_eq!(tried, dead.count(), "each call is in the log");
}
