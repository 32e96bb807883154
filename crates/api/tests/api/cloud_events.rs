//! Every event there is, as CloudEvents wants it.

use portico_app::{sessions, upkeep};
use portico_carrier::Outcome;
use portico_domain::{decline::DeclineCode, event::EventType};
use portico_testkit::OPENER;
use serde_json::json;

use crate::{
    support::{World, complete, world},
    webhooks::{endpoint, path},
};

/// Everything that can happen, so that every type of event is written.
async fn let_everything_happen(world: &World) {
    let (user, subscription, porting) = world.pending().await;
    world.accept(&porting, 1).await;
    let code = DeclineCode::from("portingDeclined".to_owned());
    let message = "Refused.".to_owned();
    world
        .answer(&porting, 1, Outcome::Declined { code, message })
        .await;
    world
        .patch(&format!("portings/{porting}"), json!({}))
        .await
        .expect(200);
    world.accept(&porting, 2).await;
    world.answer(&porting, 2, Outcome::Completed).await;
    world
        .patch(&format!("users/{user}"), json!({ "fullName": "Jo" }))
        .await
        .expect(200);
    let notes = json!({ "metadata": { "a": "b" } });
    world
        .patch(&format!("subscriptions/{subscription}"), notes)
        .await
        .expect(200);
    let cancel = format!("subscriptions/{subscription}/cancel");
    world.post(&cancel, json!({})).await.expect(200);
    sessions(world, &user, &subscription).await;
    let end = format!("subscriptions/{subscription}/end");
    world.post(&end, json!({})).await.expect(200);

    let (_, _, waiting) = world.waiting().await;
    world
        .post(&format!("portings/{waiting}/cancel"), json!({}))
        .await
        .expect(200);
    let (_, _, broken) = world.pending().await;
    world.accept(&broken, 1).await;
    world.answer(&broken, 1, Outcome::Failed).await;
    let (_, _, forgotten) = world.pending().await;
    world.accept(&forgotten, 1).await;
    world.answer(&forgotten, 1, Outcome::Expired).await;
    let user = world.user().await;
    let draft = world.draft(&user, "+19595550100").await;
    world
        .patch(&format!("portings/{draft}"), complete())
        .await
        .expect(200);
    world.delete(&format!("portings/{draft}")).await.expect(200);
    world.delete(&format!("users/{user}")).await.expect(200);
    let endpoint = endpoint(world, json!(["*"])).await;
    world
        .patch(&path(&endpoint), json!({ "status": "disabled" }))
        .await
        .expect(200);
}

async fn sessions(world: &World, user: &str, subscription: &str) {
    let intent = json!({ "type": "viewSubscription",
                         "viewSubscription": { "subscription": subscription } });
    let mut opened = Vec::new();
    for _ in 0..3 {
        let body = json!({ "intent": intent, "user": user });
        let made = world.post("connectSessions", body).await.expect(201);
        let token = made.body["url"]
            .as_str()
            .unwrap()
            .split("token=")
            .nth(1)
            .unwrap();
        opened.push((made.id(), token.to_owned()));
    }
    let theme = json!({ "appearance": { "theme": "dark" } });
    world
        .patch(&format!("connectSessions/{}", opened[0].0), theme)
        .await
        .expect(200);
    for (index, (id, token)) in opened.into_iter().take(2).enumerate() {
        let ended = world.app.write(move |tx, app| {
            let (id, token) = (id.clone(), token.clone());
            Box::pin(async move {
                let link = (id.as_str(), Some(token.as_str()));
                sessions::redeem(tx, &app, link, OPENER).await?;
                match index {
                    0 => sessions::complete(tx, id.parse().unwrap()).await,
                    _ => sessions::abort(tx, id.parse().unwrap()).await,
                }
            })
        });
        ended.await.unwrap();
    }
    world.clock.advance(jiff::SignedDuration::from_mins(31));
    let swept = world
        .app
        .write(|tx, _| Box::pin(async { upkeep::expire_sessions(tx).await }));
    swept.await.unwrap();
}

/// The attributes, their types and their formats as the specification and its JSON format fix them:
/// CloudEvents 1.0.2, sections "Context Attributes" and "JSON Event Format".
fn cloud_events() -> jsonschema::Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["id", "source", "specversion", "type"],
        "properties": {
            "id": { "type": "string", "minLength": 1 },
            "source": { "type": "string", "minLength": 1, "format": "uri-reference" },
            "specversion": { "const": "1.0" },
            "type": { "type": "string", "minLength": 1 },
            "datacontenttype": { "type": ["string", "null"], "minLength": 1 },
            "dataschema": { "type": ["string", "null"], "minLength": 1, "format": "uri" },
            "subject": { "type": ["string", "null"], "minLength": 1 },
            "time": { "type": ["string", "null"], "format": "date-time" },
            "data": true,
            "data_base64": { "type": ["string", "null"], "contentEncoding": "base64" }
        },
        // Data is given in one way only.
        "not": { "required": ["data", "data_base64"] }
    });
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&schema).unwrap()
}

#[tokio::test]
async fn every_type_of_event_is_a_cloud_event() {
    let world = world().await;
    let schema = cloud_events();
    assert!(!schema.is_valid(&json!({ "id": "1", "source": "/", "specversion": "1.0" })));
    let_everything_happen(&world).await;
    let mut missing: Vec<_> = EventType::ALL.iter().map(|kind| kind.as_str()).collect();
    let events = world.get("events?limit=200").await.expect(200);
    assert_eq!(events.body["moreItemsAfter"], json!(null));
    for event in events.body["items"].as_array().unwrap() {
        let found: Vec<_> = schema.iter_errors(event).map(|it| it.to_string()).collect();
        assert!(found.is_empty(), "{found:?} in {event}");
        let kind = event["type"]
            .as_str()
            .unwrap()
            .strip_prefix("com.portico.")
            .unwrap();
        missing.retain(|it| *it != kind);
        assert_eq!(
            event.get("previousData").is_some(),
            kind.ends_with(".updated"),
            "{kind}"
        );
    }
    assert!(missing.is_empty(), "{missing:?}");
}
