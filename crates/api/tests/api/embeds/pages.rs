//! Which pages of other origins may ask.

use http::Method;
use portico_app::Config;
use serde_json::json;

use super::{AUTH, access_token};
use crate::support::{NO_SUCH_BODY, Reply, World, world, world_with};

const SHOP: &str = "https://shop.example";
const EVIL: &str = "https://evil.example";

#[tokio::test]
async fn a_listed_page_reads_every_answer_of_its_project_and_no_other_page_does() {
    let world = world().await;
    world.embed_origins(json!([SHOP])).await;
    let (user, subscription, porting) = world.waiting().await;
    let (secret, _) = world.secret(&user, &subscription).await;

    let refused = world.exchange(&secret, Some(EVIL)).await.expect(403);
    assert_eq!(refused.header("access-control-allow-origin"), None);
    let reply = world.exchange(&secret, Some(SHOP)).await.expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(reply.header("access-control-allow-credentials"), None);
    let token = access_token(&reply);
    // Another page is told no more of a link that is used than of one that never was.
    world.exchange(&secret, Some(EVIL)).await.expect(422);
    let reply = world.exchange(&secret, Some(SHOP)).await.expect(422);
    assert_eq!(reply.header("access-control-allow-origin"), Some(SHOP));

    for (path, status) in [
        (format!("/projects/acme/subscriptions/{subscription}"), 200),
        (format!("/projects/acme/portings/{porting}"), 200),
        ("/serviceProviders".to_owned(), 200),
        (
            "/serviceProviders/svp_44wxrl3X2KDCw8dPRrxRtP".to_owned(),
            200,
        ),
        (
            format!("/projects/acme/subscriptions/sub_{}", NO_SUCH_BODY),
            404,
        ),
    ] {
        for (origin, is_open) in [(SHOP, true), (EVIL, false), ("null", false)] {
            let call = (Method::GET, path.as_str());
            let reply = world
                .call_from_page(Some(&token), call, Some(origin), String::new())
                .await
                .expect(status);
            let allowed = reply.header("access-control-allow-origin");
            assert_eq!(allowed, is_open.then_some(origin), "{path}");
            assert_eq!(reply.header("vary"), Some("origin"));
        }
    }
    // What is not for embeds is never shared.
    let reply = world
        .call_from_page(
            Some(&world.key),
            (Method::GET, "/projects/acme/users"),
            Some(SHOP),
            String::new(),
        )
        .await
        .expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn what_says_nothing_of_a_project_can_be_read_by_every_page() {
    let world = world().await;
    let reply = world.exchange("unknown", Some(EVIL)).await.expect(422);
    assert_eq!(reply.header("access-control-allow-origin"), Some(EVIL));
    let call = (Method::GET, "/serviceProviders");
    let reply = world
        .call_from_page(Some("portico_ut_x"), call, Some(EVIL), String::new())
        .await
        .expect(401);
    assert_eq!(reply.header("access-control-allow-origin"), Some(EVIL));
}

async fn preflight(world: &World, path: &str, origin: &str) -> Reply {
    let request = world
        .request_as(None, Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        );
    world.send(request.body("".into()).unwrap()).await
}

#[tokio::test]
async fn preflights_are_answered_for_listed_origins() {
    let world = world().await;
    world.embed_origins(json!([SHOP])).await;
    let porting = format!("prt_{}", NO_SUCH_BODY);
    let path = format!("/projects/acme/portings/{porting}");
    let reply = preflight(&world, &path, SHOP).await.expect(204);
    assert_eq!(reply.header("access-control-allow-origin"), Some(SHOP));
    let methods = reply.header("access-control-allow-methods").unwrap();
    assert!(methods.contains("PATCH") && !methods.contains("DELETE"));
    let headers = reply.header("access-control-allow-headers").unwrap();
    for name in ["authorization", "content-type", "idempotency-key"] {
        assert!(headers.contains(name));
    }
    assert!(reply.header("access-control-max-age").is_some());
    for (path, origin) in [
        (path.as_str(), EVIL),
        ("/projects/other/portings/prt_x", SHOP),
        ("/projects/none/portings/prt_x", SHOP),
    ] {
        let reply = preflight(&world, path, origin).await.expect(204);
        assert_eq!(reply.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(reply.header("vary"), Some("origin"));
    }
    // Which project is meant stands in the token, which comes later.
    for path in [AUTH, "/serviceProviders"] {
        let reply = preflight(&world, path, EVIL).await.expect(204);
        assert_eq!(reply.header("access-control-allow-origin"), Some(EVIL));
    }
    preflight(&world, "/projects/acme/users", SHOP)
        .await
        .expect(405);
}

#[tokio::test]
async fn for_developers_every_page_may_embed_test_projects_and_only_those() {
    let config = Config {
        embeds_anywhere_on_test: true,
        ..Config::default()
    };
    let world = world_with(config, None).await;
    for (project, origin, expected) in [
        (
            "acme",
            "http://localhost:3000",
            Some("http://localhost:3000"),
        ),
        ("acme", "null", None),
        ("real", "http://localhost:3000", None),
    ] {
        let path = format!("/projects/{project}/portings/prt_x");
        let reply = preflight(&world, &path, origin).await.expect(204);
        assert_eq!(reply.header("access-control-allow-origin"), expected);
    }
}
