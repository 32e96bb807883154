//! The real thing: operations on a real database, and a worker that may die.

mod shown;
mod steps;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use portico_app::{App, Config};
use portico_carrier::Gateways;
use portico_domain::id::{PlanId, PortingId, SubscriptionId, UserId};
use portico_jobs::Worker;
use portico_store::jobs;
use portico_testkit::{Books, TestApp, die_after};

use crate::{
    gateway::Scripted,
    story::{Carrier, Reason},
};

const PINS: [&str; 2] = ["1110", "2220"];
const ACCOUNTS: [&str; 2] = ["8830014470", "8830014471"];
const REASONS: [Reason; 4] = [
    Reason::Pin,
    Reason::Account,
    Reason::Protected,
    Reason::Other,
];
/// Longer than any pause between two tries.
const A_WHILE: SignedDuration = SignedDuration::from_mins(10);
/// Longer than a draft lives and than a porting may take.
const A_MONTH: SignedDuration = SignedDuration::from_hours(31 * 24);

/// What all stories share.
pub struct World {
    test: TestApp,
    worker: Worker,
    gateway: Arc<Scripted>,
    plan: PlanId,
    scenes: AtomicU32,
}

/// The people and numbers of one story.
pub struct Scene<'w> {
    world: &'w World,
    user: UserId,
    numbers: [String; 2],
    portings: Vec<PortingId>,
    subscriptions: Vec<SubscriptionId>,
    porting_in: [Option<PortingId>; 2],
    subscription_in: [Option<SubscriptionId>; 2],
}

impl World {
    pub async fn new() -> Self {
        let mut test = TestApp::new().await;
        let gateway = Arc::new(Scripted::new());
        let gateways = Gateways::default().with("test", gateway.clone());
        test.app = App::new(test.app.db.clone(), gateways, Config::default());
        let plan = test.plan().await.id;
        Self {
            worker: Worker::new(test.app.clone()),
            test,
            gateway,
            plan,
            scenes: AtomicU32::new(0),
        }
    }

    pub async fn scene(&self) -> Scene<'_> {
        let scene = self.scenes.fetch_add(1, Ordering::Relaxed);
        self.gateway.behave(Carrier::Answers);
        let number = |nth: u32| format!("+1212{:07}", 2_000_000 + 2 * scene + nth);
        Scene {
            world: self,
            user: self.test.user().await.id,
            numbers: [number(0), number(1)],
            portings: Vec::new(),
            subscriptions: Vec::new(),
            porting_in: [None; 2],
            subscription_in: [None; 2],
        }
    }

    /// How many portings came to which end.
    pub async fn statuses(&self) -> Vec<(String, i64)> {
        Books::at(self.test.database().url()).statuses().await
    }

    async fn work(&self) {
        self.test.advance(A_WHILE);
        self.worker.drain().await;
    }

    /// A worker dies at the point where it would wait the `turns`th time; what it had begun to
    /// write may still be written. Another goes on until nothing is held any more, and until what may have
    /// been sent can be sent again.
    async fn work_and_die(&self, turns: usize) {
        self.test.advance(A_WHILE);
        let worker = Worker::new(self.test.app.clone());
        die_after(turns, worker.drain()).await;
        loop {
            let worker = self.worker.clone();
            worker.with_lease_patience(Duration::ZERO).drain().await;
            let mut tx = self.test.app.read().await.unwrap();
            if jobs::leases(&mut tx).await.unwrap().is_empty() {
                break;
            }
        }
        self.work().await;
    }
}
