//! Connect Sessions.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::support::{NO_SUCH_BODY, World, world};

fn intent(subscription: &str) -> Json {
    json!({ "type": "completePorting", "completePorting": { "subscription": subscription } })
}

async fn create(world: &World, body: Json) -> crate::support::Reply {
    world.post("connectSessions", body).await
}

#[tokio::test]
async fn the_request_of_the_contract_gets_a_link_once() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let body = json!({
        "callbackUrl": "myapp://porting/done?order=7#top",
        "intent": { "type": "completePorting", "completePorting": {
            "subscription": subscription, "behavior": { "hideIntroPage": true } } },
        "user": user,
        "appearance": { "theme": "dark" }
    });
    let made = create(&world, body.clone()).await.expect(201);
    let session = &made.body;
    assert_eq!(session["object"], "connectSession");
    for key in ["appearance", "callbackUrl", "intent", "user"] {
        assert_eq!(session[key], body[key], "{key}");
    }
    assert_eq!(session["status"], "created");
    assert_eq!(session["expiresAt"], "2026-03-01T12:30:00Z");
    assert_eq!(session["outcome"], json!(null));
    assert_eq!(session["warnings"], json!([]));
    let id = made.id();
    let url = session["url"].as_str().unwrap();
    let start = format!("http://127.0.0.1:8080/portal/entry?session={id}&token=");
    let token = url.strip_prefix(&start).unwrap();
    assert!(
        token.len() == 64 && token.chars().all(|c| c.is_ascii_alphanumeric()),
        "{token}"
    );

    let seen = world
        .get(&format!("connectSessions/{id}"))
        .await
        .expect(200);
    assert_eq!(seen.body["url"], json!(null));
    assert_eq!(seen.body["intent"], body["intent"]);
    world.clock.advance(SignedDuration::from_mins(31));
    let late = world
        .get(&format!("connectSessions/{id}"))
        .await
        .expect(200);
    assert_eq!(late.body["status"], "expired");
}

#[tokio::test]
async fn a_user_may_be_attached_later_and_brings_the_link() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let made = create(&world, json!({ "intent": intent(&subscription) }))
        .await
        .expect(201);
    assert!(!made.body["url"].as_str().unwrap().contains("token"));
    assert_eq!(made.body["appearance"], json!({}));
    let path = format!("connectSessions/{}", made.id());

    let change =
        json!({ "callbackUrl": "https://example.com/a", "appearance": { "theme": "light" } });
    let changed = world.patch(&path, change).await.expect(200);
    assert_eq!(changed.body["callbackUrl"], "https://example.com/a");
    assert_eq!(changed.body["url"], json!(null));

    let stranger = world.user().await;
    world
        .patch(&path, json!({ "user": stranger }))
        .await
        .expect_properties(&["user"]);
    let attached = world
        .patch(&path, json!({ "user": user }))
        .await
        .expect(200);
    assert!(attached.body["url"].as_str().unwrap().contains("&token="));
    world
        .patch(&path, json!({ "user": user }))
        .await
        .expect_properties(&["user"]);

    let change = json!({ "callbackUrl": null, "appearance": { "theme": null } });
    let cleared = world.patch(&path, change).await.expect(200);
    assert_eq!(cleared.body["callbackUrl"], json!(null));
    assert_eq!(cleared.body["appearance"], json!({}));
    let change = json!({ "intent": intent(&subscription), "userDetails": { "email": "a@b.example" },
                         "user": null });
    let reply = world.patch(&path, change).await;
    reply.expect_properties(&["intent", "userDetails", "user"]);
}

#[tokio::test]
async fn the_subscription_must_exist_and_belong_to_the_user() {
    let world = world().await;
    let (_, subscription, _) = world.waiting().await;
    let stranger = world.user().await;
    let body = json!({ "intent": intent(&subscription), "user": stranger });
    create(&world, body).await.expect_properties(&["user"]);
    let unknown = intent(&format!("sub_{NO_SUCH_BODY}"));
    let reply = create(&world, json!({ "intent": unknown })).await;
    reply.expect_properties(&["intent.completePorting.subscription"]);
    let body =
        json!({ "intent": intent(&subscription), "userDetails": { "email": "a@b.example" } });
    create(&world, body)
        .await
        .expect_properties(&["userDetails"]);
}

#[tokio::test]
async fn a_session_without_a_porting_warns() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    let made = create(&world, json!({ "intent": intent(&subscription) }))
        .await
        .expect(201);
    assert_eq!(made.body["warnings"][0]["code"], "noPendingPorting");
}

