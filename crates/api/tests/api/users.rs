//! Users and their addresses.

use serde_json::json;

use crate::support::world;

#[tokio::test]
async fn a_user_is_created_read_changed_and_deleted() {
    let world = world().await;
    let body = json!({ "email": "Jo@Example.com ", "fullName": "Jo Müller", "birthday": "1990-02-28",
                       "preferredLocale": "de-AT", "metadata": { "crm": "42" } });
    let made = world.post("users", body).await.expect(201);
    assert_eq!(made.body["email"], "jo@example.com");
    assert_eq!(made.body["createdAt"], "2026-03-01T12:00:00Z");
    let path = format!("users/{}", made.id());
    assert_eq!(world.get(&path).await.expect(200).body, made.body);

    let change = json!({ "fullName": null, "emailVerified": true,
                         "metadata": { "crm": null, "vip": "yes" } });
    let changed = world.patch(&path, change).await.expect(200);
    assert_eq!(changed.body["fullName"], json!(null));
    assert_eq!(changed.body["birthday"], "1990-02-28");
    assert_eq!(changed.body["metadata"], json!({ "vip": "yes" }));

    let deleted = world.delete(&path).await.expect(200);
    assert_eq!(deleted.body["status"], "deleted");
    assert_eq!(deleted.body["birthday"], json!(null));
    world.get(&path).await.expect(404);
    world.delete(&path).await.expect(404);
    assert!(world.get("users").await.expect(200).ids().is_empty());
}

#[tokio::test]
async fn a_user_is_found_by_the_whole_address_only() {
    let world = world().await;
    let user = world
        .post("users", json!({ "email": "jo@example.com" }))
        .await
        .expect(201);
    let found = world
        .post("users/search", json!({ "email": "JO@example.com" }))
        .await
        .expect(200);
    assert_eq!(found.ids(), [user.id()]);
    let none = world
        .post("users/search", json!({ "email": "jo@example.co" }))
        .await
        .expect(200);
    assert!(none.ids().is_empty());
    world
        .post("users/search", json!({}))
        .await
        .expect_properties(&["email"]);
}

#[tokio::test]
async fn users_are_checked() {
    let world = world().await;
    let body = json!({ "email": "nobody", "fullName": "", "preferredLocale": "deutsch!" });
    let reply = world.post("users", body).await;
    reply.expect_properties(&["email", "fullName", "preferredLocale"]);
    for birthday in ["2026-03-02", "1900-01-01", "1990-2-1", "19900201"] {
        let body = json!({ "email": "jo@example.com", "birthday": birthday });
        world
            .post("users", body)
            .await
            .expect_properties(&["birthday"]);
    }
    for notes in [
        json!({ "k".repeat(41): "v" }),
        json!({ "k": "v".repeat(256) }),
        json!({ "k": 5 }),
        json!(
            (0..11)
                .map(|at| (at.to_string(), "v"))
                .collect::<std::collections::BTreeMap<_, _>>()
        ),
    ] {
        let body = json!({ "email": "jo@example.com", "metadata": notes });
        world
            .post("users", body)
            .await
            .expect_properties(&["metadata"]);
    }
    let path = format!("users/{}", world.user().await);
    world
        .patch(&path, json!({ "email": null }))
        .await
        .expect_properties(&["email"]);
}

#[tokio::test]
async fn a_user_with_a_living_subscription_stays() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    world
        .delete(&format!("users/{user}"))
        .await
        .expect_properties(&["user"]);
    world
        .post(&format!("subscriptions/{subscription}/end"), json!({}))
        .await
        .expect(200);
    world.delete(&format!("users/{user}")).await.expect(200);
}

#[tokio::test]
async fn addresses_are_added_listed_and_removed() {
    let world = world().await;
    let user = world.user().await;
    let list = format!("users/{user}/addresses");
    let body = json!({ "line1": "10 Downing Street", "city": "London", "postalCode": "sw1a2aa",
                       "country": "gb" });
    let made = world.post(&list, body).await.expect(201);
    assert_eq!(made.body["postalCode"], "SW1A 2AA");
    assert_eq!(made.body["user"], user);
    let path = format!("{list}/{}", made.id());
    assert_eq!(world.get(&path).await.expect(200).body, made.body);
    assert_eq!(world.get(&list).await.expect(200).ids(), [made.id()]);
    world.delete(&path).await.expect(200);
    world.get(&path).await.expect(404);
    assert!(world.get(&list).await.expect(200).ids().is_empty());
    let stranger = world.user().await;
    world
        .get(&format!("users/{stranger}/addresses/{}", made.id()))
        .await
        .expect(404);
}
