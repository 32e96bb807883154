//! What a load needs to be there: a plan, and subscribers whose porting waits for information.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use anyhow::{Context, bail};
use serde_json::{Value as Json, json};

use crate::{
    grown::{Filled, subscribers},
    http::Connection,
    load::Requests,
    subject::PROJECT,
};

/// Subscriptions that sessions are created for. With the default limit of 60 an hour for each, that
/// is room for 1,200,000 creations on one database.
pub const SUBSCRIPTIONS: usize = 20_000;

/// Connections that seed. On tables that are still empty, PostgreSQL takes neighbours for conflicts.
const SEEDERS: usize = 8;
/// How often a seeding call is sent again that another one was in the way of.
const TRIES: usize = 20;

/// Who calls, and for whom.
#[derive(Clone)]
pub struct Seed {
    /// The API key.
    pub key: String,
    /// Subscriptions and their users.
    pub subscriptions: Arc<Vec<(String, String)>>,
    next: Arc<AtomicU64>,
}

impl Seed {
    /// Creates `count` subscribers through the API.
    ///
    /// # Errors
    /// A call was refused.
    pub fn new(address: SocketAddr, key: String, count: usize) -> anyhow::Result<Self> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let subscriptions = runtime
            .enable_all()
            .build()?
            .block_on(all_through_api(address, &key, count))?;
        Ok(Self {
            key,
            subscriptions: Arc::new(subscriptions),
            next: Arc::default(),
        })
    }

    /// One subscriber through the API, the others as copies of its rows in the server's database: what
    /// seeding takes is not what is measured.
    ///
    /// # Errors
    /// A call was refused, or the database has another form than expected.
    pub fn copied(
        address: SocketAddr,
        key: String,
        database: &dyn Filled,
        count: usize,
    ) -> anyhow::Result<Self> {
        let seed = Self::new(address, key, 1)?;
        subscribers(database, count as u64, |number| {
            ["usr", "prt", "sub"].map(|kind| format!("{kind}_{:028}", number + 1))
        })?;
        database.finish()?;
        let ids = |n| (format!("sub_{n:028}"), format!("usr_{n:028}"));
        Ok(Self {
            subscriptions: Arc::new((1..=count).map(ids).collect()),
            ..seed
        })
    }

    /// A key and subscriptions that are there already.
    pub fn of(key: &str, subscriptions: Vec<(String, String)>) -> Self {
        Self {
            key: key.to_owned(),
            subscriptions: Arc::new(subscriptions),
            next: Arc::default(),
        }
    }

    /// Takes the next `count` numbers, so that no idempotency key is ever used twice.
    pub fn numbers(&self, count: u64) -> u64 {
        self.next.fetch_add(count, Relaxed)
    }

    /// Session creations, each with an idempotency key of its own, for one subscription after the
    /// other.
    pub fn creations(&self) -> Requests {
        let seed = self.clone();
        Arc::new(move |number, request| {
            let nth = usize::try_from(number).expect("64 bits") % seed.subscriptions.len();
            let (subscription, user) = &seed.subscriptions[nth];
            let body = format!(
                r#"{{"callbackUrl":"https://example.com/porting/done","intent":{{"type":"completePorting","completePorting":{{"subscription":"{subscription}"}}}},"user":"{user}"}}"#
            );
            let key = format!("idempotency-key: bench-{number:016}\r\n");
            post(request, &seed.key, "connectSessions", &key, &body);
        })
    }
}

/// Writes a POST inside the project.
fn post(request: &mut Vec<u8>, key: &str, path: &str, headers: &str, body: &str) {
    send(request, key, ("POST", path), headers, body);
}

fn send(request: &mut Vec<u8>, key: &str, (method, path): (&str, &str), headers: &str, body: &str) {
    use std::io::Write;
    write!(
        request,
        "{method} /projects/{PROJECT}/{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("memory can be written to");
}

/// A GET with a key.
pub fn get(key: &str, path: &str) -> Vec<u8> {
    format!("GET /projects/{PROJECT}/{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n\r\n").into_bytes()
}

/// Creates something; what the answer says of it.
///
/// # Errors
/// It was refused.
pub async fn create(
    connection: &mut Connection,
    key: &str,
    path: &str,
    body: &Json,
) -> anyhow::Result<Json> {
    let mut request = Vec::new();
    post(&mut request, key, path, "", &body.to_string());
    let mut refusal = String::new();
    for _ in 0..TRIES {
        let answer = connection.exchange(&request).await?;
        match answer.status {
            201 => return Ok(serde_json::from_slice(answer.body)?),
            status => refusal = format!("{status} {}", String::from_utf8_lossy(answer.body)),
        }
        if !refusal.starts_with("409") && !refusal.starts_with('5') {
            break;
        }
    }
    bail!("POST {path}: {refusal}")
}

/// Changes something.
///
/// # Errors
/// It was refused.
pub async fn change(
    connection: &mut Connection,
    key: &str,
    path: &str,
    body: &Json,
) -> anyhow::Result<()> {
    let mut request = Vec::new();
    send(&mut request, key, ("PATCH", path), "", &body.to_string());
    let answer = connection.exchange(&request).await?;
    if answer.status != 200 {
        bail!(
            "PATCH {path}: {} {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
    }
    Ok(())
}

async fn all_through_api(
    address: SocketAddr,
    key: &str,
    count: usize,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut first = Connection::open(address).await?;
    let plan = json!({ "name": "Unlimited", "provider": "test", "price": { "amount": 2500, "currency": "USD" } });
    let plan = id(&create(&mut first, key, "plans", &plan).await?)?;
    let next = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..SEEDERS)
        .map(|_| {
            let (key, plan, next) = (key.to_owned(), plan.clone(), next.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut made = Vec::new();
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    if number >= count as u64 {
                        return anyhow::Ok(made);
                    }
                    made.push(subscriber(&mut connection, &key, &plan, number).await?);
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.expect("seeding does not panic")?);
    }
    Ok(all)
}

async fn subscriber(
    connection: &mut Connection,
    key: &str,
    plan: &str,
    number: u64,
) -> anyhow::Result<(String, String)> {
    let user = json!({ "email": format!("bench-{number}@example.com") });
    let user = id(&create(connection, key, "users", &user).await?)?;
    let draft = json!({ "phoneNumber": "+19595550100", "provider": "test", "user": user });
    let porting = id(&create(connection, key, "portings", &draft).await?)?;
    let subscription = json!({ "plan": plan, "user": user, "porting": porting });
    let subscription = id(&create(connection, key, "subscriptions", &subscription).await?)?;
    Ok((subscription, user))
}

fn id(made: &Json) -> anyhow::Result<String> {
    Ok(made["id"]
        .as_str()
        .context("what is created has an id")?
        .to_owned())
}
