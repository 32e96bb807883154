//! Input that nobody sends by mistake. None of it makes the server fail.

use axum::body::Body;
use http::Method;
use serde_json::{Value as Json, json};

use crate::support::world;

#[tokio::test]
async fn what_is_no_json_is_400() {
    let world = world().await;
    let bodies: [&[u8]; 10] = [
        b"{",
        b"{\"email\":}",
        b"{\"email\":\"a@b.c\"} x",
        b"{\"email\":\"\xff\xfe\"}",
        b"{\"email\":\"\\ud800\"}",
        b"{\"email\":\"a\nb\"}",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"{'email':'a'}",
        b"\0",
    ];
    for body in bodies {
        let reply = world.post_bytes("users", body.to_vec()).await.expect(400);
        assert!(!reply.text.contains("a@b.c"), "a message repeats no input");
    }
    world.post_bytes("users", "").await.expect(400);
}

#[tokio::test]
async fn nesting_is_bounded() {
    let world = world().await;
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("{{\"email\":{open}{close}}}")
    };
    world
        .post_bytes("users", nested(31))
        .await
        .expect_properties(&["email"]);
    world.post_bytes("users", nested(32)).await.expect(400);
    world
        .post_bytes("users", "[".repeat(60_000))
        .await
        .expect(400);
}

#[tokio::test]
async fn json_that_is_no_object_is_422() {
    let world = world().await;
    for body in ["[]", "\"text\"", "5", "null", "true"] {
        world
            .post_bytes("users", body)
            .await
            .expect_properties(&["body"]);
    }
}

#[tokio::test]
async fn bodies_are_bounded() {
    let world = world().await;
    let sized = |size: usize| {
        let rest = "x".repeat(size - r#"{"email":""}"#.len());
        format!(r#"{{"email":"{rest}"}}"#)
    };
    world
        .post_bytes("users", sized(64 * 1_024))
        .await
        .expect_properties(&["email"]);
    world
        .post_bytes("users", sized(64 * 1_024 + 1))
        .await
        .expect(413);
    world
        .post_bytes("users", sized(1_024 * 1_024))
        .await
        .expect(413);
    let parts = (0..1_000).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1_024]));
    let endless = Body::from_stream(futures_util::stream::iter(parts));
    world.post_bytes("users", endless).await.expect(413);
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let world = world().await;
    let body = r#"{"email":"jo@example.com"}"#;
    for kind in [
        None,
        Some("text/plain"),
        Some("application/xml"),
        Some("application/jsonx"),
    ] {
        let mut request = world.request(Method::POST, "users");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        world
            .send(request.body(body.into()).unwrap())
            .await
            .expect(415);
    }
    let request = world.request(Method::POST, "users");
    let request = request.header("content-type", "Application/JSON; charset=utf-8");
    world
        .send(request.body(body.into()).unwrap())
        .await
        .expect(201);
}

#[tokio::test]
async fn texts_without_control_characters_come_back_as_they_were() {
    let world = world().await;
    for (at, text) in ["<b>&amp;\"'</b>", "👩‍👩‍👧 𠜎", "Łukasz Ωμέγα", "{{7*7}} ${x}"]
        .into_iter()
        .enumerate()
    {
        let body = json!({ "email": format!("u{at}@example.com"), "fullName": text,
                           "metadata": { "note": text } });
        let reply = world.post("users", body).await.expect(201);
        assert_eq!(reply.body["fullName"], text);
        assert_eq!(reply.body["metadata"]["note"], text);
    }
}

#[tokio::test]
async fn control_characters_and_long_texts_are_refused_by_name() {
    let world = world().await;
    for text in ["a\0b", "a\nb", "a\u{7f}b", "a\u{85}b", &"x".repeat(2_049)] {
        let body =
            json!({ "email": "jo@example.com", "fullName": text, "metadata": { "n": text } });
        let reply = world.post("users", body).await;
        reply.expect_properties(&["fullName", "metadata"]);
    }
    let turned = json!({ "email": "jo@example.com", "fullName": "Jo\u{202e}evil" });
    world
        .post("users", turned)
        .await
        .expect_properties(&["fullName"]);
}

#[tokio::test]
async fn every_field_of_a_porting_survives_every_type() {
    let world = world().await;
    let user = world.user().await;
    let path = format!("portings/{}", world.draft(&user, "+19595550100").await);
    let values = [
        json!(true),
        json!(-1),
        json!(1e300),
        json!(123_456_789_012_345_678_901_234_567_890.0),
        json!([]),
        json!(["x"]),
        json!({}),
        json!(""),
        json!("\u{202e}"),
        json!("\0"),
        json!("x".repeat(5_000)),
    ];
    let fields = [
        "accountNumber",
        "accountPin",
        "accountType",
        "address",
        "behavior",
        "billingPin",
        "birthday",
        "donorProvider",
        "firstName",
        "lastName",
        "phoneNumber",
        "provider",
        "scheduledOn",
    ];
    for field in fields {
        for value in &values {
            let body = Json::Object([(field.to_owned(), value.clone())].into_iter().collect());
            let reply = world.patch(&path, body).await.expect(422);
            let Some(named) = reply.body["details"][0]["property"].as_str() else {
                // A text that names no recipient is no wrong property, but an unknown provider.
                assert_eq!(
                    reply.body["code"], "portingProviderNotFound",
                    "{field} {value}"
                );
                continue;
            };
            assert!(
                named == field || named.starts_with(&format!("{field}.")),
                "{named}"
            );
        }
    }
}

#[tokio::test]
async fn refusals_do_not_repeat_secrets() {
    let world = world().await;
    let user = world.user().await;
    let path = format!("portings/{}", world.draft(&user, "+19595550100").await);
    let secret = "S3CR3T!VALUE";
    let body = json!({
        "accountNumber": secret, "accountPin": secret, "billingPin": secret, "birthday": secret,
        "firstName": secret, "lastName": secret, "address": { "line1": secret, "state": secret,
        "postalCode": secret, "country": secret, "city": secret }
    });
    let reply = world.patch(&path, body).await.expect(422);
    assert!(!reply.text.contains(secret), "{}", reply.text);
}

#[tokio::test]
async fn hostile_queries_are_422() {
    let world = world().await;
    for query in [
        "limit=1&limit=2",
        "limit=",
        "limit=-1",
        "limit=201",
        "limit=1e2",
        "limit=0x5",
        "limit=%00",
        "limit=٣",
        "after=",
        "after=1%27%20OR%201=1",
        "status=%ff",
        "status=draft,,",
        "status=,",
        "=",
        "%00=1",
        "status[]=draft",
        "offset=5",
    ] {
        let reply = world.get(&format!("portings?{query}")).await.expect(422);
        assert!(
            !reply.body["details"].as_array().unwrap().is_empty(),
            "{query}"
        );
    }
}
