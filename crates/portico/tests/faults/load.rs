//! Subscribers who bring their numbers, one after the other, and the proof afterwards.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use portico_testkit::{Books, Dice, Totals};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Duration, Instant},
};

use crate::{
    client::{Client, Tally},
    fleet::Fleet,
    receiver::Receiver,
};

/// They complete: at once, after a decline that asks for another PIN, after one that asks for
/// nothing, after two refusals of the gateway, after a delay, told twice.
const NUMBERS: [&str; 6] = ["0100", "0110", "0103", "0121", "0122", "0123"];
/// One of so many portings is called off right after it was confirmed.
const CANCELED: u64 = 8;
/// How long what is under way may take to end. A dead node's leases run out within 15 s, and what it was about
/// to hand in is handed in when somebody has known of it for 30 s.
const SETTLING: Duration = Duration::from_secs(120);
/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Clients at work.
pub struct Load {
    client: Client,
    clients: JoinSet<()>,
    told: Arc<Told>,
    receiver: Receiver,
}

/// What the clients were told.
#[derive(Default)]
struct Told {
    is_over: AtomicBool,
    /// Where to find each resource whose creation was acknowledged.
    created: Mutex<Vec<String>>,
    confirmed: Mutex<Vec<String>>,
    canceled: Mutex<Vec<String>>,
}

impl Load {
    /// Begins with so many clients at once, and an endpoint that is told of everything.
    pub async fn begin(client: &Client, clients: usize, dice: &mut Dice) -> Self {
        let receiver = Receiver::of(client).await;
        let plan = id(&new(client, "plans", plan()).await);
        let mut load = Self {
            client: client.clone(),
            clients: JoinSet::new(),
            told: Arc::default(),
            receiver,
        };
        for _ in 0..clients {
            let subscriber = Subscribers {
                client: client.clone(),
                told: load.told.clone(),
                plan: plan.clone(),
                dice: dice.split(),
            };
            load.clients.spawn(subscriber.work());
        }
        load
    }

    /// Waits until so many more requests were acknowledged.
    pub async fn go_on_for(&mut self, acknowledged: u64) {
        let enough = self.client.tally.acknowledged.load(Relaxed) + acknowledged;
        self.wait_for(|tally| tally.acknowledged.load(Relaxed) >= enough)
            .await;
    }

    /// Waits until something is true of what the clients met.
    pub async fn wait_for(&mut self, is_true: impl Fn(&Tally) -> bool) {
        let tally = self.client.tally.clone();
        let deadline = Instant::now() + SETTLING;
        while !is_true(&tally) {
            assert!(Instant::now() < deadline, "nothing goes on: {tally}");
            self.no_client_failed();
            tokio::time::sleep(LOOK).await;
        }
    }

    fn no_client_failed(&mut self) {
        while let Some(ended) = self.clients.try_join_next() {
            ended.expect("no client saw anything wrong");
        }
    }

    /// Lets everything end and proves what came of it, with the books in the database at
    /// `database_url`.
    pub async fn end(self, database_url: &str) -> Totals {
        let client = self.client.clone();
        let receiver = self.finish().await;
        quiet(|| Books::at(database_url)).await;
        prove(&client, &receiver, &Books::at(database_url)).await
    }

    /// Lets every client finish what it began, waits until every porting has ended, and reads back
    /// everything that was acknowledged. Who was told of it all.
    pub async fn finish(mut self) -> Receiver {
        self.told.is_over.store(true, Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("no client saw anything wrong");
        }
        self.settle().await;
        self.read_back().await;
        self.receiver
    }

