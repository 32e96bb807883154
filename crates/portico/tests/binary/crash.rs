//! Killed at random moments under load: nothing acknowledged is lost, nothing is sent twice, and
//! nothing secret is left in clear anywhere.
//!
//! The seed is printed; `PORTICO_CRASH_SEED` runs the same choices again.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use portico_testkit::{Books, Dice};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{Home, Server};

const ROUNDS: usize = 8;
const CLIENTS: u64 = 6;
/// They complete: at once, after a delay, told twice, after two refusals of the gateway.
const NUMBERS: [&str; 4] = [
    "+19595550100",
    "+19595550122",
    "+19595550123",
    "+19595550121",
];

/// What the clients were told, and what must not be found in clear.
#[derive(Default)]
struct Told {
    acknowledged: Mutex<Vec<String>>,
    secrets: Mutex<Vec<String>>,
    personal: Mutex<Vec<String>>,
    count: AtomicUsize,
    more: Notify,
}

struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
    books: Arc<Told>,
}

impl Client {
    /// A created resource, or `None` when the server is gone.
    async fn create(&self, path: &str, body: &Value) -> Option<Value> {
        let request = self
            .http
            .post(format!("{}/{path}", self.base))
            .bearer_auth(&self.key);
        let answer = request.json(body).send().await.ok()?;
        let status = answer.status();
        let resource: Value = answer.json().await.ok()?;
        assert_eq!(status, 201, "{path}: {resource}");
        let id = resource["id"].as_str().expect("an id").to_owned();
        let path = format!("{path}/{id}");
        self.books.acknowledged.lock().expect("no panic").push(path);
        self.books.count.fetch_add(1, Ordering::Relaxed);
        self.books.more.notify_one();
        Some(resource)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self
            .http
            .get(format!("{}/{path}", self.base))
            .bearer_auth(&self.key);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// One subscriber after the other, until the server is gone.
    async fn work(self, plan: String, mut dice: Dice) {
        while self.bring_a_number(&plan, &mut dice).await.is_some() {}
    }

    async fn bring_a_number(&self, plan: &str, dice: &mut Dice) -> Option<()> {
        let mark = dice.roll();
        let (pin, account) = (format!("Zq{mark:020}"), format!("AN{mark:020}"));
        let (last_name, street) = (format!("Oak{}", letters(mark)), format!("{mark:020} Elm"));
        self.books
            .secrets
            .lock()
            .expect("no panic")
            .push(pin.clone());
        let personal = [account.clone(), last_name.clone(), street.clone()];
        self.books
            .personal
            .lock()
            .expect("no panic")
            .extend(personal);
        let user = json!({ "email": format!("{mark}@example.com"), "fullName": last_name });
        let user = self.create("users", &user).await?["id"].clone();
        let porting = json!({
            "phoneNumber": NUMBERS[usize::try_from(dice.below(4)).expect("small")],
            "provider": "test",
            "user": user,
            "accountNumber": account,
            "accountPin": pin,
            "firstName": "Thora",
            "lastName": last_name,
            "address": {
                "line1": street, "city": "Portland", "state": "OR", "postalCode": "97205",
                "country": "US",
            },
        });
        let porting = self.create("portings", &porting).await?["id"].clone();
        let subscription = json!({ "plan": plan, "user": user, "porting": porting });
        let subscription = self.create("subscriptions", &subscription).await?["id"].clone();
        let session = json!({
            "user": user,
            "intent": { "type": "completePorting", "completePorting": { "subscription": subscription } },
        });
        let session = self.create("connectSessions", &session).await?;
        let url = session["url"].as_str().expect("a link");
        let token = url.split("token=").nth(1).expect("a token").to_owned();
        self.books.secrets.lock().expect("no panic").push(token);
        Some(())
    }
}

fn letters(mut number: u64) -> String {
    let mut text = String::new();
    while number > 0 {
        text.push(char::from(b'a' + u8::try_from(number % 26).expect("small")));
        number /= 26;
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_nothing_is_lost_sent_twice_or_left_in_clear() {
    let mut dice = Dice::of_environment("PORTICO_CRASH_SEED");
    let home = Home::migrated().with("PORTICO_SIMULATOR_TIME_SCALE", "0.05");
    home.must(&["project", "create", "acme", "--type", "test"]);
    let key = home
        .must(&["api-key", "create", "--project", "acme"])
        .trim()
        .to_owned();
    let books = Arc::<Told>::default();
    books
        .secrets
        .lock()
        .expect("no panic")
        .push(key.rsplit('_').next().expect("a secret").to_owned());
    let client = |server: &Server| Client {
        http: reqwest::Client::new(),
        base: server.url("/projects/acme"),
        key: key.clone(),
        books: books.clone(),
    };
    let server = home.serve();
    let plan =
        json!({ "name": "P", "provider": "test", "price": { "amount": 1, "currency": "USD" } });
    let plan = client(&server)
        .create("plans", &plan)
        .await
        .expect("a plan")["id"]
        .clone();
    let plan = plan.as_str().expect("an id").to_owned();
    let mut logs = server.stop();

    for _ in 0..ROUNDS {
        let mut server = home.serve();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(client(&server).work(plan.clone(), dice.split())))
            .collect();
        let enough = books.count.load(Ordering::Relaxed)
            + usize::try_from(5 + dice.below(80)).expect("small");
        while books.count.load(Ordering::Relaxed) < enough {
            books.more.notified().await;
        }
        // Not to wait for anything, but to hit any point between two answers.
        tokio::time::sleep(Duration::from_micros(dice.below(20_000))).await;
        server.kill();
        let told = server.errors.finish();
        for client in clients {
            let went_well = client.await.is_ok();
            assert!(
                went_well,
                "a client saw something wrong; the server said:\n{told}"
            );
        }
        logs.push_str(&told);
    }

    let server = home.serve();
    let client = client(&server);
    let acknowledged = books.acknowledged.lock().expect("no panic").clone();
    for path in acknowledged {
        assert_eq!(
            client.get(&path).await.0,
            200,
            "{path} was acknowledged and is lost"
        );
    }
    wait_until_nothing_is_on_its_way(&client).await;
    let told = all_events(&client).await;
    logs.push_str(&server.stop());
    check_books(&home).await;

    let secrets = books.secrets.lock().expect("no panic").clone();
    let personal = books.personal.lock().expect("no panic").clone();
    for secret in &secrets {
        let around = told
            .find(secret.as_str())
            .map(|at| &told[at.saturating_sub(80)..at + 20]);
        assert_eq!(around, None, "a secret is in an event");
    }
    let clues = Clues::new(secrets.iter().chain(&personal));
    assert_eq!(clues.found_in(logs.as_bytes()), None, "in a log");
    for (name, bytes) in &home.files() {
        assert_eq!(clues.found_in(bytes), None, "in {name}");
    }
    let stolen = home.database.stolen().await;
    assert_eq!(clues.found_in(&stolen), None, "in the database");
    assert!(stolen.len() > 100_000, "the database was looked at");
}

async fn wait_until_nothing_is_on_its_way(client: &Client) {
    loop {
        let (status, list) = client
            .get("portings?status=pending,requested&limit=1")
            .await;
        assert_eq!(status, 200, "{list}");
        if list["items"].as_array().is_some_and(Vec::is_empty) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn all_events(client: &Client) -> String {
    let mut all = String::new();
    let mut path = "events?limit=200".to_owned();
    loop {
        let (status, list) = client.get(&path).await;
        assert_eq!(status, 200, "{list}");
        all.push_str(&list["items"].to_string());
        match list["moreItemsAfter"].as_str() {
            Some(id) => path = format!("events?limit=200&after={id}"),
            None => return all,
        }
    }
}

/// What the carrier received against what we told, row by row.
async fn check_books(home: &Home) {
    let counts = async |sql: &'static str| {
        let rows = home.database.counts(sql).await;
        rows.into_iter().collect::<BTreeMap<_, _>>()
    };
    let totals = Books::at(home.database.url()).check().await;
    let enough = i64::try_from(ROUNDS).expect("small");
    assert!(
        totals.attempts >= enough,
        "too little was under way: {totals}"
    );
    let others = counts("SELECT state, COUNT(*) FROM attempts GROUP BY state").await;
    assert_eq!(
        others.into_keys().collect::<Vec<_>>(),
        ["answered"],
        "every attempt was answered"
    );
    let ends = counts(
        "SELECT status, COUNT(*) FROM portings WHERE subscription_id IS NOT NULL GROUP BY status",
    );
    assert_eq!(ends.await.into_keys().collect::<Vec<_>>(), ["completed"]);
    let subscriptions = counts("SELECT status, COUNT(*) FROM subscriptions GROUP BY status").await;
    assert_eq!(subscriptions.into_keys().collect::<Vec<_>>(), ["active"]);
}

/// How many first bytes find a text.
const CLUE: usize = 12;

/// Looks for many texts at once.
struct Clues<'a>(HashMap<&'a [u8], Vec<&'a str>>);

impl<'a> Clues<'a> {
    fn new(texts: impl Iterator<Item = &'a String>) -> Self {
        let mut clues = HashMap::<_, Vec<_>>::new();
        for text in texts {
            clues
                .entry(&text.as_bytes()[..CLUE])
                .or_default()
                .push(text.as_str());
        }
        Self(clues)
    }

    fn found_in(&self, bytes: &[u8]) -> Option<&'a str> {
        bytes.windows(CLUE).enumerate().find_map(|(at, start)| {
            let candidates = self.0.get(start)?;
            candidates
                .iter()
                .find(|text| bytes[at..].starts_with(text.as_bytes()))
                .copied()
        })
    }
}

#[test]
fn a_text_in_clear_is_found() {
    let secrets = [
        "Zq01234567890123456789".to_owned(),
        "Zq01234567899999999999".to_owned(),
    ];
    let clues = Clues::new(secrets.iter());
    assert_eq!(
        clues.found_in(b"\0\xffZq01234567899999999999\0"),
        Some(secrets[1].as_str())
    );
    assert_eq!(clues.found_in(b"\0\xffZq0123456789999999999\0"), None);
}
