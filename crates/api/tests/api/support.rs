//! A server with two test projects and a live one, and a client for it.
//!
//! Every answer a test gets is checked against the OpenAPI document: its status must be documented
//! for that call, and an error must have the contract's shape.

use std::sync::Arc;

use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use portico_ambient::{Ambient, ManualClock, Random};
use portico_app::{App, Config, api_keys, portings as ops, projects};
use portico_carrier::{Answer, Gateway, Gateways, Outcome, simulator};
use portico_domain::{event::Actor, project::ProjectType};
use portico_store::{Db, Vault};
use portico_testkit::TestDatabase;
use secrecy::ExposeSecret;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use crate::contract;

pub const VAULT_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const NO_SUCH_BODY: &str = "0000000000000000000000000000";

pub struct World {
    pub database: Arc<TestDatabase>,
    pub app: App,
    pub clock: ManualClock,
    router: Router,
    /// The key of `acme`, which requests use unless they say otherwise.
    pub key: String,
    /// The key of `other`, a test project too.
    pub other: String,
    /// The key of `real`, a live project.
    pub real: String,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Json,
    pub text: String,
}

pub async fn world() -> World {
    world_with(Config::default(), None).await
}

pub async fn world_with(config: Config, gateway: Option<Arc<dyn Gateway>>) -> World {
    let database = TestDatabase::new().await;
    let clock = ManualClock::frozen_at("2026-03-01T12:00:00Z".parse().unwrap());
    let app = open(&database, &clock, VAULT_KEY, (config, gateway)).await;
    app.db.migrate().await.unwrap();
    let [key, other, real] = app
        .write(|tx, _| {
            Box::pin(async move {
                let mut keys = Vec::new();
                for (id, kind) in [
                    ("acme", ProjectType::Test),
                    ("other", ProjectType::Test),
                    ("real", ProjectType::Live),
                ] {
                    projects::create(tx, &Actor::operator(), id, kind).await?;
                    let (_, key) = api_keys::create(tx, &Actor::operator(), id).await?;
                    keys.push(key.expose_secret().to_owned());
                }
                Ok(<[String; 3]>::try_from(keys).unwrap())
            })
        })
        .await
        .unwrap();
    World {
        router: portico_api::router(app.clone()),
        database: Arc::new(database),
        app,
        clock,
        key,
        other,
        real,
    }
}

pub async fn open(
    database: &TestDatabase,
    clock: &ManualClock,
    key: &str,
    with: (Config, Option<Arc<dyn Gateway>>),
) -> App {
    let vault = Vault::new(key, Random::system()).unwrap();
    let ambient = Ambient::with_clock(clock.clock());
    let db = Db::open(&database.url(), vault, ambient).await.unwrap();
    let simulator: Arc<dyn Gateway> = Arc::new(simulator::Simulator::new(db.clone(), 1.0));
    let gateway = with.1.unwrap_or(simulator);
    let mut gateways = Gateways::default();
    for provider in simulator::PROVIDERS {
        gateways = gateways.with(provider, gateway.clone());
    }
    App::new(db, gateways, with.0)
}

