//! A new version is brought in, node by node.

use std::sync::atomic::Ordering::Relaxed;

use portico_testkit::TestDatabase;

use crate::{client::Client, dice, fleet::Fleet, load::Load};

const NODES: usize = 3;
/// Long enough for a load balancer that asks several times a second.
const GRACE: (&str, &str) = ("PORTICO_STOP_GRACE_SECONDS", "1");

/// Behind a load balancer that only uses nodes whose `/readyz` is 200.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_upgrade_loses_no_request() {
    let mut dice = dice();
    let database = TestDatabase::postgres().await;
    let mut fleet = Fleet::start(NODES, &database.url(), &[GRACE]);
    let _balancer = fleet.addresses.clone().watch_readiness();
    let client = Client::of(&fleet);
    let mut load = Load::begin(&client, 6, &mut dice).await;
    for node in 0..NODES {
        load.go_on_for(30).await;
        fleet.terminate(node);
        load.go_on_for(30).await;
        fleet.serve(node);
    }
    load.end(&database.url()).await;
    let tally = &client.tally;
    let failed = [&tally.refused, &tally.broken, &tally.unavailable];
    assert_eq!(failed.map(|it| it.load(Relaxed)), [0, 0, 0], "{tally}");
    fleet.stop();
}