    async fn settle(&self) {
        let deadline = Instant::now() + SETTLING;
        loop {
            let open = "portings?status=pending,requested,declined&limit=200";
            let (status, list) = self.client.get(open).await;
            assert_eq!(status, 200, "{list}");
            let open = list["items"].as_array().unwrap();
            let Some(first) = open.first() else { return };
            assert!(
                Instant::now() < deadline,
                "{} portings never end, the first: {first}",
                open.len()
            );
            for porting in open.iter().filter(|it| it["status"] == "declined") {
                repair(&self.client, porting).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn read_back(&self) {
        let created = std::mem::take(&mut *self.told.created.lock().unwrap());
        for path in &created {
            let (status, _) = self.client.get(path).await;
            assert_eq!(status, 200, "{path} was acknowledged and is lost");
        }
        let canceled = std::mem::take(&mut *self.told.canceled.lock().unwrap());
        let confirmed = std::mem::take(&mut *self.told.confirmed.lock().unwrap());
        for id in &confirmed {
            let (_, porting) = self.client.get(&format!("portings/{id}")).await;
            let expected = match canceled.contains(id) {
                true => "canceled",
                false => "completed",
            };
            assert_eq!(porting["status"], expected, "{porting}");
        }
        println!(
            "{} resources acknowledged and read back, {} portings confirmed, {} of them canceled",
            created.len(),
            confirmed.len(),
            canceled.len()
        );
        assert!(
            confirmed.len() >= 10,
            "too little was done to prove a thing"
        );
    }
}

/// Waits until every gateway has been asked and told everything.
pub async fn quiet(books: impl Fn() -> Books) {
    let deadline = Instant::now() + SETTLING;
    loop {
        let under_way = books().under_way().await;
        if under_way.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "never done: {under_way:?}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Checks the books and what was told of them, and prints the counts.
pub async fn prove(client: &Client, receiver: &Receiver, books: &Books) -> Totals {
    let totals = books.check().await;
    receiver.prove(books).await;
    println!("{}", client.tally);
    println!("{totals}; portings: {:?}", books.statuses().await);
    totals
}

/// What an integrator's backend does about a decline.
async fn repair(client: &Client, porting: &Value) {
    let path = format!("portings/{}", porting["id"].as_str().unwrap());
    let change = match porting["declinedCode"].as_str() {
        Some("portingAccountPinRequiredOrInvalid") => json!({ "accountPin": "004218" }),
        _ => json!({}),
    };
    let (status, body) = client.patch(&path, &change).await;
    // Or the request before it was kept although it was not answered.
    assert!(status == 200 || is_not_updatable(status, &body), "{body}");
}

fn is_not_updatable(status: StatusCode, body: &Value) -> bool {
    status == 422 && body["code"] == "portingNotUpdatable"
}

/// A plan of the simulator's.
pub fn plan() -> Value {
    json!({ "name": "P", "provider": "test", "price": { "amount": 1, "currency": "USD" } })
}

/// A new resource.
pub async fn new(client: &Client, path: &str, body: Value) -> Value {
    let (status, resource) = client.post(path, &body).await;
    assert_eq!(status, 201, "{path}: {resource}");
    resource
}

/// The id of a resource.
pub fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

/// The link of a new session, at a node.
pub async fn link(fleet: &Fleet, client: &Client) -> String {
    let plan = id(&new(client, "plans", plan()).await);
    let user = json!({ "email": "reader@subscriber.example" });
    let user = id(&new(client, "users", user).await);
    let subscription = json!({ "plan": plan, "user": user });
    let subscription = id(&new(client, "subscriptions", subscription).await);
    let intent = json!({ "type": "viewSubscription",
                         "viewSubscription": { "subscription": subscription } });
    let session = json!({ "user": user, "intent": intent });
    let session = new(client, "connectSessions", session).await;
    let url = session["url"].as_str().unwrap();
    let (_, path) = url.split_once("/portal/").unwrap();
    let address = fleet.addresses.next().unwrap();
    format!("http://{address}/portal/{path}")
}

/// One client: a subscriber after the other.
struct Subscribers {
    client: Client,
    told: Arc<Told>,
    plan: String,
    dice: Dice,
}

impl Subscribers {
    async fn work(mut self) {
        while !self.told.is_over.load(Relaxed) {
            self.bring_a_number().await;
        }
    }

    /// The id of a new resource.
    async fn create(&self, path: &str, body: Value) -> String {
        let id = id(&new(&self.client, path, body).await);
        let mut created = self.told.created.lock().unwrap();
        created.push(format!("{path}/{id}"));
        id
    }

    async fn bring_a_number(&mut self) {
        let name = format!("{:020}", self.dice.roll());
        let user = json!({ "email": format!("{name}@subscriber.example") });
        let user = self.create("users", user).await;
        let number = self.dice.pick(&NUMBERS);
        let porting = json!({
            "phoneNumber": format!("+1959555{number}"), "provider": "test", "user": user,
            "accountNumber": "8830014477", "firstName": "Rosalind", "lastName": "Quimby",
            "address": {
                "line1": "4711 Juniper Hollow Road", "city": "Portland", "state": "OR",
                "postalCode": "97205", "country": "US",
            },
        });
        let porting = self.create("portings", porting).await;
        let subscription = json!({ "plan": self.plan, "user": user, "porting": porting });
        let subscription = self.create("subscriptions", subscription).await;
        let intent = json!({ "type": "completePorting",
                             "completePorting": { "subscription": subscription } });
        let session = json!({ "user": user, "intent": intent });
        self.create("connectSessions", session).await;
        self.confirm(&porting).await;
        if self.dice.below(CANCELED) == 0 {
            self.cancel(&porting).await;
        }
    }

    /// With the PIN everything is there, and the porting is on its way.
    async fn confirm(&self, porting: &str) {
        let pin = json!({ "accountPin": "004217" });
        let path = format!("portings/{porting}");
        let (status, body) = self.client.patch(&path, &pin).await;
        assert!(status == 200 || is_not_updatable(status, &body), "{body}");
        self.told.confirmed.lock().unwrap().push(porting.to_owned());
    }

    async fn cancel(&self, porting: &str) {
        let path = format!("portings/{porting}/cancel");
        let (status, body) = self.client.post(&path, &json!({})).await;
        match (status.as_u16(), body["code"].as_str()) {
            (200, _) => {
                let mut canceled = self.told.canceled.lock().unwrap();
                canceled.push(porting.to_owned());
            }
            // It is with the carrier, or has moved already.
            (422, Some("portingNotCancelable")) => {}
            _ => panic!("{body}"),
        }
    }
}
