//! `Idempotency-Key`.

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use jiff::SignedDuration;
use portico_app::{Config, upkeep};
use portico_carrier::{Gateway, GatewayError, PortRequest, Portability, Progress, Submitted};
use portico_domain::phone::PhoneNumber;
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;

use crate::support::{World, world, world_with};

fn jo() -> Json {
    json!({ "email": "jo@example.com", "fullName": "Jo" })
}

#[tokio::test]
async fn a_repetition_gets_the_same_answer_and_does_nothing() {
    let world = world().await;
    let first = world.post_once("users", jo(), "k1").await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    world.clock.advance(SignedDuration::from_hours(23));
    // Quotes, spaces and the order of properties make no difference.
    let request = world
        .request(Method::POST, "users")
        .header("idempotency-key", "\"k1\"");
    let body = "{ \"fullName\": \"Jo\",  \"email\": \"jo@example.com\" }";
    let request = request.header("content-type", "application/json");
    let again = world
        .send(request.body(body.into()).unwrap())
        .await
        .expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.text, first.text);
    assert_eq!(world.get("users").await.ids().len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let world = world().await;
    world.post_once("users", jo(), "k1").await.expect(201);
    let other = json!({ "email": "al@example.com" });
    let reply = world.post_once("users", other.clone(), "k1").await;
    reply.expect_code(422, "idempotencyKeyReused");
    let reply = world.post_once("users/search", jo(), "k2").await;
    reply.expect(422);
    world.post_once("users", other, "k2").await.expect(201);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let world = world().await;
    world
        .post_once("users", json!({ "email": "nobody" }), "k1")
        .await
        .expect(422);
    world.post_once("users", jo(), "k1").await.expect(201);
    world
        .post_once("users", jo(), "k2")
        .await
        .expect_code(422, "userAlreadyExists");
    let user = world.get("users").await.ids().remove(0);
    world.delete(&format!("users/{user}")).await.expect(200);
    world.post_once("users", jo(), "k2").await.expect(201);
}

#[tokio::test]
async fn after_a_day_a_key_is_new_and_its_answer_erased() {
    let world = world().await;
    let first = world.post_once("users", jo(), "k1").await.expect(201).id();
    world.delete(&format!("users/{first}")).await.expect(200);
    world.clock.advance(SignedDuration::from_hours(24));
    let second = world.post_once("users", jo(), "k1").await.expect(201);
    assert_eq!(second.header("idempotent-replayed"), None);
    assert_ne!(second.id(), first);
    world.clock.advance(SignedDuration::from_hours(24));
    world
        .app
        .write(|tx, _| Box::pin(upkeep::erase_old(tx)))
        .await
        .unwrap();
    let reply = world.post_once("users", jo(), "k1").await;
    reply.expect_code(422, "userAlreadyExists");
}

#[tokio::test]
async fn a_delete_can_be_repeated() {
    let world = world().await;
    let user = world.user().await;
    let draft = world.draft(&user, "+19595550100").await;
    let delete = || {
        let path = format!("portings/{draft}");
        let request = world
            .request(Method::DELETE, &path)
            .header("idempotency-key", "d1");
        world.send(request.body("".into()).unwrap())
    };
    let first = delete().await.expect(200);
    let again = delete().await.expect(200);
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    world.delete(&format!("portings/{draft}")).await.expect(404);
}

#[tokio::test]
async fn reads_and_changes_ignore_the_key() {
    let world = world().await;
    let user = world.user().await;
    for name in ["Jo", "Al"] {
        let request = world.request(Method::PATCH, &format!("users/{user}"));
        let request = request
            .header("idempotency-key", "p")
            .header("content-type", "application/json");
        let body = json!({ "fullName": name }).to_string();
        let reply = world
            .send(request.body(body.into()).unwrap())
            .await
            .expect(200);
        assert_eq!(reply.body["fullName"], name);
    }
    let request = world
        .request(Method::GET, "users")
        .header("idempotency-key", "");
    world
        .send(request.body("".into()).unwrap())
        .await
        .expect(200);
}

#[tokio::test]
async fn a_key_has_a_form() {
    let world = world().await;
    for key in ["", "\"\"", &"x".repeat(256), "tab\there"] {
        world.post_once("users", jo(), key).await.expect(400);
    }
    let request = world
        .request(Method::POST, "users")
        .header("content-type", "application/json");
    let request = request
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    world
        .send(request.body(jo().to_string().into()).unwrap())
        .await
        .expect(400);
    world
        .post_once("users", jo(), &"x".repeat(255))
        .await
        .expect(201);
}

