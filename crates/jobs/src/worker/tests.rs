use portico_testkit::TestApp;

use super::*;

/// Claims the one job that is due.
async fn claim_one(worker: &Worker) -> Running {
    let mut claimed = worker.claim(CONCURRENCY).await.expect("the store answers");
    assert_eq!(claimed.len(), 1, "one job is due");
    claimed.remove(0)
}

async fn assert_sent_once(app: &TestApp, reference: &str) {
    let calls = |result| app.simulator_calls(reference, "submit", result);
    assert_eq!((calls("received").await, calls("duplicate").await), (1, 0));
}

/// A job that was put back and fell due at once can be claimed while its first run is still on its
/// way out. That claim counts: dropped, it would block the job until its lease runs out.
#[tokio::test]
async fn a_job_claimed_again_before_its_first_run_has_ended_is_run_after_it() {
    let app = TestApp::new().await;
    let worker = Worker::new(app.app.clone());
    let draft = app.draft("0100").await;
    app.subscription_with(&draft).await;
    let first = claim_one(&worker).await;
    first.held.put_back(app.now()).await.expect("it is held");
    let second = claim_one(&worker).await;
    assert_eq!(second.held.job.id, first.held.job.id);
    drop(first);
    work(second).await;
    assert_eq!(app.porting(draft.id).await.status().as_str(), "requested");
    assert_sent_once(&app, &format!("{}-1", draft.id)).await;
    assert!(worker.turns.lock().expect("no panic").is_empty());
}

/// A lease that could not be renewed is taken over, even by the worker that still runs the job.
#[tokio::test]
async fn a_job_claimed_twice_is_never_run_beside_itself() {
    let app = TestApp::new().await;
    let worker = Worker::new(app.app.clone()).with_lease_patience(Duration::ZERO);
    let draft = app.draft("0100").await;
    app.subscription_with(&draft).await;
    worker.leases().is_time_to_look(Instant::now(), POLL);
    let first = claim_one(&worker).await;
    *worker.leases() = Leases::default();
    let second = worker.take_over(1).await.pop().expect("it is abandoned");
    tokio::join!(work(first), work(second));
    assert_eq!(app.porting(draft.id).await.status().as_str(), "requested");
    assert_sent_once(&app, &format!("{}-1", draft.id)).await;
    assert!(worker.turns.lock().expect("no panic").is_empty());
}

/// Others may have taken it over by then.
#[tokio::test]
async fn a_job_whose_lease_has_stood_for_too_long_is_put_back_before_anything_is_sent() {
    let app = TestApp::new().await;
    let worker = Worker::new(app.app.clone());
    let draft = app.draft("0100").await;
    app.subscription_with(&draft).await;
    let mut claimed = claim_one(&worker).await;
    claimed.since -= 2 * LEASE.unsigned_abs();
    work(claimed).await;
    let reference = format!("{}-1", draft.id);
    assert_eq!(
        app.simulator_calls(&reference, "submit", "received").await,
        0
    );
    let again = worker
        .claim_due(CONCURRENCY)
        .await
        .expect("the store answers");
    assert!(again.is_empty(), "after a pause");
    app.clock.advance(SignedDuration::from_secs(1));
    work(claim_one(&worker).await).await;
    assert_sent_once(&app, &reference).await;
}
