use std::{
    future::ready,
    sync::{Arc, Mutex},
};

use jiff::SignedDuration;
use portico_carrier::{Gateway as _, GatewayError, PortRequest};
use portico_jobs::Worker;

use crate::{guarded::Guarded, world::World};

/// A carrier that is too slow for the first call: it carries it out when the test says so, and nobody
/// hears of it.
struct Slow {
    carrier: Guarded,
    first: Arc<Mutex<Option<PortRequest>>>,
}

impl Slow {
    async fn world(breaks: GatewayError) -> (World, Self) {
        let mut world = World::new().await;
        let first = Arc::<Mutex<Option<PortRequest>>>::default();
        let calls = first.clone();
        let carrier = Guarded::new(&world.app.db, move |request| {
            let before = calls.lock().expect("no panic").replace(request);
            let is_first = before.is_none();
            ready(if is_first {
                Err(breaks.clone())
            } else {
                Ok(())
            })
        });
        world.app = carrier.app(&world.app.db);
        world.worker = Worker::new(world.app.clone());
        (world, Self { carrier, first })
    }

    async fn carry_out_the_first_call(&self) {
        let request = self.first.lock().expect("no panic").clone();
        let request = request.expect("a first call");
        let taken = self.carrier.simulator.submit(&request).await;
        taken.expect("it is taken");
    }
}

#[tokio::test]
async fn a_call_that_is_carried_out_after_the_carrier_was_asked_is_not_repeated() {
    for breaks in [GatewayError::TimedOut, GatewayError::CutOff] {
        let (world, slow) = Slow::world(breaks).await;
        let (id, _) = world.port("0100").await;
        world.worker.drain().await;
        world.after_seconds(1).await;
        assert_eq!(world.status(id).await, "pending", "it was asked");
        world.after_seconds(20).await;
        slow.carry_out_the_first_call().await;
        world.after_seconds(10).await;
        assert_eq!(world.status(id).await, "completed");
        world.check_books(id).await;
    }
}

#[tokio::test]
async fn a_call_that_is_never_carried_out_is_repeated_after_half_a_minute() {
    let (world, _) = Slow::world(GatewayError::TimedOut).await;
    let (id, _) = world.port("0100").await;
    world.worker.drain().await;
    world.after_seconds(1).await;
    world.after_seconds(29).await;
    assert_eq!(world.status(id).await, "pending");
    world.after_seconds(1).await;
    assert_eq!(world.status(id).await, "requested");
    world.check_books(id).await;
}

#[tokio::test]
async fn a_call_that_is_carried_out_after_the_porting_was_canceled_is_called_off() {
    let (world, slow) = Slow::world(GatewayError::TimedOut).await;
    let (id, _) = world.port("0100").await;
    world.worker.drain().await;
    world.cancel(id).await.unwrap();
    world.after_seconds(1).await;
    assert_eq!(world.status(id).await, "canceled");
    let reference = &world.attempts(id).await[0].reference;
    let calls = |call| world.simulator_calls(reference, call, "received");
    assert_eq!((calls("submit").await, calls("cancel").await), (0, 0));
    slow.carry_out_the_first_call().await;
    world.after_seconds(30).await;
    assert_eq!((calls("submit").await, calls("cancel").await), (1, 1));
}

#[tokio::test]
async fn neither_a_clock_that_is_put_forward_nor_another_process_shortens_the_wait() {
    let (mut world, slow) = Slow::world(GatewayError::TimedOut).await;
    let (id, _) = world.port("0100").await;
    for _ in 0..3 {
        world.worker.drain().await;
        world.clock.step(SignedDuration::from_hours(1));
        assert_eq!(world.status(id).await, "pending");
    }
    world.worker = Worker::new(world.app.clone());
    world.worker.drain().await;
    assert_eq!(world.status(id).await, "pending");
    slow.carry_out_the_first_call().await;
    world.after_seconds(30).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
}

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
