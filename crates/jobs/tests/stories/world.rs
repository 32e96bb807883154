use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use jiff::SignedDuration;
use portico_domain::{id::PortingId, porting::Porting, subscription::Subscription};
use portico_jobs::Worker;
use portico_testkit::{Options, TestApp};

/// A test app with a worker.
pub struct World {
    test: TestApp,
    pub worker: Worker,
}

impl Deref for World {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.test
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut TestApp {
        &mut self.test
    }
}

impl World {
    pub async fn new() -> Self {
        Self::around(TestApp::new().await)
    }

    /// A simulator that is silent for 3 s instead of 30, and a worker that waits a fraction of that
    /// for it: long enough for every other call on a busy machine.
    pub async fn in_a_hurry() -> Self {
        let world = Self::with_time_scale(0.1).await;
        let worker = world
            .worker
            .clone()
            .with_gateway_timeout(Duration::from_millis(700));
        Self { worker, ..world }
    }

    pub async fn with_time_scale(time_scale: f64) -> Self {
        let options = Options {
            time_scale,
            ..Options::default()
        };
        Self::around(TestApp::with(options).await)
    }

    fn around(test: TestApp) -> Self {
        let worker = Worker::new(test.app.clone());
        Self { test, worker }
    }

    /// What the next process finds: the same database, a worker of another name, and no lease of
    /// the old one: they were voided, or have run out.
    pub async fn restart(self) -> Self {
        let world = Self::around(self.test.reopen().await);
        world.void_leases().await;
        world
    }

    /// What a start does where one process owns the database, and time does elsewhere.
    pub async fn void_leases(&self) {
        let voided = self.app.write(|tx, _| {
            Box::pin(async move { Ok(portico_store::jobs::void_leases(tx).await?) })
        });
        voided.await.expect("leases can be voided");
    }

    /// A complete porting of `number` on a new subscription, sent off but not yet worked on.
    pub async fn port(&self, number: &str) -> (PortingId, Subscription) {
        let draft = self.draft(number).await;
        let subscription = self.subscription_with(&draft).await;
        (draft.id, subscription)
    }

    /// Moves the clock and does what has become due.
    pub async fn after_seconds(&self, seconds: i64) {
        self.advance(SignedDuration::from_secs(seconds));
        self.worker.drain().await;
    }

    pub async fn status(&self, id: PortingId) -> &'static str {
        self.porting(id).await.status().as_str()
    }

    /// What must hold of every porting at every moment: its events are numbered without a gap,
    /// every attempt the gateway took was received once and requested once.
    pub async fn check_books(&self, id: PortingId) -> Porting {
        let porting = self.porting(id).await;
        let events = self.events(id).await;
        let numbers = events.iter().map(|event| event.sequence);
        assert!(
            numbers.eq((1..).take(events.len())),
            "events are numbered without a gap"
        );
        let attempts = self.attempts(id).await;
        let accepted = attempts.iter().filter(|it| it.accepted_at.is_some());
        let requested = events.iter().filter(|it| it.kind == "porting.requested");
        assert_eq!(
            requested.count(),
            accepted.clone().count(),
            "one event for each accepted attempt"
        );
        for attempt in accepted {
            let calls = |result| self.simulator_calls(&attempt.reference, "submit", result);
            assert_eq!(calls("received").await, 1, "received exactly once");
            assert_eq!(calls("duplicate").await, 0, "never sent twice");
        }
        porting
    }
}
