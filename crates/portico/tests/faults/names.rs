//! Nodes that nothing tells apart.

use std::collections::BTreeSet;

use portico_testkit::{Books, TestDatabase};

use crate::{client::Client, dice, fleet::Fleet, load::Load};

/// The same environment, host name and all, as copies of one virtual machine have it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_with_one_name_share_no_lease() {
    let mut dice = dice();
    let database = TestDatabase::postgres().await;
    let fleet = Fleet::start(2, &database.url(), &[("HOSTNAME", "portico-0")]);
    let client = Client::of(&fleet);
    let mut load = Load::begin(&client, 6, &mut dice).await;
    let books = Books::at(database.url());
    let mut owners = BTreeSet::new();
    while owners.len() < 2 {
        load.go_on_for(1).await;
        owners.extend(books.lease_owners().await);
    }
    load.go_on_for(100).await;
    load.end(&database.url()).await;
    println!("leases were held by {owners:?}");
    fleet.stop();
}