impl World {
    /// A second server on the same database.
    pub async fn another_node(&self) -> Self {
        let app = open(
            &self.database,
            &self.clock,
            VAULT_KEY,
            (Config::default(), None),
        )
        .await;
        Self {
            router: portico_api::router(app.clone()),
            database: self.database.clone(),
            app,
            clock: self.clock.clone(),
            key: self.key.clone(),
            other: self.other.clone(),
            real: self.real.clone(),
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Json) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Json) -> Reply {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None).await
    }

    /// A POST with an idempotency key.
    pub async fn post_once(&self, path: &str, body: Json, key: &str) -> Reply {
        let request = self.request(Method::POST, path);
        let request = request
            .header("idempotency-key", key)
            .header("content-type", "application/json");
        self.send(request.body(body.to_string().into()).unwrap())
            .await
    }

    /// A POST of any bytes, said to be JSON.
    pub async fn post_bytes(&self, path: &str, body: impl Into<Body>) -> Reply {
        let request = self.request(Method::POST, path);
        let request = request.header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<Json>) -> Reply {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string().into()),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }

    /// A request with the key of `acme`; a path without a slash in front is inside that project.
    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        self.request_as(Some(&self.key), method, path)
    }

    pub fn request_as(
        &self,
        key: Option<&str>,
        method: Method,
        path: &str,
    ) -> http::request::Builder {
        let uri = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("/projects/acme/{path}"),
        };
        let request = Request::builder().method(method).uri(uri);
        match key {
            Some(key) => request.header("authorization", format!("Bearer {key}")),
            None => request,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let reply = Reply {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        };
        contract::check(&method, &path, &reply);
        reply
    }

    // --- what most stories begin with

    pub async fn user(&self) -> String {
        let email = format!("{}@example.com", self.app.db.ambient().random.base62(12));
        let reply = self.post("users", json!({ "email": email })).await;
        reply.expect(201).id()
    }

    pub async fn plan(&self) -> String {
        self.plan_of("test").await
    }

    pub async fn plan_of(&self, provider: &str) -> String {
        let plan = json!({
            "name": "Unlimited", "provider": provider,
            "price": { "amount": 2500, "currency": "USD" }
        });
        self.post("plans", plan).await.expect(201).id()
    }

    /// A draft of `user` for `number`.
    pub async fn draft(&self, user: &str, number: &str) -> String {
        let body = json!({ "phoneNumber": number, "provider": "test", "user": user });
        self.post("portings", body).await.expect(201).id()
    }

    pub async fn subscription(&self, user: &str, porting: Option<&str>) -> String {
        let body = json!({ "plan": self.plan().await, "user": user, "porting": porting });
        self.post("subscriptions", body).await.expect(201).id()
    }

    /// A user, its subscription and its porting, which waits for information.
    pub async fn waiting(&self) -> (String, String, String) {
        let user = self.user().await;
        let porting = self.draft(&user, "+19595550100").await;
        let subscription = self.subscription(&user, Some(&porting)).await;
        (user, subscription, porting)
    }

    /// As [`World::waiting`], with everything filled in: the porting is `pending`.
    pub async fn pending(&self) -> (String, String, String) {
        let (user, subscription, porting) = self.waiting().await;
        let reply = self.patch(&format!("portings/{porting}"), complete()).await;
        assert_eq!(reply.expect(200).body["status"], "pending");
        (user, subscription, porting)
    }

    /// The gateway takes the porting's `attempt`.
    pub async fn accept(&self, porting: &str, attempt: u32) {
        let reference = format!("{porting}-{attempt}");
        self.app
            .write(move |tx, _| {
                let reference = reference.clone();
                Box::pin(async move {
                    ops::begin_submission(tx, &reference).await?;
                    ops::accepted(tx, &reference).await
                })
            })
            .await
            .unwrap();
    }

    /// The carrier answers the porting's `attempt`.
    pub async fn answer(&self, porting: &str, attempt: u32, outcome: Outcome) {
        let reference = format!("{porting}-{attempt}");
        let answer = Answer {
            outcome,
            said_at: None,
            raw_code: None,
            raw_text: None,
        };
        self.app
            .write(move |tx, _| {
                let (reference, answer) = (reference.clone(), answer.clone());
                Box::pin(async move { ops::answered(tx, &reference, &[answer]).await })
            })
            .await
            .unwrap();
    }
}

/// Everything that the test recipient requires.
pub fn complete() -> Json {
    json!({
        "accountNumber": "00123456", "accountPin": "0042",
        "firstName": "Jo", "lastName": "Müller",
        "address": { "line1": "1 Main Street", "city": "Springfield", "state": "IL",
                     "postalCode": "62701", "country": "US" }
    })
}

impl Reply {
    /// Fails, showing the answer, when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A refusal with that status and code.
    #[track_caller]
    pub fn expect_code(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.body["code"], code, "{}", reply.text);
        reply
    }

    /// A refusal that names exactly these properties.
    #[track_caller]
    pub fn expect_properties(self, properties: &[&str]) -> Self {
        let reply = self.expect(422);
        let details = reply.body["details"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut named: Vec<_> = details
            .iter()
            .map(|it| it["property"].as_str().unwrap())
            .collect();
        let mut wanted = properties.to_vec();
        named.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(named, wanted, "{}", reply.text);
        reply
    }

    #[track_caller]
    pub fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }

    /// The ids of a list's items.
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        let items = self.body["items"].as_array().expect("a list");
        let id = |item: &Json| item["id"].as_str().unwrap().to_owned();
        items.iter().map(id).collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
