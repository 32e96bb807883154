//! Who may see what. The cases come from the document, so a new call cannot be forgotten.

use http::Method;
use portico_app::api_keys;
use portico_domain::event::Actor;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{
    contract::{needs_no_key, operations},
    support::{NO_SUCH_BODY, World, world},
};

/// One thing of each kind in `acme`, by its name in paths.
pub async fn everything(world: &World) -> Vec<(&'static str, String)> {
    let (user, subscription, porting) = world.waiting().await;
    let address = json!({ "line1": "1 Main Street", "city": "Springfield", "state": "IL",
                          "postalCode": "62701", "country": "US" });
    let path = format!("users/{user}/addresses");
    let address = world.post(&path, address).await.expect(201).id();
    let intent = json!({ "type": "viewSubscription",
                         "viewSubscription": { "subscription": subscription } });
    let session = json!({ "intent": intent, "user": user });
    let session = world.post("connectSessions", session).await.expect(201);
    let event = world
        .get("events?limit=1")
        .await
        .expect(200)
        .ids()
        .remove(0);
    let plan = world.plan().await;
    let endpoint = json!({ "url": "https://shop.example/hooks", "types": ["*"] });
    let endpoint = world.post("webhookEndpoints", endpoint).await.expect(201);
    vec![
        ("user", user),
        ("subscription", subscription),
        ("porting", porting),
        ("address", address),
        ("session", session.id()),
        ("event", event),
        ("plan", plan),
        ("webhookEndpoint", endpoint.id()),
        ("serviceProvider", "svp_44wxrl3X2KDCw8dPRrxRtP".to_owned()),
    ]
}

