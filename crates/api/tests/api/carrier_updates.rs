//! What an operator's backend tells of its carrier.

use std::sync::Arc;

use async_trait::async_trait;
use portico_app::Config;
use portico_carrier::{Gateway, GatewayError, Kind, PortRequest, Portability, Progress, Submitted};
use portico_domain::phone::PhoneNumber;
use portico_store::{carriers::updates, jobs};
use serde_json::{Value as Json, json};

use crate::support::{Reply, World, world, world_with};

/// A gateway to a backend that has every request.
struct Backend;

#[async_trait]
impl Gateway for Backend {
    async fn check(&self, _: &str, _: &PhoneNumber) -> Result<Portability, GatewayError> {
        Ok(Portability::Portable {
            also_required: Vec::new(),
        })
    }

    async fn submit(&self, _: &PortRequest) -> Result<Submitted, GatewayError> {
        Ok(Submitted::Accepted)
    }

    async fn has(&self, _: &str) -> Result<bool, GatewayError> {
        Ok(true)
    }

    async fn progress(&self, _: &str) -> Result<Progress, GatewayError> {
        Ok(Progress::default())
    }

    async fn cancel(&self, _: &str) -> Result<(), GatewayError> {
        Ok(())
    }

    fn kind(&self) -> Option<Kind> {
        Some(Kind::Http)
    }
}

/// A world whose recipients are behind a backend.
pub async fn behind_a_backend() -> World {
    world_with(Config::default(), Some(Arc::new(Backend))).await
}

async fn requested(world: &World) -> String {
    let (_, _, porting) = world.pending().await;
    world.accept(&porting, 1).await;
    porting
}

async fn tell(world: &World, porting: &str, update: Json) -> Reply {
    world
        .post(&format!("portings/{porting}/carrierUpdate"), update)
        .await
}

async fn kept(world: &World, porting: &str) -> usize {
    let mut tx = world.app.read().await.unwrap();
    let kept = updates::of_attempt(&mut tx, &format!("{porting}-1")).await;
    kept.unwrap().len()
}

#[tokio::test]
async fn an_update_is_kept_as_it_was_told_and_looked_at_at_once() {
    let world = behind_a_backend().await;
    let porting = requested(&world).await;
    let update = json!({ "type": "declined", "code": "8C", "text": "PIN incorrect",
                         "reference": format!("{porting}-1"), "id": "order-77/3" });
    let told = tell(&world, &porting, update).await.expect(200).body;
    assert_eq!(told["object"], "carrierUpdate");
    assert_eq!(
        (&told["id"], &told["type"]),
        (&json!("order-77/3"), &json!("declined"))
    );
    assert_eq!((&told["code"], &told["date"]), (&json!("8C"), &json!(null)));
    assert_eq!(told["reference"], format!("{porting}-1"));
    let mut tx = world.app.read().await.unwrap();
    let due = jobs::next_due(&mut tx).await.unwrap().unwrap();
    assert!(due <= world.app.db.ambient().now(), "the watch job is due");
}

#[tokio::test]
async fn an_update_that_names_itself_is_there_once() {
    let world = behind_a_backend().await;
    let porting = requested(&world).await;
    let update = json!({ "type": "foc", "date": "2026-03-09", "id": "1" });
    let first = tell(&world, &porting, update.clone()).await.expect(200);
    let again = tell(&world, &porting, update).await.expect(200);
    assert_eq!(first.body, again.body);
    assert_eq!(kept(&world, &porting).await, 1);
    let other = json!({ "type": "completed", "id": "1" });
    tell(&world, &porting, other)
        .await
        .expect_properties(&["id"]);
    // Without a name it is another time that the carrier said it.
    for _ in 0..2 {
        tell(&world, &porting, json!({ "type": "delayed" }))
            .await
            .expect(200);
    }
    assert_eq!(kept(&world, &porting).await, 3);
}

#[tokio::test]
async fn an_idempotency_key_repeats_the_answer() {
    let world = behind_a_backend().await;
    let porting = requested(&world).await;
    let path = format!("portings/{porting}/carrierUpdate");
    let first = world
        .post_once(&path, json!({ "type": "delayed" }), "k")
        .await;
    let again = world
        .post_once(&path, json!({ "type": "delayed" }), "k")
        .await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.expect(200).body, again.expect(200).body);
    assert_eq!(kept(&world, &porting).await, 1);
}

#[tokio::test]
async fn everything_wrong_with_an_update_is_named() {
    let world = behind_a_backend().await;
    let porting = requested(&world).await;
    for (body, properties) in [
        (json!({}), &["type"][..]),
        (
            json!({ "type": "moved", "colour": "red", "id": "" }),
            &["type", "colour", "id"],
        ),
        (json!({ "type": "foc" }), &["date"]),
        (
            json!({ "type": "completed", "date": "2026-03-09" }),
            &["date"],
        ),
        (json!({ "type": "foc", "date": "9 March" }), &["date"]),
        (
            json!({ "type": "declined", "code": "x".repeat(101) }),
            &["code"],
        ),
        (json!({ "type": "declined", "text": "  " }), &["text"]),
        (
            json!({ "type": "declined", "reference": format!("{porting}-2") }),
            &["reference"],
        ),
    ] {
        tell(&world, &porting, body)
            .await
            .expect_properties(properties);
    }
    assert_eq!(kept(&world, &porting).await, 0);
}

#[tokio::test]
async fn only_the_projects_own_portings_can_be_told_of() {
    let world = behind_a_backend().await;
    let porting = requested(&world).await;
    let path = format!("/projects/other/portings/{porting}/carrierUpdate");
    let request = world.request_as(Some(&world.other), http::Method::POST, &path);
    let request = request.header("content-type", "application/json");
    let body = json!({ "type": "completed" }).to_string();
    world
        .send(request.body(body.into()).unwrap())
        .await
        .expect(404);
    assert_eq!(kept(&world, &porting).await, 0);
}

#[tokio::test]
async fn what_comes_after_the_end_is_kept_and_changes_nothing() {
    let world = behind_a_backend().await;
    let porting = requested(&world).await;
    let outcome = portico_carrier::Outcome::Completed;
    world.answer(&porting, 1, outcome).await;
    let late = json!({ "type": "declined", "code": "8C" });
    tell(&world, &porting, late).await.expect(200);
    assert_eq!(kept(&world, &porting).await, 1);
    let now = world.get(&format!("portings/{porting}")).await.expect(200);
    assert_eq!(now.body["status"], "completed");
}

#[tokio::test]
async fn other_recipients_are_not_told_about() {
    let world = world().await;
    let porting = requested(&world).await;
    tell(&world, &porting, json!({ "type": "completed" }))
        .await
        .expect_code(422, "carrierUpdateNotSupported");
}
