//! Nodes whose clocks are wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::SignedDuration;
use portico_ambient::ManualClock;
use portico_app::{App, Config};
use portico_carrier::{
    Gateway, GatewayError, Gateways, PortRequest, Portability, Progress, simulator::Simulator,
};
use portico_domain::phone::PhoneNumber;
use portico_jobs::Worker;
use portico_testkit::{Books, TestApp};
use tokio::sync::watch;

/// Long enough for another node to find the attempt that is being sent.
const UNDER_WAY: Duration = Duration::from_millis(1_500);
const TIME_SCALE: f64 = 0.05;

/// A carrier that takes its time before it takes a request, and counts how often it is sent one.
struct Slow {
    inner: Simulator,
    sent: Arc<Mutex<HashMap<String, u32>>>,
}

#[async_trait::async_trait]
impl Gateway for Slow {
    async fn check(&self, to: &str, number: &PhoneNumber) -> Result<Portability, GatewayError> {
        self.inner.check(to, number).await
    }
    async fn submit(&self, request: &PortRequest) -> Result<(), GatewayError> {
        let reference = request.reference.clone();
        {
            let mut sent = self.sent.lock().expect("no holder panics");
            *sent.entry(reference).or_default() += 1;
        }
        tokio::time::sleep(UNDER_WAY).await;
        self.inner.submit(request).await
    }
    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        self.inner.has(reference).await
    }
    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        self.inner.progress(reference).await
    }
    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        self.inner.cancel(reference).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_an_hour_apart_that_step_by_an_hour_send_nothing_twice_and_lose_nothing() {
    let mut test = TestApp::new().await;
    let sent = Arc::<Mutex<HashMap<_, _>>>::default();
    let clocks = [0, 1, -1].map(|hours| {
        let clock = ManualClock::running();
        clock.advance(SignedDuration::from_hours(hours));
        clock
    });
    let mut nodes = Vec::new();
    for clock in &clocks {
        let db = test.node(clock).await.db.clone();
        let inner = Simulator::new(db.clone(), TIME_SCALE);
        let slow = Arc::new(Slow {
            inner,
            sent: sent.clone(),
        });
        let gateways = Gateways::default().with("test", slow);
        nodes.push(App::new(db, gateways, Config::default()));
    }
    let (stop, stopped) = watch::channel(());
    let workers: Vec<_> = nodes
        .iter()
        .map(|node| {
            let mut stopped = stopped.clone();
            let worker = Worker::new(node.clone());
            tokio::spawn(worker.run(async move { while stopped.changed().await.is_ok() {} }))
        })
        .collect();

    let mut portings = Vec::new();
    for round in 0..12 {
        // Two steps while requests are under way.
        match round {
            4 => clocks[0].advance(SignedDuration::from_hours(1)),
            8 => clocks[1].advance(SignedDuration::from_hours(-1)),
            _ => {}
        }
        test.app = nodes[round % nodes.len()].clone();
        let draft = test.draft("0100").await;
        test.subscription_with(&draft).await;
        portings.push(draft.id);
    }
    // In time every clock passes every time that was written down.
    for (clock, hours) in clocks.iter().zip([2, 3, 4]) {
        clock.advance(SignedDuration::from_hours(hours));
    }
    let all_completed = async {
        for id in &portings {
            while test.porting(*id).await.status().as_str() != "completed" {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(40), all_completed)
        .await
        .expect("every porting completes");
    drop(stop);
    for worker in workers {
        worker.await.unwrap();
    }
    let sent = sent.lock().unwrap().clone();
    assert_eq!(sent.len(), portings.len());
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    let totals = Books::at(test.database().url()).check().await;
    println!("{totals}");
}
