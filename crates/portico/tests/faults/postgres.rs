//! A PostgreSQL that goes away and comes back, or that another one takes over from.

use portico_testkit::PostgresServer;
use reqwest::StatusCode;
use tokio::{
    task::JoinSet,
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    dice,
    fleet::Fleet,
    load::{Load, link},
};

/// After the database is back, nobody may see trouble for longer.
const RECOVERY: Duration = Duration::from_secs(3);
/// More than a node has connections for reading.
const READERS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_restarted_and_killed_under_load() {
    let mut dice = dice();
    let mut server = PostgresServer::new().await;
    let fleet = Fleet::start(2, &server.url(), &[]);
    let client = Client::of(&fleet);
    let mut load = Load::begin(&client, 6, &mut dice).await;
    load.go_on_for(120).await;
    server.stop();
    server.start().await;
    let mut back = Instant::now();
    load.go_on_for(120).await;
    assert_calm(&client, back);
    server.kill();
    server.start().await;
    back = Instant::now();
    load.go_on_for(120).await;
    load.end(&server.url()).await;
    assert_calm(&client, back);
    fleet.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_primary_is_killed_and_its_synchronous_standby_takes_over() {
    let mut dice = dice();
    let mut primary = PostgresServer::new().await;
    let standby = primary.synchronous_standby().await;
    let url = PostgresServer::url_of(&[&primary, &standby]);
    let fleet = Fleet::start(2, &url, &[]);
    let client = Client::of(&fleet);
    let mut load = Load::begin(&client, 6, &mut dice).await;
    load.go_on_for(150).await;
    primary.kill();
    standby.promote().await;
    let back = Instant::now();
    load.go_on_for(150).await;
    load.end(&standby.url()).await;
    assert_calm(&client, back);
    fleet.stop();
}

/// A subscriber who opens a page meanwhile waits for it, and sees no error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_waits_for_a_postgresql_that_comes_back() {
    let mut server = PostgresServer::new().await;
    let fleet = Fleet::start(1, &server.url(), &[]);
    let link = link(&fleet, &Client::of(&fleet)).await;
    assert_eq!(opened(&link).await, [StatusCode::OK; READERS]);
    server.stop();
    let asked = tokio::spawn(async move { opened(&link).await });
    server.start().await;
    assert_eq!(asked.await.unwrap(), [StatusCode::OK; READERS]);
    fleet.stop();
}

/// What so many see who open a link at once.
async fn opened(link: &str) -> Vec<StatusCode> {
    let client = reqwest::Client::new();
    let pages = (0..READERS).map(|_| client.get(link).send());
    let pages: JoinSet<_> = pages.collect();
    let pages = pages.join_all().await;
    pages
        .into_iter()
        .map(|page| page.unwrap().status())
        .collect()
}

/// Nobody saw trouble later than a moment after the database was `back`.
fn assert_calm(client: &Client, back: Instant) {
    let last = client.tally.last_trouble();
    let later = last.map(|at| at.saturating_duration_since(back));
    assert!(
        later.is_none_or(|later| later < RECOVERY),
        "trouble {later:?} after the database was back: {}",
        client.tally
    );
}
