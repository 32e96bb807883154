//! Plans.

use serde_json::json;

use crate::support::world;

#[tokio::test]
async fn a_plan_is_created_and_changed() {
    let world = world().await;
    let body = json!({
        "name": "Unlimited", "provider": "test", "price": { "amount": 2500, "currency": "USD" },
        "description": "Talk and text", "simTypes": ["eSIM"],
        "validity": { "type": "recurring", "unit": "month", "value": 1 },
        "allowances": { "dataBytes": 5_000_000_000_i64, "voiceSeconds": null }
    });
    let made = world.post("plans", body).await.expect(201);
    assert_eq!(made.body["status"], "available");
    assert_eq!(made.body["validity"]["minimumPeriods"], json!(null));
    let allowances = json!({ "dataBytes": 5_000_000_000_i64, "voiceSeconds": null,
                             "smsMessages": null });
    assert_eq!(made.body["allowances"], allowances);
    let path = format!("plans/{}", made.id());
    assert_eq!(world.get(&path).await.expect(200).body, made.body);
    assert_eq!(world.get("plans").await.expect(200).ids(), [made.id()]);

    let change = json!({ "status": "archived", "description": null, "validity": null,
                         "price": { "amount": 0, "currency": "EUR" } });
    let changed = world.patch(&path, change).await.expect(200);
    assert_eq!(changed.body["status"], "archived");
    assert_eq!(changed.body["description"], json!(null));
    assert_eq!(changed.body["name"], "Unlimited");
    assert_eq!(changed.body["price"]["currency"], "EUR");
    assert_eq!(changed.body["allowances"], allowances);
}

#[tokio::test]
async fn plans_are_checked() {
    let world = world().await;
    let reply = world
        .post("plans", json!({ "price": { "amount": 1 } }))
        .await;
    reply.expect_properties(&["name", "provider", "price.currency"]);
    let body = json!({
        "name": "S", "provider": "test", "price": { "amount": 1, "currency": "USD" },
        "validity": { "type": "weekly", "unit": "week", "value": 0 },
        "allowances": { "dataBytes": -1, "minutes": 5 }, "simTypes": ["eSIM", "nano"],
        "status": "sold"
    });
    world.post("plans", body).await.expect_properties(&[
        "validity.type",
        "validity.unit",
        "validity.value",
        "allowances.dataBytes",
        "allowances.minutes",
        "simTypes",
        "status",
    ]);
    let path = format!("plans/{}", world.plan().await);
    world
        .patch(&path, json!({ "provider": "t12" }))
        .await
        .expect_properties(&["provider"]);
    let reply = world
        .patch(
            &path,
            json!({ "price": { "amount": 1, "currency": "usd" } }),
        )
        .await;
    reply.expect_properties(&["price.currency"]);
}

#[tokio::test]
async fn a_plan_that_is_not_available_cannot_be_bought() {
    let world = world().await;
    let (user, plan) = (world.user().await, world.plan().await);
    world
        .patch(&format!("plans/{plan}"), json!({ "status": "draft" }))
        .await
        .expect(200);
    let reply = world
        .post("subscriptions", json!({ "plan": plan, "user": user }))
        .await;
    reply.expect_properties(&["plan"]);
}
