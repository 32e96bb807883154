//! A network between the nodes and their database that stalls, resets and cuts.

use std::sync::atomic::Ordering::Relaxed;

use portico_testkit::TestDatabase;
use reqwest::StatusCode;
use tokio::{
    task::JoinSet,
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    dice,
    fleet::Fleet,
    load::{Load, link, plan},
    proxy::{Mode, Proxy},
};

/// Shorter than what a node waits for an answer of its database.
const HICCUP: Duration = Duration::from_secs(3);
/// Longer than a node uses a connection again without asking whether it lives. The pace of the test.
const REST: Duration = Duration::from_secs(6);
/// Longer than a node asks, and shorter than it would ask one after the other or wait for an answer.
const SOON: Duration = Duration::from_secs(3);
/// Requests at once, for which a node opens several connections.
const MANY: usize = 12;
/// How long each kind of break lasts. The pace of the test, not a wait for anything.
const BREAK: Duration = Duration::from_millis(200);
const BREAKS: usize = 6;

/// A database, a proxy in front of it, and the URL that leads through it.
async fn behind_a_proxy() -> (TestDatabase, Proxy, String) {
    let database = TestDatabase::postgres().await;
    let mut url = url::Url::parse(&database.url()).unwrap();
    let proxy = Proxy::to(url.port().unwrap()).await;
    url.set_port(Some(proxy.port)).unwrap();
    (database, proxy, url.into())
}

/// Lists and creations, as many of each at once.
async fn many_at_once(client: &Client) {
    let all: JoinSet<_> = (0..MANY)
        .map(|_| {
            let client = client.clone();
            async move {
                let (listed, _) = client.get("plans").await;
                let (created, _) = client.post("plans", &plan()).await;
                (listed, created)
            }
        })
        .collect();
    let expected = (StatusCode::OK, StatusCode::CREATED);
    assert_eq!(all.join_all().await, [expected; MANY]);
}

/// A fleet whose way to the database leads through a proxy.
struct Broken {
    database: TestDatabase,
    proxy: Proxy,
    fleet: Fleet,
    client: Client,
    load: Load,
}

impl Broken {
    async fn new() -> Self {
        let mut dice = dice();
        let (database, proxy, url) = behind_a_proxy().await;
        let fleet = Fleet::start(2, &url, &[]);
        let client = Client::of(&fleet);
        let load = Load::begin(&client, 6, &mut dice).await;
        Self {
            database,
            proxy,
            fleet,
            client,
            load,
        }
    }

    /// Breaks connections for a moment, again and again.
    async fn break_for_moments(&mut self, modes: &[Mode]) {
        for round in 0..BREAKS {
            self.load.go_on_for(30).await;
            self.proxy.set(modes[round % modes.len()]);
            tokio::time::sleep(BREAK).await;
            self.proxy.set(Mode::Forward);
        }
        self.load.go_on_for(30).await;
    }

    async fn end(self) {
        self.load.end(&self.database.url()).await;
        self.fleet.stop();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_the_database_are_reset_and_cut_in_the_middle_of_messages() {
    let mut broken = Broken::new().await;
    broken.break_for_moments(&[Mode::Reset, Mode::Cut]).await;
    broken.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_of_which_nobody_hears_lose_nothing_and_repeat_nothing() {
    let mut broken = Broken::new().await;
    broken.break_for_moments(&[Mode::HangUp]).await;
    let untold = broken.client.tally.unavailable.load(Relaxed);
    assert!(untold >= BREAKS as u64, "{untold} of which nobody heard");
    broken.end().await;
}

/// A link opens once. Who was told that it did not, and opened it, has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_whose_opening_nobody_heard_of_is_open_for_the_browser_that_opened_it() {
    let (_database, proxy, url) = behind_a_proxy().await;
    let fleet = Fleet::start(1, &url, &[]);
    let link = link(&fleet, &Client::of(&fleet)).await;
    let link = url::Url::parse(&link).unwrap();
    let browser = || {
        let browser = reqwest::Client::builder().cookie_store(true);
        browser.build().unwrap()
    };
    let (first, second) = (browser(), browser());
    let parts: Vec<(String, String)> = link.query_pairs().into_owned().collect();
    let open = async |browser: &reqwest::Client| {
        let request = browser.post(link.clone()).form(&parts);
        request.send().await.unwrap().status()
    };
    proxy.set(Mode::HangUp);
    assert_eq!(open(&first).await, StatusCode::SERVICE_UNAVAILABLE);
    proxy.set(Mode::Forward);
    assert_eq!(open(&second).await, StatusCode::GONE, "it is used");
    assert_eq!(open(&first).await, StatusCode::OK);
    fleet.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_stall_of_the_database_is_a_pause_and_no_error() {
    let mut broken = Broken::new().await;
    broken.load.go_on_for(100).await;
    broken.proxy.set(Mode::Stall);
    tokio::time::sleep(HICCUP).await;
    broken.proxy.set(Mode::Forward);
    broken.load.go_on_for(100).await;
    assert_eq!(broken.client.tally.unavailable.load(Relaxed), 0);
    assert!(broken.client.tally.slowest() >= HICCUP, "it was stalled");
    broken.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_were_forgotten_while_they_rested_are_found_out_before_they_are_used() {
    let (_database, proxy, url) = behind_a_proxy().await;
    let fleet = Fleet::start(1, &url, &[]);
    let client = Client::of(&fleet);
    many_at_once(&client).await;
    proxy.forget();
    tokio::time::sleep(REST).await;
    many_at_once(&client).await;
    assert_eq!(client.tally.unavailable.load(Relaxed), 0);
    let slowest = client.tally.slowest();
    assert!(slowest < SOON, "one took {slowest:.1?}");
    fleet.stop();
}

/// The server waits for a client that will never say more, and keeps its locks meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_whose_client_vanished_hold_nobody_up_for_long() {
    let mut broken = Broken::new().await;
    broken.load.go_on_for(100).await;
    broken.proxy.forget();
    broken.load.go_on_for(100).await;
    assert!(broken.client.tally.slowest() >= HICCUP, "some were held up");
    broken.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_stall_of_the_database_leaves_no_request_without_an_answer() {
    let mut broken = Broken::new().await;
    broken.load.go_on_for(100).await;
    broken.proxy.set(Mode::Stall);
    let begun = Instant::now();
    // Every client is told; the limit of a single request is the client's own time-out.
    while broken.client.tally.unavailable.load(Relaxed) < 6 {
        assert!(
            begun.elapsed() < crate::client::LONGEST_REQUEST,
            "no answer"
        );
        tokio::time::sleep(BREAK).await;
    }
    println!("every client was told after {:.1?}", begun.elapsed());
    broken.proxy.set(Mode::Forward);
    broken.load.go_on_for(100).await;
    broken.end().await;
}
