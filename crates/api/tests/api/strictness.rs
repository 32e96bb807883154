//! A request is understood whole or refused whole.

use serde_json::{Value as Json, json};

use crate::{
    contract::{DOCUMENT, needs_no_key, operations},
    support::world,
};

#[tokio::test]
async fn everything_wrong_with_a_body_is_told_at_once() {
    let world = world().await;
    let body = json!({
        "provider": 5, "acountPin": "1234", "behavior": "stay", "birthday": "2026-02-30",
        "donorProviderApproval": "yes", "address": { "line1": 7, "zip": "1" },
        "accountType": "prepaid", "scheduledOn": "tomorrow", "donorProvider": "AT&T"
    });
    let reply = world.post("portings", body).await.expect_properties(&[
        "phoneNumber",
        "user",
        "provider",
        "acountPin",
        "behavior",
        "birthday",
        "donorProviderApproval",
        "address.line1",
        "address.zip",
        "accountType",
        "scheduledOn",
        "donorProvider",
    ]);
    let details = reply.body["details"].as_array().unwrap();
    let code = |property: &str| {
        let found = details.iter().find(|it| it["property"] == property);
        found.unwrap()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code("phoneNumber"), "propertyRequired");
    assert_eq!(code("provider"), "propertyInvalid");
}

#[tokio::test]
async fn addresses_have_their_own_codes() {
    let world = world().await;
    let path = format!("users/{}/addresses", world.user().await);
    let body =
        json!({ "line1": "1 Main Street", "country": "US", "postalCode": "1", "state": "ZZ" });
    let reply = world.post(&path, body).await;
    let reply = reply.expect_properties(&["city", "postalCode", "state"]);
    for detail in reply.body["details"].as_array().unwrap() {
        let code = match detail["property"] == "city" {
            true => "addressPropertyIncomplete",
            false => "addressPropertyInvalid",
        };
        assert_eq!(detail["code"], code);
    }
    let user = world.user().await;
    let body = json!({ "phoneNumber": "+19595550100", "provider": "test", "user": user,
                       "address": { "country": "US" } });
    let reply = world.post("portings", body).await;
    reply.expect_properties(&[
        "address.line1",
        "address.city",
        "address.state",
        "address.postalCode",
    ]);
}

/// The document and the reader of a body know the same properties: each documented property is
/// noticed when it is wrong, and none is called unknown.
#[tokio::test]
async fn every_documented_property_is_read() {
    let world = world().await;
    let (user, subscription, porting) = world.waiting().await;
    let plan = world.plan().await;
    let intent = json!({ "type": "viewSubscription",
                         "viewSubscription": { "subscription": subscription } });
    let session = world
        .post("connectSessions", json!({ "intent": intent }))
        .await
        .expect(201)
        .id();
    let event = world.get("events?limit=1").await.ids().remove(0);
    let endpoint = json!({ "url": "https://shop.example/hooks", "types": ["*"] });
    let endpoint = world.post("webhookEndpoints", endpoint).await.id();
    let mut seen = 0;
    for (method, template, operation) in operations() {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(schema) = resolve(body) else {
            continue;
        };
        // Its errors have a shape of their own; see `embeds`.
        if needs_no_key(&operation) {
            continue;
        }
        assert_eq!(schema["additionalProperties"], false, "{template}");
        let path = template
            .replace("{project}", "acme")
            .replace("{user}", &user)
            .replace("{plan}", &plan)
            .replace("{subscription}", &subscription)
            .replace("{porting}", &porting)
            .replace("{session}", &session)
            .replace("{event}", &event)
            .replace("{webhookEndpoint}", &endpoint);
        let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        let wrong: serde_json::Map<String, Json> = names
            .iter()
            .map(|name| ((*name).clone(), json!([[0]])))
            .collect();
        let request = world.request(method.clone(), &path);
        let request = request.header("content-type", "application/json");
        let reply = world
            .send(
                request
                    .body(Json::Object(wrong).to_string().into())
                    .unwrap(),
            )
            .await;
        let reply = reply.expect(422);
        assert!(
            !reply.text.contains("not a known property"),
            "{template} {}",
            reply.text
        );
        for name in names {
            let ignored = ["billing", "device", "deviceModel", "sim"].contains(&name.as_str());
            let named = reply.text.contains(&format!(r#""property":"{name}""#));
            assert!(
                named || ignored,
                "{template} does not read {name}: {}",
                reply.text
            );
        }
        seen += 1;
    }
    assert!(seen >= 17, "{seen}");
}

fn resolve(schema: &Json) -> Option<&'static Json> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    Some(&DOCUMENT["components"]["schemas"][name])
}

#[tokio::test]
async fn calls_without_a_body_take_an_empty_object_and_nothing_else() {
    let world = world().await;
    let (_, subscription, _) = world.waiting().await;
    let path = format!("subscriptions/{subscription}/cancel");
    world
        .post(&path, json!({ "now": true }))
        .await
        .expect_properties(&["now"]);
    world.post(&path, json!({})).await.expect(200);
    let request = world.request(http::Method::POST, &path);
    world
        .send(request.body("".into()).unwrap())
        .await
        .expect(200);
}

#[tokio::test]
async fn no_call_takes_parameters_it_does_not_know() {
    let world = world().await;
    let (user, ..) = world.waiting().await;
    world
        .get(&format!("users/{user}?expand=all"))
        .await
        .expect_properties(&["expand"]);
    world
        .get("users?email=jo@example.com")
        .await
        .expect_properties(&["email"]);
    world.get("/projects?x=1").await.expect_properties(&["x"]);
    let body = json!({ "email": "jo@example.com" });
    world
        .post("users?dry=1", body.clone())
        .await
        .expect_properties(&["dry"]);
    world.post("users?dry=", body).await.expect(422);
    world
        .delete(&format!("users/{user}?force=1"))
        .await
        .expect_properties(&["force"]);
}

#[tokio::test]
async fn whole_numbers_may_be_written_as_json_allows() {
    let world = world().await;
    let plan = |amount: Json| json!({ "name": "S", "provider": "test", "price": { "amount": amount, "currency": "USD" } });
    let reply = world.post("plans", plan(json!(500.0))).await.expect(201);
    assert_eq!(reply.body["price"]["amount"], 500);
    for amount in [json!(5.5), json!(-1), json!("5"), json!(1e40), json!(true)] {
        world
            .post("plans", plan(amount))
            .await
            .expect_properties(&["price.amount"]);
    }
}
