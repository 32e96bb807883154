//! Nodes that die.

use std::time::Duration;

use portico_testkit::TestDatabase;

use crate::{client::Client, dice, fleet::Fleet, load::Load};

const NODES: usize = 3;
const KILLS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_is_killed_every_second_and_the_others_take_its_work_over() {
    let mut dice = dice();
    let database = TestDatabase::postgres().await;
    let mut fleet = Fleet::start(NODES, &database.url(), &[]);
    let client = Client::of(&fleet);
    let mut load = Load::begin(&client, 6, &mut dice).await;
    // The pace of the test, not a wait for anything.
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.tick().await;
    for _ in 0..KILLS {
        second.tick().await;
        let node = *dice.pick(&[0, 1, 2]);
        fleet.kill(node);
        load.go_on_for(10).await;
        fleet.serve(node);
    }
    load.end(&database.url()).await;
    fleet.stop();
}
