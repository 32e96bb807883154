//! The worker as the server runs it: woken, polling, and shut down.

use std::{
    future::ready,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use portico_domain::id::PortingId;
use portico_jobs::Worker;
use portico_testkit::{Options, TestApp};
use tokio::sync::oneshot;

use crate::guarded::Guarded;

/// Waits, by looking, until the porting has that status.
async fn until(app: &TestApp, id: PortingId, status: &str) {
    let wait = async {
        while app.porting(id).await.status().as_str() != status {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .unwrap_or_else(|_| panic!("{id} is not {status} after 20 seconds"));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_work_wakes_it_and_a_moved_clock_does_too() {
    let app = TestApp::new().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = Worker::new(app.app.clone()).run(async {
        let _ = stopped.await;
    });
    let worker = tokio::spawn(worker);
    let draft = app.draft("0100").await;
    app.subscription_with(&draft).await;
    until(&app, draft.id, "requested").await;
    app.advance(jiff::SignedDuration::from_secs(2));
    until(&app, draft.id, "completed").await;
    stop.send(()).unwrap();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_lets_a_call_end_and_keeps_its_result() {
    let app = TestApp::with(Options {
        time_scale: 0.01,
        ..Options::default()
    })
    .await;
    let draft = app.draft("0120").await;
    app.subscription_with(&draft).await;
    let reference = format!("{}-1", draft.id);
    let received = async {
        while app.simulator_calls(&reference, "submit", "received").await == 0 {
            tokio::task::yield_now().await;
        }
    };
    Worker::new(app.app.clone()).run(received).await;
    assert_eq!(app.porting(draft.id).await.status().as_str(), "requested");
}

#[tokio::test]
async fn a_panic_in_a_job_puts_it_back_and_the_worker_lives_on() {
    let mut app = TestApp::new().await;
    let was_called = AtomicBool::new(false);
    let defective = Guarded::new(&app.app.db, move |_| {
        assert!(was_called.swap(true, Ordering::SeqCst), "a defect");
        ready(Ok(()))
    });
    app.app = defective.app(&app.app.db);
    let worker = Worker::new(app.app.clone());
    let draft = app.draft("0100").await;
    app.subscription_with(&draft).await;
    worker.drain().await;
    assert_eq!(app.porting(draft.id).await.status().as_str(), "pending");
    app.advance(jiff::SignedDuration::from_secs(1));
    worker.drain().await;
    app.advance(jiff::SignedDuration::from_secs(30));
    worker.drain().await;
    assert_eq!(app.porting(draft.id).await.status().as_str(), "requested");
}
