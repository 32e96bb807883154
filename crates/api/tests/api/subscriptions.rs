//! Subscriptions, and the portings they take.

use portico_carrier::Outcome;
use serde_json::json;

use crate::support::{NO_SUCH_BODY, world};

#[tokio::test]
async fn without_a_porting_a_subscription_is_active_at_once() {
    let world = world().await;
    let (user, plan) = (world.user().await, world.plan().await);
    let body = json!({ "plan": plan, "user": user, "metadata": { "order": "7" }, "sim": "auto",
                       "device": {}, "deviceModel": "dmd_1", "billing": { "x": [1] } });
    let made = world.post("subscriptions", body).await.expect(201);
    assert_eq!(made.body["status"], "active");
    assert_eq!(made.body["activatedAt"], "2026-03-01T12:00:00Z");
    assert_eq!(made.body["plan"]["id"], plan);
    assert_eq!(made.body["user"]["id"], user);
    for key in [
        "porting",
        "lastPorting",
        "phoneNumber",
        "sim",
        "currentPeriod",
        "firstUsageAt",
        "canceledAt",
        "endedAt",
        "userAddress",
    ] {
        assert!(
            made.body.get(key).is_some_and(serde_json::Value::is_null),
            "{key}"
        );
    }
    let path = format!("subscriptions/{}", made.id());
    assert_eq!(world.get(&path).await.expect(200).body, made.body);

    let canceled = world
        .post(&format!("{path}/cancel"), json!({}))
        .await
        .expect(200);
    assert_eq!(canceled.body["canceledAt"], "2026-03-01T12:00:00Z");
    assert_eq!(canceled.body["status"], "active");
    let ended = world
        .post(&format!("{path}/end"), json!({}))
        .await
        .expect(200);
    assert_eq!(ended.body["status"], "ended");
    world
        .post(&format!("{path}/end"), json!({}))
        .await
        .expect(422);
    world
        .post(&format!("{path}/cancel"), json!({}))
        .await
        .expect(422);
}

#[tokio::test]
async fn a_porting_brings_its_number() {
    let world = world().await;
    let (_, subscription, porting) = world.pending().await;
    let path = format!("subscriptions/{subscription}");
    let seen = world.get(&path).await.expect(200).body;
    assert_eq!(
        (&seen["status"], &seen["porting"]["id"]),
        (&json!("pending"), &json!(porting))
    );
    assert_eq!(seen["lastPorting"], seen["porting"]);
    world.accept(&porting, 1).await;
    world.answer(&porting, 1, Outcome::Completed).await;
    let seen = world.get(&path).await.expect(200).body;
    assert_eq!(seen["status"], "active");
    assert_eq!(seen["phoneNumber"], "+19595550100");
    assert_eq!(seen["porting"]["status"], "completed");
    assert_eq!(seen["porting"]["accountPinExists"], false);
}

#[tokio::test]
async fn a_subscription_takes_a_draft_later() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    let path = format!("subscriptions/{subscription}/portIn");
    let draft = world.draft(&user, "+19595550100").await;
    let taken = world
        .post(&path, json!({ "porting": draft }))
        .await
        .expect(200);
    assert_eq!(taken.body["status"], "active");
    assert_eq!(taken.body["porting"]["status"], "informationRequired");
    assert_eq!(taken.body["porting"]["subscription"], subscription);

    let stranger = world.user().await;
    let foreign = world.draft(&stranger, "+19595550102").await;
    let second = world.subscription(&user, None).await;
    let path = format!("subscriptions/{second}/portIn");
    world
        .post(&path, json!({ "porting": foreign }))
        .await
        .expect_properties(&["porting"]);
    world
        .post(&path, json!({ "porting": draft }))
        .await
        .expect_properties(&["porting"]);
    let unknown = format!("prt_{NO_SUCH_BODY}");
    world
        .post(&path, json!({ "porting": unknown }))
        .await
        .expect_properties(&["porting"]);
    world
        .post(&path, json!({}))
        .await
        .expect_properties(&["porting"]);
}

#[tokio::test]
async fn the_end_of_a_subscription_cancels_its_porting_if_it_can() {
    let world = world().await;
    let (_, subscription, porting) = world.pending().await;
    let path = format!("subscriptions/{subscription}/end");
    let ended = world.post(&path, json!({})).await.expect(200);
    assert_eq!(ended.body["status"], "ended");
    assert_eq!(ended.body["porting"]["status"], "canceled");

    let (_, subscription, gone) = world.pending().await;
    world.accept(&gone, 1).await;
    let path = format!("subscriptions/{subscription}");
    world
        .post(&format!("{path}/end"), json!({}))
        .await
        .expect_code(422, "portingNotCancelable");
    assert_eq!(
        world.get(&path).await.body["status"],
        "pending",
        "nothing was kept"
    );
    assert_ne!(porting, gone);
}

#[tokio::test]
async fn notes_and_address_can_be_changed() {
    let world = world().await;
    let user = world.user().await;
    let path = format!("subscriptions/{}", world.subscription(&user, None).await);
    let address = json!({ "line1": "1 Main Street", "city": "Springfield", "state": "IL",
                          "postalCode": "62701", "country": "US" });
    let address = world
        .post(&format!("users/{user}/addresses"), address)
        .await
        .expect(201)
        .id();
    let change = json!({ "userAddress": address, "metadata": { "a": "1" }, "billing": null });
    let changed = world.patch(&path, change).await.expect(200);
    assert_eq!(changed.body["userAddress"], address);
    let changed = world
        .patch(&path, json!({ "userAddress": null }))
        .await
        .expect(200);
    assert_eq!(changed.body["userAddress"], json!(null));
    assert_eq!(changed.body["metadata"], json!({ "a": "1" }));
    let unknown = format!("adr_{NO_SUCH_BODY}");
    world
        .patch(&path, json!({ "userAddress": unknown }))
        .await
        .expect_properties(&["userAddress"]);
    world
        .patch(&path, json!({ "plan": "x" }))
        .await
        .expect_properties(&["plan"]);
}

#[tokio::test]
async fn what_a_subscription_names_must_exist() {
    let world = world().await;
    world
        .post("subscriptions", json!({}))
        .await
        .expect_properties(&["plan", "user"]);
    let (user, plan) = (world.user().await, world.plan().await);
    let body = json!({ "plan": plan, "user": format!("usr_{NO_SUCH_BODY}") });
    world
        .post("subscriptions", body)
        .await
        .expect_properties(&["user"]);
    let body = json!({ "plan": plan, "user": user, "porting": format!("prt_{NO_SUCH_BODY}") });
    world
        .post("subscriptions", body)
        .await
        .expect_properties(&["porting"]);
    let body = json!({ "plan": user, "user": plan });
    world
        .post("subscriptions", body)
        .await
        .expect_properties(&["plan", "user"]);
}
