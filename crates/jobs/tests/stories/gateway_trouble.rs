use jiff::SignedDuration;

use crate::world::World;

#[tokio::test]
async fn a_silent_gateway_is_asked_before_anything_is_sent_again() {
    let world = World::in_a_hurry().await;
    let (id, _) = world.port("0120").await;
    world.worker.drain().await;
    assert_eq!(world.status(id).await, "pending", "no answer in time");

    world.after_seconds(1).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
    let attempts = world.attempts(id).await;
    assert_eq!((attempts.len(), attempts[0].calls), (1, 2));
}

#[tokio::test]
async fn a_gateway_that_refuses_twice_gets_the_request_when_it_is_back() {
    let world = World::new().await;
    let (id, _) = world.port("0121").await;
    world.worker.drain().await;
    assert_eq!(world.status(id).await, "pending");
    world.after_seconds(1).await;
    assert_eq!(world.status(id).await, "pending");
    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "requested");
    world.after_seconds(2).await;
    world.check_books(id).await;
    assert_eq!(world.status(id).await, "completed");
    let reference = &world.attempts(id).await[0].reference;
    let refused = world
        .simulator_calls(reference, "submit", "unavailable")
        .await;
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn a_job_that_waits_for_its_gateway_does_not_hold_up_the_others() {
    let world = World::in_a_hurry().await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(world.port("0120").await.0);
    }
    let (quick, _) = world.port("0100").await;
    world.worker.drain().await;
    assert_eq!(world.status(quick).await, "requested");
    world.advance(SignedDuration::from_secs(2));
    world.worker.drain().await;
    for id in silent {
        world.check_books(id).await;
        assert_eq!(world.status(id).await, "completed");
    }
}

#[tokio::test]
async fn work_of_a_kind_this_version_does_not_know_is_left_for_later() {
    let world = World::new().await;
    world
        .app
        .write(|tx, _| {
            Box::pin(async move {
                let now = tx.now();
                Ok(portico_store::jobs::enqueue(tx, "later.version", "x", now).await?)
            })
        })
        .await
        .unwrap();
    let (id, _) = world.port("0100").await;
    world.worker.drain().await;
    assert_eq!(world.status(id).await, "requested");
    world.after_seconds(2).await;
    assert_eq!(world.jobs().await, 1);
}