#[tokio::test]
async fn projects_do_not_share_keys() {
    let world = world().await;
    let first = world.post_once("users", jo(), "k1").await.expect(201).id();
    let request = world.request_as(Some(&world.other), Method::POST, "/projects/other/users");
    let request = request
        .header("content-type", "application/json")
        .header("idempotency-key", "k1");
    let other = world
        .send(request.body(jo().to_string().into()).unwrap())
        .await
        .expect(201);
    assert_ne!(other.id(), first);
    assert_eq!(other.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn a_kept_link_is_replayed_and_sealed_at_rest() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    let body = json!({ "user": user, "intent": { "type": "viewSubscription",
                       "viewSubscription": { "subscription": subscription } } });
    let first = world
        .post_once("connectSessions", body.clone(), "secret-key-7")
        .await
        .expect(201);
    let again = world
        .post_once("connectSessions", body, "secret-key-7")
        .await
        .expect(201);
    assert_eq!(again.body["url"], first.body["url"]);
    let token = first.body["url"]
        .as_str()
        .unwrap()
        .split("token=")
        .nth(1)
        .unwrap()
        .to_owned();
    world.app.db.close().await;
    let stolen = world.database.stolen().await;
    // The token begins with the session's id, which is no secret.
    for secret in [&token[28..], "secret-key-7"] {
        let found = stolen
            .windows(secret.len())
            .any(|it| it == secret.as_bytes());
        assert!(!found, "{secret} is readable in the database");
    }
}

/// A gateway that answers when it is told to, and counts.
pub struct Held {
    pub asked: Semaphore,
    pub told: Semaphore,
}

#[async_trait]
impl Gateway for Held {
    async fn check(&self, _: &str, _: &PhoneNumber) -> Result<Portability, GatewayError> {
        self.asked.add_permits(1);
        self.told.acquire().await.unwrap().forget();
        Ok(Portability::Portable {
            also_required: Vec::new(),
        })
    }

    async fn submit(&self, _: &PortRequest) -> Result<Submitted, GatewayError> {
        Err(GatewayError::TimedOut)
    }

    async fn has(&self, _: &str) -> Result<bool, GatewayError> {
        Err(GatewayError::TimedOut)
    }

    async fn progress(&self, _: &str) -> Result<Progress, GatewayError> {
        Err(GatewayError::TimedOut)
    }

    async fn cancel(&self, _: &str) -> Result<(), GatewayError> {
        Err(GatewayError::TimedOut)
    }
}

pub async fn held() -> (World, Arc<Held>) {
    let gateway = Arc::new(Held {
        asked: Semaphore::new(0),
        told: Semaphore::new(0),
    });
    (
        world_with(Config::default(), Some(gateway.clone())).await,
        gateway,
    )
}

#[tokio::test]
async fn two_requests_at_once_do_the_work_once() {
    let (world, gateway) = held().await;
    let body = json!({ "phoneNumber": "+19595550100", "provider": "test",
                       "user": world.user().await });
    let second = async {
        gateway.asked.acquire().await.unwrap().forget();
        let reply = world.post_once("portings", body.clone(), "k1").await;
        reply.expect_code(409, "idempotencyKeyInUse");
        gateway.told.add_permits(1);
    };
    let (first, ()) = tokio::join!(world.post_once("portings", body.clone(), "k1"), second);
    let first = first.expect(201);
    // A repetition does not ask the gateway, which would never answer.
    let again = world.post_once("portings", body, "k1").await.expect(201);
    assert_eq!(again.text, first.text);
    assert_eq!(gateway.asked.available_permits(), 0);
    assert_eq!(world.get("portings").await.ids().len(), 1);
}

#[tokio::test]
async fn a_request_that_was_broken_off_frees_its_key() {
    let (world, gateway) = held().await;
    let body = json!({ "phoneNumber": "+19595550100", "provider": "test",
                       "user": world.user().await });
    tokio::select! {
        _ = world.post_once("portings", body.clone(), "k1") => panic!("nobody told the gateway"),
        permit = gateway.asked.acquire() => permit.unwrap().forget(),
    }
    gateway.told.add_permits(1);
    world.post_once("portings", body, "k1").await.expect(201);
}

#[tokio::test]
async fn two_nodes_do_the_work_of_a_key_once() {
    let one = world().await;
    let two = one.another_node().await;
    for round in 0..10 {
        let key = format!("k{round}");
        let body = json!({ "email": format!("u{round}@example.com") });
        let (first, second) = tokio::join!(
            one.post_once("users", body.clone(), &key),
            two.post_once("users", body.clone(), &key)
        );
        let made: Vec<_> = [first, second]
            .into_iter()
            .filter(|it| it.status == 201)
            .map(|it| it.text)
            .collect();
        assert!(!made.is_empty() && made.iter().all(|text| *text == made[0]));
        let again = two.post_once("users", body, &key).await.expect(201);
        assert_eq!(again.text, made[0]);
    }
    assert_eq!(one.get("users?limit=200").await.ids().len(), 10);
}
