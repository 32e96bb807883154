//! The token for a link.

use std::net::IpAddr;

use http::Method;
use portico_app::{ClientAddr, Config, Limits, sessions};
use portico_store::rate_limits::Limit;
use portico_testkit::OPENER;
use serde_json::json;

use super::{AUTH, access_token};
use crate::support::{complete, world, world_with};

#[tokio::test]
async fn a_link_is_traded_for_a_token_that_completes_the_porting() {
    let world = world().await;
    let (user, subscription, porting) = world.waiting().await;
    let (secret, session) = world.secret(&user, &subscription).await;
    let reply = world.exchange(&secret, None).await.expect(200);
    assert_eq!(reply.body["token"]["token_type"], "Bearer");
    assert_eq!(reply.body["token"]["expires_in"], 3600);
    let token = access_token(&reply);

    let path = format!("subscriptions/{subscription}");
    let reply = world.as_user(&token, Method::GET, &path, None).await;
    assert_eq!(reply.expect(200).body["porting"]["id"], porting.as_str());
    let session_path = format!("connectSessions/{session}");
    let status = world.get(&session_path).await.body["status"].clone();
    assert_eq!(status, "opened");

    let path = format!("portings/{porting}");
    let reply = world
        .as_user(&token, Method::PATCH, &path, Some(complete()))
        .await;
    assert_eq!(reply.expect(200).body["status"], "pending");
    let kept = world.get(&session_path).await.expect(200).body;
    assert_eq!(
        (&kept["status"], &kept["outcome"]["status"]),
        (&json!("completed"), &json!("success"))
    );
    for (subject, kind) in [
        (&porting, "porting.updated"),
        (&session, "connectSession.opened"),
        (&session, "connectSession.completed"),
    ] {
        let path = format!("events?subject={subject}&type=com.portico.{kind}");
        let event = &world.get(&path).await.expect(200).body["items"][0];
        assert_eq!(event["actor"], json!({ "type": "user", "user": user }));
        assert!(!event.to_string().contains("portico_ut_"));
    }
}

#[tokio::test]
async fn a_link_is_traded_once_and_what_does_not_work_looks_the_same() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let (used, _) = world.secret(&user, &subscription).await;
    world.exchange(&used, None).await.expect(200);
    let (expired, _) = world.secret(&user, &subscription).await;
    world.clock.advance(jiff::SignedDuration::from_mins(31));
    let (fresh, _) = world.secret(&user, &subscription).await;
    let last = if fresh.ends_with('0') { '1' } else { '0' };
    let wrong = format!("{}{last}", &fresh[..fresh.len() - 1]);
    let mut texts = Vec::new();
    for secret in [&used, &expired, &wrong, "x", "ä".repeat(40).as_str()] {
        texts.push(world.exchange(secret, None).await.expect(422).text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    world.exchange(&fresh, None).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_trade_a_link_one_gets_a_token() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let (secret, session) = world.secret(&user, &subscription).await;
    let all = futures_util::future::join_all((0..12).map(|_| world.exchange(&secret, None))).await;
    let won = all.iter().filter(|reply| reply.status == 200);
    assert_eq!(won.count(), 1);
    let lost = all.iter().filter(|reply| reply.status == 422);
    assert_eq!(lost.count(), all.len() - 1, "a link that is used");
    let path = format!("events?subject={session}&type=com.portico.connectSession.opened");
    assert_eq!(world.get(&path).await.expect(200).ids().len(), 1);
}

#[tokio::test]
async fn a_link_opens_in_a_browser_or_for_an_embed_but_not_both() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let redeem = async |session: String, secret: String| {
        let redeemed = world.app.write(move |tx, app| {
            let (session, secret) = (session.clone(), secret.clone());
            Box::pin(async move {
                let link = (session.as_str(), Some(secret.as_str()));
                sessions::redeem(tx, &app, link, OPENER).await
            })
        });
        format!("{:?}", redeemed.await.unwrap())
    };
    let (secret, session) = world.secret(&user, &subscription).await;
    world.exchange(&secret, None).await.expect(200);
    assert!(redeem(session, secret).await.starts_with("Refused(Used("));
    let (secret, session) = world.secret(&user, &subscription).await;
    assert!(redeem(session, secret.clone()).await.starts_with("Opened("));
    world.exchange(&secret, None).await.expect(422);
}

#[tokio::test]
async fn bodies_that_are_wrong_are_refused_in_the_shape_embeds_read() {
    let world = world().await;
    for (body, status, word) in [
        ("", 400, "JSON"),
        ("{", 400, "JSON"),
        ("{}", 422, "secret"),
        (r#"{"secret":5}"#, 422, "secret"),
        (r#"{"secret":"x","more":1}"#, 422, "more"),
        ("[]", 422, "body"),
    ] {
        let request = world.request_as(None, Method::POST, AUTH);
        let request = request.header("content-type", "application/json");
        let reply = world.send(request.body(body.into()).unwrap()).await;
        let error = reply.expect(status).body["error"].clone();
        assert!(
            error.as_str().is_some_and(|it| it.contains(word)),
            "{body} {error}"
        );
    }
    let request = world.request_as(None, Method::POST, AUTH);
    let reply = world.send(request.body("secret=x".into()).unwrap()).await;
    assert!(reply.expect(415).body["error"].is_string());
}

#[tokio::test]
async fn wrong_tokens_are_limited_by_client_address() {
    let limits = Limits {
        wrong_tokens: Limit {
            times: 3,
            window: jiff::SignedDuration::from_mins(1),
        },
        ..Limits::default()
    };
    let config = Config {
        limits,
        ..Config::default()
    };
    let world = world_with(config, None).await;
    let (user, subscription, _) = world.waiting().await;
    let from = async |address: &str, secret: &str| {
        let mut request = world
            .request_as(None, Method::POST, AUTH)
            .header("content-type", "application/json")
            .body(json!({ "secret": secret }).to_string().into())
            .unwrap();
        let address: IpAddr = address.parse().unwrap();
        request.extensions_mut().insert(ClientAddr(address));
        world.send(request).await
    };
    for _ in 0..3 {
        from("192.0.2.1", "wrong").await.expect(422);
    }
    let reply = from("192.0.2.1", "wrong").await.expect(429);
    assert!(reply.header("retry-after").is_some() && reply.body["error"].is_string());
    from("192.0.2.2", "wrong").await.expect(422);
    // Who has the right one is not held back by others behind the same address.
    let (secret, _) = world.secret(&user, &subscription).await;
    from("192.0.2.1", &secret).await.expect(200);
}
