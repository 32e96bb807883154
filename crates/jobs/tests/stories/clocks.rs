//! Nodes whose clocks are wrong.

use std::{collections::HashMap, time::Duration};

use futures_util::future::join_all;
use jiff::SignedDuration;
use portico_ambient::ManualClock;
use portico_app::App;
use portico_domain::{id::PortingId, porting::Status};
use portico_jobs::Worker;
use portico_testkit::{Books, TestApp};
use tokio::{sync::watch, task::JoinHandle};

use crate::guarded::Guarded;

/// Until every clock has passed every time that was written down, by any of them.
const HOURS: u32 = 4;
/// More than any test takes: what is held is held by the test.
const PATIENCE: Duration = Duration::from_secs(600);

/// Three nodes on one database.
struct Nodes {
    test: TestApp,
    clocks: [ManualClock; 3],
    apps: Vec<App>,
    workers: Vec<Worker>,
    sent: watch::Sender<HashMap<String, u32>>,
    open: watch::Sender<bool>,
}

impl Nodes {
    /// Clocks that show the test's time, an hour more, and an hour less.
    async fn an_hour_apart() -> Self {
        let test = TestApp::new().await;
        let (sent, open) = (watch::Sender::default(), watch::Sender::new(false));
        let clocks = [0, 1, -1]
            .map(|hours| ManualClock::frozen_at(test.now() + SignedDuration::from_hours(hours)));
        let mut apps = Vec::new();
        for clock in &clocks {
            let db = test.node(clock).await.db.clone();
            // It takes no request before the test lets it, and counts how often it is sent one.
            let (sent, open) = (sent.clone(), open.subscribe());
            let held = Guarded::new(&db, move |request| {
                sent.send_modify(|sent: &mut HashMap<_, _>| {
                    *sent.entry(request.reference).or_default() += 1
                });
                let mut open = open.clone();
                async move {
                    open.wait_for(|is_open| *is_open).await.expect("a test");
                    Ok(())
                }
            });
            apps.push(held.app(&db));
        }
        let worker = |app: &App| Worker::new(app.clone()).with_gateway_timeout(PATIENCE);
        Self {
            workers: apps.iter().map(worker).collect(),
            test,
            clocks,
            apps,
            sent,
            open,
        }
    }

    /// Hands in a porting at one node, whose worker begins to send it. Resolves when it is under way.
    async fn begin(&mut self, node: usize) -> (PortingId, JoinHandle<()>) {
        self.test.app = self.apps[node].clone();
        let draft = self.test.draft("0100").await;
        self.test.subscription_with(&draft).await;
        let worker = self.workers[node].clone();
        let mut sent = self.sent.subscribe();
        let before = sent.borrow().len();
        let sending = tokio::spawn(async move { worker.drain().await });
        let is_under_way = |sent: &HashMap<_, _>| sent.len() > before;
        sent.wait_for(is_under_way).await.expect("a carrier");
        (draft.id, sending)
    }

    /// Lets every worker do what it finds due.
    async fn drain(&self) {
        join_all(self.workers.iter().map(Worker::drain)).await;
    }

    /// Whether all of them are completed.
    async fn are_completed(&self, portings: &[PortingId]) -> bool {
        for id in portings {
            if self.test.porting(*id).await.status() != Status::Completed {
                return false;
            }
        }
        true
    }
}

#[tokio::test]
async fn clocks_an_hour_apart_that_step_by_an_hour_send_nothing_twice_and_lose_nothing() {
    let mut nodes = Nodes::an_hour_apart().await;
    let (mut portings, mut under_way) = (Vec::new(), Vec::new());
    for round in 0..12 {
        // Two steps while requests are under way.
        match round {
            4 => nodes.clocks[0].step(SignedDuration::from_hours(1)),
            8 => nodes.clocks[1].step(SignedDuration::from_hours(-1)),
            _ => {}
        }
        let (porting, sending) = nodes.begin(round % 3).await;
        portings.push(porting);
        under_way.push(sending);
        // What the others find due is not what is being sent.
        nodes.drain().await;
    }
    nodes.open.send_replace(true);
    for sending in under_way {
        sending.await.unwrap();
    }
    // In time every clock passes every time that was written down.
    for _ in 0..HOURS {
        for clock in &nodes.clocks {
            clock.advance(SignedDuration::from_hours(1));
        }
        nodes.drain().await;
    }
    assert!(nodes.are_completed(&portings).await);

    let sent = nodes.sent.borrow().clone();
    assert_eq!(sent.len(), portings.len());
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    let totals = Books::at(nodes.test.database().url()).check().await;
    println!("{totals}");
}
