//! Events.

use serde_json::json;

use crate::support::world;

#[tokio::test]
async fn events_tell_a_portings_story() {
    let world = world().await;
    let (_, _, porting) = world.pending().await;
    let story = world
        .get(&format!("events?subject={porting}&limit=200"))
        .await
        .expect(200);
    let items = story.body["items"].as_array().unwrap().clone();
    let kinds: Vec<_> = items
        .iter()
        .rev()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "com.portico.porting.created",
            "com.portico.porting.updated",
            "com.portico.porting.informationRequired",
            "com.portico.porting.updated",
        ]
    );
    let last = &items[0];
    assert_eq!(last["object"], "event");
    assert_eq!(last["specversion"], "1.0");
    assert_eq!(last["datacontenttype"], "application/json");
    assert_eq!(last["project"], "acme");
    assert_eq!(last["subject"], porting);
    assert_eq!(last["sequence"], 4);
    assert_eq!(last["source"], "http://127.0.0.1:8080");
    assert_eq!(last["actor"]["type"], "apiKey");
    assert!(
        last["actor"]["apiKey"]
            .as_str()
            .unwrap()
            .starts_with("apk_")
    );
    assert_eq!(last["previousData"]["status"], "informationRequired");
    assert_eq!(last["data"]["accountPinExists"], true);
    assert!(!story.text.contains("0042"), "a PIN is in no event");
    assert!(items[1].get("previousData").is_none());
    let one = world
        .get(&format!("events/{}", last["id"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(one.body, *last);
}

#[tokio::test]
async fn events_are_filtered_by_whole_type() {
    let world = world().await;
    let (user, ..) = world.waiting().await;
    let created = world
        .get("events?type=com.portico.user.created")
        .await
        .expect(200);
    assert_eq!(created.body["items"][0]["subject"], user);
    assert_eq!(created.ids().len(), 1);
    for kind in [
        "user.created",
        "com.portico.user.born",
        "com.portico.",
        "com.portico.user.*",
    ] {
        world
            .get(&format!("events?type={kind}"))
            .await
            .expect_properties(&["type"]);
    }
    world
        .get("events?subject=pln_1")
        .await
        .expect_properties(&["subject"]);
}

#[tokio::test]
async fn no_event_holds_a_sessions_url() {
    let world = world().await;
    let user = world.user().await;
    let subscription = world.subscription(&user, None).await;
    let intent = json!({ "type": "viewSubscription",
                         "viewSubscription": { "subscription": subscription } });
    let session = json!({ "intent": intent, "user": user });
    let session = world.post("connectSessions", session).await.expect(201);
    let url = session.body["url"].as_str().unwrap();
    let token = url.split("token=").nth(1).unwrap();
    let events = world.get("events?limit=200").await.expect(200);
    assert!(events.text.contains(&session.id()) && !events.text.contains(token));
}