#[tokio::test]
async fn intents_that_are_not_served_are_told_from_unknown_ones() {
    let world = world().await;
    for kind in [
        "cancelSubscription",
        "checkoutNewSubscription",
        "updatePaymentMethod",
        "viewEsimInstallation",
        "viewSubscriptions",
    ] {
        let reply = create(&world, json!({ "intent": { "type": kind, kind: {} } })).await;
        reply.expect_code(501, "intentNotSupported");
    }
    let reply = create(
        &world,
        json!({ "intent": { "type": "buyPony", "buyPony": {} } }),
    )
    .await;
    assert!(reply.expect(422).text.contains("intent.type"));
    create(&world, json!({}))
        .await
        .expect_properties(&["intent"]);
    create(&world, json!({ "intent": {} }))
        .await
        .expect_properties(&["intent.type"]);
    let reply = create(&world, json!({ "intent": { "type": "completePorting" } })).await;
    reply.expect_properties(&["intent.completePorting"]);
    let body = json!({ "intent": { "type": "viewSubscription", "viewSubscription": {
        "subscription": "x", "behavior": {} } }, "appearance": { "theme": "pink" } });
    create(&world, body).await.expect_properties(&[
        "intent.viewSubscription.subscription",
        "intent.viewSubscription.behavior",
        "appearance.theme",
    ]);
}

#[tokio::test]
async fn a_callback_leads_only_where_it_may() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    let to = |url: &str| json!({ "intent": intent(&subscription), "callbackUrl": url });
    for url in [
        "javascript:alert(1)",
        "JavaScript://x/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://example.com/",
        "/relative",
        "//example.com",
        "https://user@example.com/",
        "https://user:pw@example.com/",
        "mailto:a@b.example",
        "tel:+1",
        "intent://x#Intent;end",
        "",
        "https://",
        "https://exa mple.com",
        "about:blank",
        "blob:https://example.com/1",
        &format!("https://example.com/{}", "a".repeat(2_048)),
    ] {
        let reply = create(&world, to(url)).await;
        reply.expect_properties(&["callbackUrl"]);
    }
    for url in [
        "https://example.com/a?b=c#d",
        "http://127.0.0.1:3000/",
        "http://localhost/x",
        "myapp://done",
        "com.example.app:/done",
    ] {
        create(&world, to(url)).await.expect(201);
    }
    let limit = json!({ "callbackOrigins": ["https://example.com"] });
    world.patch("/projects/acme", limit).await.expect(200);
    create(&world, to("https://example.com/ok"))
        .await
        .expect(201);
    create(&world, to("https://example.org/"))
        .await
        .expect_properties(&["callbackUrl"]);
}

#[tokio::test]
async fn a_repetition_is_answered_as_before_whatever_has_changed_since() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    let new = json!({ "callbackUrl": "https://example.com/", "intent": intent(&subscription), "user": user });
    let first = world
        .post_once("connectSessions", new.clone(), "k1")
        .await
        .expect(201);
    assert_eq!(first.body["warnings"][0]["code"], "noPendingPorting");
    let limit = json!({ "callbackOrigins": ["https://example.org"] });
    world.patch("/projects/acme", limit).await.expect(200);
    let again = world.post_once("connectSessions", new.clone(), "k1").await;
    assert_eq!(again.expect(201).text, first.text);
    world
        .post_once("connectSessions", new, "k2")
        .await
        .expect_properties(&["callbackUrl"]);
    let events = world
        .get("events?type=com.portico.connectSession.created")
        .await;
    assert_eq!(events.ids().len(), 1);
}

/// What one takes for granted and is not so is nothing to the others, which may share its transaction.
#[tokio::test]
async fn each_of_many_at_once_gets_its_own_answer() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let (other, without_porting) = (world.user().await, world.subscription(&user, None).await);
    let new =
        |subscription: &str, user: &str| json!({ "intent": intent(subscription), "user": user });
    let bodies = [
        new(&subscription, &user),
        new(&subscription, &other),
        new(&without_porting, &user),
        new("sub_0000000000000000000000000000", &user),
    ];
    let asked = (0..40).map(|nth| create(&world, bodies[nth % 4].clone()));
    for (nth, reply) in join_all(asked).await.into_iter().enumerate() {
        match nth % 4 {
            0 => assert_eq!(reply.expect(201).body["warnings"], json!([])),
            1 => drop(reply.expect_properties(&["user"])),
            2 => {
                let body = reply.expect(201).body;
                assert_eq!(body["warnings"][0]["code"], "noPendingPorting");
            }
            _ => drop(reply.expect_properties(&["intent.completePorting.subscription"])),
        }
    }
}

#[tokio::test]
async fn a_link_lives_as_long_as_the_project_says() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    world
        .patch("/projects/acme", json!({ "linkLifetimeSeconds": 60 }))
        .await
        .expect(200);
    let made = create(&world, json!({ "intent": intent(&subscription) }))
        .await
        .expect(201);
    assert_eq!(made.body["expiresAt"], "2026-03-01T12:01:00Z");
}
