//! Statuses that no single call explains: paths, methods, and things going wrong inside.

use futures_util::future::join_all;
use http::Method;
use portico_app::{Config, Limits};
use portico_store::rate_limits::Limit;
use serde_json::json;
use tower::ServiceExt;

use crate::support::{NO_SUCH_BODY, open, world, world_with};

#[tokio::test]
async fn what_does_not_exist_is_404_in_json() {
    let world = world().await;
    world.get("/nothing").await.expect(404);
    world.get("nothing").await.expect(404);
    for path in [
        format!("users/usr_{NO_SUCH_BODY}"),
        format!("users/prt_{NO_SUCH_BODY}"),
        "users/usr_short".to_owned(),
        "users/%ff".to_owned(),
        "portings/prt_0000000000000000000000000000%00".to_owned(),
        "/serviceProviders/svp_0000000000000000000000".to_owned(),
        "/serviceProviders/other".to_owned(),
        "/projects/nothing".to_owned(),
        "/projects/nothing/users".to_owned(),
    ] {
        world.get(&path).await.expect(404);
    }
}

#[tokio::test]
async fn a_missing_thing_is_told_before_a_wrong_body() {
    let world = world().await;
    for path in [
        format!("users/usr_{NO_SUCH_BODY}"),
        format!("portings/prt_{NO_SUCH_BODY}"),
        format!("plans/pln_{NO_SUCH_BODY}"),
        format!("connectSessions/csn_{NO_SUCH_BODY}"),
        format!("subscriptions/sub_{NO_SUCH_BODY}"),
    ] {
        world
            .patch(&path, json!({ "nonsense": 1 }))
            .await
            .expect(404);
        world.get(&format!("{path}?nonsense=1")).await.expect(404);
    }
    let path = format!("subscriptions/sub_{NO_SUCH_BODY}/portIn");
    world.post(&path, json!({})).await.expect(404);
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let world = world().await;
    let request = world.request(Method::PUT, "users");
    let reply = world
        .send(request.body("".into()).unwrap())
        .await
        .expect(405);
    let allowed = reply.header("allow").unwrap();
    assert!(
        allowed.contains("GET") && allowed.contains("POST"),
        "{allowed}"
    );
}

#[tokio::test]
async fn the_database_being_away_is_503_and_says_when_to_come_back() {
    let world = world().await;
    world.app.db.close().await;
    let reply = world.get("users").await.expect(503);
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert!(!reply.text.contains("sql") && !reply.text.contains("pool"));
}

#[tokio::test]
async fn what_went_wrong_inside_is_not_shown() {
    let world = world().await;
    let named = json!({ "email": "rosalind@example.com", "fullName": "Rosalind Quimby" });
    let user = world.post("users", named).await.expect(201).id();
    let another_key = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";
    let broken = open(
        &world.database,
        &world.clock,
        another_key,
        (Config::default(), None),
    )
    .await;
    let request = world.request(Method::GET, &format!("users/{user}"));
    let response = portico_api::router(broken)
        .oneshot(request.body(axum::body::Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 500);
    let body = axum::body::to_bytes(response.into_body(), 10_000)
        .await
        .unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(body.contains(r#""type":"internal""#), "{body}");
    assert!(!body.contains("sealed") && !body.contains("key"), "{body}");
}

#[tokio::test]
async fn sessions_are_limited_per_subscription() {
    let config = Config {
        limits: Limits {
            sessions_per_subscription: Limit {
                times: 2,
                window: jiff::SignedDuration::from_hours(1),
            },
            ..Limits::default()
        },
        ..Config::default()
    };
    let world = world_with(config, None).await;
    let user = world.user().await;
    let create = async |subscription: &str| {
        let intent = json!({ "type": "viewSubscription",
                             "viewSubscription": { "subscription": subscription } });
        let body = json!({ "intent": intent });
        world.post("connectSessions", body).await
    };
    let first = world.subscription(&user, None).await;
    create(&first).await.expect(201);
    world.clock.advance(jiff::SignedDuration::from_mins(20));
    create(&first).await.expect(201);
    let reply = create(&first).await.expect(429);
    let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((2_400..=2_401).contains(&seconds), "{seconds}");
    let second = world.subscription(&user, None).await;
    create(&second).await.expect(201);

    // Who may not ask for one is not told how many there were, whatever is taken for granted.
    let (owner, third, _) = world.waiting().await;
    let complete = async |user: &str| {
        let intent = json!({ "type": "completePorting",
                             "completePorting": { "subscription": third } });
        let body = json!({ "intent": intent, "user": user });
        world.post("connectSessions", body).await
    };
    for status in [201, 201, 429] {
        complete(&owner).await.expect(status);
    }
    complete(&user).await.expect_properties(&["user"]);
    complete(&owner).await.expect(429);
    world.clock.advance(jiff::SignedDuration::from_mins(41));
    create(&first).await.expect(201);
    // Its second of this hour, and nobody else's of those who ask at the same time.
    let many = join_all((0..12).map(|_| create(&first))).await;
    let mut statuses: Vec<_> = many.iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[201].as_slice(), &[429; 11]].concat());
}

#[tokio::test]
async fn pin_entries_are_limited_per_porting() {
    let world = world().await;
    let user = world.user().await;
    let path = format!("portings/{}", world.draft(&user, "+19595550100").await);
    for _ in 0..20 {
        world
            .patch(&path, json!({ "accountPin": "1234" }))
            .await
            .expect(200);
    }
    let reply = world.patch(&path, json!({ "accountPin": "1234" })).await;
    assert!(reply.expect(429).header("retry-after").is_some());
    world
        .patch(&path, json!({ "firstName": "Jo" }))
        .await
        .expect(200);
}

#[tokio::test]
async fn answers_are_kept_by_nobody_on_the_way() {
    let world = world().await;
    let reply = world.get("users").await.expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}
