//! What a dead process leaves behind, and what the next one makes of it.

use std::{sync::Arc, time::Duration};

use portico_app::portings::{self, Submission};
use portico_carrier::PortRequest;
use portico_jobs::Worker;
use portico_store::{attempts::AttemptState, jobs};

use crate::world::World;

/// A worker claimed the attempt, wrote down that it is about to be sent, and no more was heard.
async fn begin(world: &World, reference: &str) -> Box<PortRequest> {
    let reference = reference.to_owned();
    let begun = world.app.write(move |tx, _| {
        let reference = reference.clone();
        Box::pin(async move {
            let claimed = jobs::claim(tx, "the dead process", 16).await?;
            assert!(claimed.iter().any(|job| job.subject == reference));
            portings::begin_submission(tx, &reference).await
        })
    });
    match begun.await.expect("the attempt can be begun") {
        Submission::Send(request) => request,
        other => panic!("expected to send, got {other:?}"),
    }
}

#[tokio::test]
async fn killed_before_the_call_the_request_is_sent_by_the_next_process() {
    let world = World::new().await;
    let (id, _) = world.port("0100").await;
    let reference = world.attempts(id).await[0].reference.clone();
    begin(&world, &reference).await;

    let world = world.restart().await;
    assert_eq!(world.attempts(id).await[0].state, AttemptState::Sending);
    world.worker.drain().await;
    assert_eq!(
        world.status(id).await,
        "pending",
        "the call may be under way"
    );
    world.after_seconds(30).await;
    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
}

#[tokio::test]
async fn killed_after_the_call_the_request_is_found_at_the_gateway_and_not_sent_again() {
    let world = World::new().await;
    let (id, _) = world.port("0100").await;
    let reference = world.attempts(id).await[0].reference.clone();
    let request = begin(&world, &reference).await;
    let gateway = world.app.gateways.find("test").unwrap().clone();
    gateway.submit(&request).await.unwrap();

    let world = world.restart().await;
    world.worker.drain().await;
    world.after_seconds(2).await;
    assert_eq!(world.status(id).await, "completed");
    world.check_books(id).await;
}

#[tokio::test]
async fn a_refusal_that_comes_after_the_porting_was_canceled_is_called_off() {
    let world = World::new().await;
    let (id, _) = world.port("0102").await;
    let reference = world.attempts(id).await[0].reference.clone();
    let request = begin(&world, &reference).await;
    let gateway = world.app.gateways.find("test").unwrap().clone();
    gateway.submit(&request).await.unwrap();
    world.cancel(id).await.unwrap();
    world.advance(jiff::SignedDuration::from_secs(2));
    let said = Arc::new(gateway.progress(&reference).await.unwrap().answers);
    let refused = world.app.write(move |tx, _| {
        let (said, reference) = (said.clone(), request.reference.clone());
        Box::pin(async move { portings::refused(tx, &reference, &said).await })
    });
    refused.await.unwrap();
    let world = world.restart().await;
    world.worker.drain().await;
    assert_eq!(world.status(id).await, "canceled");
    let canceled = world.simulator_calls(&reference, "cancel", "received");
    assert_eq!(canceled.await, 1);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn a_lease_that_nobody_renews_is_taken_over() {
    let world = World::new().await;
    let (id, _) = world.port("0100").await;
    let reference = world.attempts(id).await[0].reference.clone();
    begin(&world, &reference).await;
    // What clocks say does not matter.
    world.after_seconds(3_600).await;
    assert_eq!(world.status(id).await, "pending", "somebody else has it");
    let patient = Worker::new(world.app.clone()).with_lease_patience(Duration::ZERO);
    patient.drain().await;
    assert_eq!(world.status(id).await, "pending", "it may have been sent");
    world.advance(jiff::SignedDuration::from_secs(30));
    patient.drain().await;
    assert_eq!(world.status(id).await, "requested");
    world.check_books(id).await;
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_keeps_nothing() {
    let world = World::with_time_scale(0.05).await;
    let (id, _) = world.port("0120").await;
    // The first worker hangs in its call while a second one takes the job over.
    let slow = world.worker.clone();
    let other = Worker::new(world.app.clone());
    let take_over = async {
        let reference = format!("{id}-1");
        while world
            .simulator_calls(&reference, "submit", "received")
            .await
            == 0
        {
            tokio::task::yield_now().await;
        }
        world.void_leases().await;
        other.drain().await;
    };
    tokio::join!(slow.drain(), take_over);
    assert_eq!(world.status(id).await, "requested");
    world.check_books(id).await;
    assert_eq!(world.jobs().await, 2, "one to watch, one to expire");
}