pub fn fill(template: &str, project: &str, ids: &[(&'static str, String)]) -> String {
    let path = template.replace("{project}", project);
    let path = ids.iter().fold(path, |path, (name, id)| {
        path.replace(&format!("{{{name}}}"), id)
    });
    assert!(!path.contains('{'), "no case for {template}");
    path
}

async fn status(world: &World, key: Option<&str>, method: &Method, path: &str) -> u16 {
    let request = world.request_as(key, method.clone(), path);
    let request = request.header("content-type", "application/json");
    let body = if *method == Method::GET { "" } else { "{}" };
    let reply = world.send(request.body(body.into()).unwrap()).await;
    if reply.status == 401 {
        assert_eq!(reply.body["message"], "Invalid authorization token");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    reply.status.as_u16()
}

#[tokio::test]
async fn no_call_answers_without_a_valid_key() {
    let world = world().await;
    let ids = everything(&world).await;
    let mut unknown = world.key.clone();
    let last = if unknown.pop() == Some('A') { 'B' } else { 'A' };
    unknown.push(last);
    let user_token = format!("portico_ut_{NO_SUCH_BODY}_{}", "0".repeat(43));
    for (method, template, operation) in operations() {
        // Its body holds a secret of its own.
        if needs_no_key(&operation) {
            continue;
        }
        let path = fill(&template, "acme", &ids);
        for key in [
            None,
            Some(""),
            Some("portico_x"),
            Some(unknown.as_str()),
            Some(user_token.as_str()),
        ] {
            assert_eq!(
                status(&world, key, &method, &path).await,
                401,
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_sees_nothing_of_another_project() {
    let world = world().await;
    let ids = everything(&world).await;
    let (mut foreign, mut hidden) = (0, 0);
    for (method, template, _) in operations() {
        if !template.contains("{project}") {
            continue;
        }
        let path = fill(&template, "acme", &ids);
        let key = Some(world.other.as_str());
        assert_eq!(
            status(&world, key, &method, &path).await,
            404,
            "{method} {path}"
        );
        foreign += 1;
        if template.matches('{').count() > 1 {
            let path = fill(&template, "other", &ids);
            assert_eq!(
                status(&world, key, &method, &path).await,
                404,
                "{method} {path}"
            );
            hidden += 1;
        }
    }
    assert!(foreign > 30 && hidden > 18, "{foreign} {hidden}");
    for (path, count) in [
        ("users", 1),
        ("portings", 1),
        ("subscriptions", 1),
        ("plans", 2),
    ] {
        let reply = world.get(path).await.expect(200);
        assert_eq!(reply.ids().len(), count, "nothing was changed: {path}");
        let request = world.request_as(
            Some(&world.other),
            Method::GET,
            &format!("/projects/other/{path}"),
        );
        let reply = world.send(request.body("".into()).unwrap()).await;
        assert!(reply.ids().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn what_a_body_names_must_be_of_the_project_too() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let request = |path: &str, body: serde_json::Value| {
        let request = world.request_as(Some(&world.other), Method::POST, path);
        let request = request.header("content-type", "application/json");
        world.send(request.body(body.to_string().into()).unwrap())
    };
    let porting = json!({ "phoneNumber": "+19595550100", "provider": "test", "user": user });
    let reply = request("/projects/other/portings", porting).await;
    reply.expect_properties(&["user"]);
    let intent = json!({ "type": "completePorting",
                         "completePorting": { "subscription": subscription } });
    let reply = request(
        "/projects/other/connectSessions",
        json!({ "intent": intent }),
    )
    .await;
    reply.expect_properties(&["intent.completePorting.subscription"]);
    let body = json!({ "plan": world.plan().await, "user": user });
    let reply = request("/projects/other/subscriptions", body).await;
    reply.expect_properties(&["plan"]);
}

async fn revoke(world: &World) {
    let id = format!("apk_{}", &world.key["portico_".len()..][..28]);
    world
        .app
        .write(move |tx, _| {
            let id = id.parse().unwrap();
            Box::pin(async move { Ok(portico_store::api_keys::revoke(tx, id).await?) })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_revoked_key_stops_working() {
    let world = world().await;
    world.get("users").await.expect(200);
    revoke(&world).await;
    world.get("users").await.expect(401);
}

/// A key of `acme` that is used from now on.
async fn use_another_key(world: &mut World) {
    let made = world
        .app
        .write(|tx, _| Box::pin(api_keys::create(tx, &Actor::System, "acme")));
    let (_, key) = made.await.unwrap();
    world.key = key.expose_secret().to_owned();
}

/// Creations do not look the key up first. Each is the first with a key after that was revoked, and
/// nothing tells it apart from one that was looked up.
#[tokio::test]
async fn a_revoked_key_creates_no_session_and_learns_nothing() {
    const PATH: &str = "connectSessions";
    let mut world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let new = |user: &str| {
        json!({ "intent": { "type": "completePorting",
                            "completePorting": { "subscription": subscription } },
                "user": user })
    };
    let (valid, unknown) = (new(&user), new("usr_0000000000000000000000000000"));
    let (json, long) = ("application/json", "k".repeat(300));
    let calls = [
        (PATH, json, "new", valid.to_string()),
        (PATH, json, "kept", valid.to_string()),
        (PATH, json, "kept", unknown.to_string()),
        (PATH, json, "", valid.to_string()),
        (PATH, json, "", unknown.to_string()),
        (PATH, json, "", json!({ "intent": 1 }).to_string()),
        (PATH, json, "", "[]".to_owned()),
        (PATH, json, "", "{".to_owned()),
        (PATH, "text/plain", "", valid.to_string()),
        (PATH, json, &long, valid.to_string()),
        (
            "/projects/other/connectSessions",
            json,
            "",
            valid.to_string(),
        ),
    ];
    world
        .post_once(PATH, valid.clone(), "kept")
        .await
        .expect(201);
    let mut sessions = 1;
    for (path, content_type, idempotency_key, body) in calls {
        use_another_key(&mut world).await;
        world.post(PATH, valid.clone()).await.expect(201);
        sessions += 1;
        revoke(&world).await;
        let mut request = world.request(Method::POST, path);
        request = request.header("content-type", content_type);
        if !idempotency_key.is_empty() {
            request = request.header("idempotency-key", idempotency_key);
        }
        let reply = world.send(request.body(body.into()).unwrap()).await;
        reply.expect(401);
    }
    use_another_key(&mut world).await;
    let made = world.get("events?type=com.portico.connectSession.created&limit=50");
    assert_eq!(made.await.ids().len(), sessions);
}

/// Settings that only the database writes in another way, such as after an upgrade, are the same.
#[tokio::test]
async fn a_valid_key_stays_valid_whatever_becomes_of_the_settings() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let new = json!({ "intent": { "type": "completePorting",
                                  "completePorting": { "subscription": subscription } },
                      "user": user });
    world.post("connectSessions", new.clone()).await.expect(201);
    let mut tx = world.app.read().await.unwrap();
    let project = portico_app::projects::get(&mut tx, "acme").await.unwrap();
    drop(tx);
    let mut settings = serde_json::to_value(&project.settings).unwrap();
    settings["ofALaterVersion"] = json!(true);
    let sql = format!("UPDATE projects SET settings = '{settings}' WHERE id = 'acme'");
    world.database.by_hand(sql).await.unwrap();
    world.post("connectSessions", new.clone()).await.expect(201);
    world.post("connectSessions", new).await.expect(201);
}

/// Another node, or a command, may have changed what a creation takes for granted.
#[tokio::test]
async fn a_creation_goes_by_the_settings_of_its_moment() {
    let world = world().await;
    let other = world.another_node().await;
    let (user, subscription, _) = world.waiting().await;
    let new = json!({ "intent": { "type": "completePorting",
                                  "completePorting": { "subscription": subscription } },
                      "user": user, "callbackUrl": "https://example.com/" });
    let path = "connectSessions";
    world.post(path, new.clone()).await.expect(201);
    let change = json!({ "linkLifetimeSeconds": 60 });
    other.patch("/projects/acme", change).await.expect(200);
    let made = world.post(path, new.clone()).await.expect(201);
    assert_eq!(made.body["expiresAt"], "2026-03-01T12:01:00Z");
    let change = json!({ "callbackOrigins": ["https://example.org"] });
    other.patch("/projects/acme", change).await.expect(200);
    let refused = world.post(path, new.clone()).await;
    refused.expect_properties(&["callbackUrl"]);
    let change = json!({ "callbackOrigins": ["https://example.com"] });
    other.patch("/projects/acme", change).await.expect(200);
    world.post(path, new).await.expect(201);
}

#[tokio::test]
async fn the_scheme_may_be_in_any_case() {
    let world = world().await;
    let request = world.request_as(None, Method::GET, "/projects");
    let request = request.header("authorization", format!("bearer {}", world.key));
    world
        .send(request.body("".into()).unwrap())
        .await
        .expect(200);
}
