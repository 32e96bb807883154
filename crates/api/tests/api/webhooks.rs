//! Webhook endpoints.

use serde_json::{Value as Json, json};

use crate::support::{NO_SUCH_BODY, World, world};

const URL: &str = "https://shop.example/hooks?key=1";

pub async fn endpoint(world: &World, types: Json) -> Json {
    let body = json!({ "url": URL, "types": types });
    world.post("webhookEndpoints", body).await.expect(201).body
}

pub fn path(endpoint: &Json) -> String {
    format!("webhookEndpoints/{}", endpoint["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_endpoint_lives_and_shows_its_secret_once() {
    let world = world().await;
    let body = json!({ "url": URL, "types": ["com.portico.porting.*", "com.portico.user.created"],
                       "description": "the shop" });
    let made = world.post("webhookEndpoints", body).await.expect(201).body;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44);
    assert_eq!(made["object"], "webhookEndpoint");
    assert_eq!(made["status"], "enabled");
    assert_eq!(made["disabledReason"], json!(null));
    assert_eq!(made["types"][0], "com.portico.porting.*");
    let mut shown = made.clone();
    shown["secret"] = json!(null);
    let path = path(&made);
    assert_eq!(world.get(&path).await.expect(200).body, shown);
    let list = world.get("webhookEndpoints").await.expect(200);
    assert_eq!(list.body["items"], json!([shown]));

    let change = json!({ "types": ["*"], "status": "disabled", "description": null });
    let changed = world.patch(&path, change).await.expect(200).body;
    assert_eq!(
        (&changed["types"], &changed["status"]),
        (&json!(["*"]), &json!("disabled"))
    );
    assert_eq!(changed["disabledReason"], "requested");
    assert_eq!(
        (&changed["description"], &changed["url"]),
        (&json!(null), &json!(URL))
    );
    let events = world
        .get("events?type=com.portico.webhookEndpoint.disabled")
        .await
        .expect(200);
    assert_eq!(events.body["items"][0]["data"], changed);
    let subject = format!("events?subject={}", made["id"].as_str().unwrap());
    assert_eq!(world.get(&subject).await.expect(200).ids(), events.ids());

    let rotated = world.post(&format!("{path}/rotateSecret"), json!({})).await;
    let rotated = rotated.expect(200).body["secret"].clone();
    assert!(rotated.is_string() && rotated != made["secret"]);
    assert!(!world.get("events?limit=200").await.text.contains("whsec_"));
    let gone = world.delete(&path).await.expect(200).body;
    assert_eq!(gone, changed);
    world.get(&path).await.expect(404);
    world.patch(&path, json!({})).await.expect(404);
    assert!(world.get("webhookEndpoints").await.ids().is_empty());
}

#[tokio::test]
async fn endpoints_are_checked() {
    let world = world().await;
    world
        .post("webhookEndpoints", json!({ "secret": "x" }))
        .await
        .expect_properties(&["url", "types", "secret"]);
    for url in [
        "shop.example/hooks",
        "http://shop.example/hooks",
        "http://127.0.0.1:4000/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://jo:pw@shop.example/",
        "ftp://shop.example/",
    ] {
        let body = json!({ "url": url, "types": ["*"] });
        let reply = world.post("webhookEndpoints", body).await;
        reply.expect_properties(&["url"]);
    }
    for types in [
        json!([]),
        json!(["porting.declined"]),
        json!(["com.portico.porting.born"]),
        json!(["com.portico.port*"]),
        json!([""]),
        json!("*"),
    ] {
        let body = json!({ "url": URL, "types": types });
        let reply = world.post("webhookEndpoints", body).await;
        reply.expect_properties(&["types"]);
    }
    let path = path(&endpoint(&world, json!(["*"])).await);
    let change = json!({ "url": null, "types": null, "status": "paused", "description": "" });
    let reply = world.patch(&path, change).await;
    reply.expect_properties(&["url", "types", "status"]);
    let reply = world
        .patch(
            &path,
            json!({ "description": "", "url": "https://10.0.0.1/" }),
        )
        .await;
    reply.expect_properties(&["description", "url"]);
}

#[tokio::test]
async fn an_answer_with_a_secret_is_repeated_whole() {
    let world = world().await;
    let body = json!({ "url": URL, "types": ["*"] });
    let first = world
        .post_once("webhookEndpoints", body.clone(), "k")
        .await
        .expect(201);
    let again = world
        .post_once("webhookEndpoints", body, "k")
        .await
        .expect(201);
    assert_eq!(first.text, again.text);
    assert_eq!(world.get("webhookEndpoints").await.ids().len(), 1);
}

#[tokio::test]
async fn events_can_be_asked_for_again() {
    let world = world().await;
    let user = world.user().await;
    let event = world
        .get(&format!("events?subject={user}"))
        .await
        .ids()
        .remove(0);
    let again = format!("events/{event}/redeliver");
    let reply = world.post(&again, json!({})).await.expect(202);
    assert_eq!(
        reply.body,
        json!({ "object": "redelivery", "deliveries": 0 })
    );

    let told = endpoint(&world, json!(["*"])).await;
    let other = endpoint(&world, json!(["com.portico.porting.*"])).await;
    assert_eq!(
        world.post(&again, json!({})).await.expect(202).body["deliveries"],
        1
    );
    assert_eq!(
        world.post(&again, json!({})).await.expect(202).body["deliveries"],
        0
    );
    let to_other = json!({ "endpoint": other["id"] });
    assert_eq!(
        world.post(&again, to_other).await.expect(202).body["deliveries"],
        1
    );
    let nobody = json!({ "endpoint": format!("whe_{NO_SUCH_BODY}") });
    world
        .post(&again, nobody)
        .await
        .expect_properties(&["endpoint"]);

    let log = format!("{}/deliveries", path(&told));
    let list = world.get(&log).await.expect(200);
    let delivery = &list.body["items"][0];
    assert_eq!(delivery["object"], "webhookDelivery");
    assert_eq!(
        (&delivery["event"], &delivery["state"]),
        (&json!(event), &json!("waiting"))
    );
    assert_eq!(delivery["eventType"], "com.portico.user.created");
    assert_eq!(
        (&delivery["endpoint"], &delivery["attempts"]),
        (&told["id"], &json!([]))
    );
    assert_eq!(delivery["nextAttemptAt"], "2026-03-01T12:00:00Z");
    for (filter, count) in [
        (format!("?event={event}"), 1),
        (format!("?event=evt_{NO_SUCH_BODY}"), 0),
        ("?state=waiting".to_owned(), 1),
        ("?state=failed".to_owned(), 0),
    ] {
        let found = world.get(&format!("{log}{filter}")).await.expect(200);
        assert_eq!(found.ids().len(), count, "{filter}");
    }
    world
        .get(&format!("{log}?state=lost&event=x"))
        .await
        .expect_properties(&["state", "event"]);
}

#[tokio::test]
async fn a_range_of_time_can_be_asked_for_again() {
    let world = world().await;
    world.user().await;
    world.clock.advance(jiff::SignedDuration::from_mins(1));
    let late = world.user().await;
    let told = endpoint(&world, json!(["*"])).await;
    let again = format!("{}/redeliver", path(&told));
    let range = |after: &str, before: &str| json!({ "after": after, "before": before });
    let body = range("2026-03-01T12:00:30Z", "2026-03-02T00:00:00Z");
    let reply = world.post(&again, body).await.expect(202);
    assert_eq!(reply.body["deliveries"], 1);
    let list = world
        .get(&format!("{}/deliveries", path(&told)))
        .await
        .expect(200);
    let event = list.body["items"][0]["event"].as_str().unwrap().to_owned();
    let event = world.get(&format!("events/{event}")).await.expect(200);
    assert_eq!(event.body["subject"], late);
    let mut body = range("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
    body["types"] = json!(["com.portico.porting.*"]);
    assert_eq!(
        world.post(&again, body.clone()).await.expect(202).body["deliveries"],
        0
    );
    body["types"] = json!(["com.portico.user.*"]);
    assert_eq!(
        world.post(&again, body).await.expect(202).body["deliveries"],
        1
    );
    let body = range("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z");
    world
        .post(&again, body)
        .await
        .expect_properties(&["before"]);
    world
        .post(&again, range("today", "5"))
        .await
        .expect_properties(&["after", "before"]);
}

#[tokio::test]
async fn an_event_is_signed_for_whoever_posts_it_themselves() {
    let world = world().await;
    let endpoint = endpoint(&world, json!(["com.portico.porting.*"])).await;
    world.user().await;
    let event = world.get("events?limit=1").await.expect(200).body["items"][0].clone();
    let sign = format!("{}/sign", path(&endpoint));
    let asked = json!({ "event": event["id"] });
    let signed = world.post(&sign, asked.clone()).await.expect(200).body;
    assert_eq!(signed["object"], "signedEvent");
    let body: Json = serde_json::from_str(signed["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, event);
    let headers = &signed["headers"];
    assert_eq!(headers["webhook-id"], event["id"]);
    assert_eq!(
        headers["webhook-timestamp"], "1772366400",
        "the server's time"
    );
    assert_eq!(headers["content-type"], "application/cloudevents+json");
    let signatures = |signed: &Json| {
        let text = signed["headers"]["webhook-signature"]
            .as_str()
            .unwrap()
            .to_owned();
        text.split(' ').count()
    };
    assert_eq!(signatures(&signed), 1);
    let rotate = format!("{}/rotateSecret", path(&endpoint));
    world.post(&rotate, json!({})).await.expect(200);
    let signed = world.post(&sign, asked).await.expect(200).body;
    assert_eq!(signatures(&signed), 2, "both secrets sign");

    world
        .post(&sign, json!({}))
        .await
        .expect_properties(&["event"]);
    let unknown = json!({ "event": format!("evt_{NO_SUCH_BODY}") });
    world
        .post(&sign, unknown)
        .await
        .expect_properties(&["event"]);
    let nobody = format!("webhookEndpoints/whe_{NO_SUCH_BODY}/sign");
    world
        .post(&nobody, json!({ "event": event["id"] }))
        .await
        .expect(404);
}
