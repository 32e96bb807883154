//! What a user token opens, and until when.

use http::Method;
use portico_app::{Config, Limits, upkeep};
use portico_domain::{id::UserId, user::UserStatus};
use portico_store::{rate_limits::Limit, users};
use serde_json::{Value as Json, json};

use super::AUTH;
use crate::{
    authorization::{everything, fill},
    contract::operations,
    support::{World, complete, world, world_with},
};

/// No call of the API does this.
async fn block(world: &World, user: &str) {
    let id: UserId = user.parse().unwrap();
    let blocked = world.app.write(move |tx, _| {
        Box::pin(async move {
            let mut user = users::find(tx, "acme", id).await?.unwrap();
            user.status = UserStatus::Blocked;
            Ok(users::update(tx, &user).await?)
        })
    });
    blocked.await.unwrap();
}

#[tokio::test]
async fn a_token_is_void_when_its_time_user_or_subscription_is_over() {
    let world = world().await;
    let works = async |token: &str| {
        let reply = world
            .as_user(token, Method::GET, "/serviceProviders", None)
            .await;
        reply.status == 200
    };

    let (user, subscription, _) = world.waiting().await;
    let token = world.user_token(&user, &subscription).await;
    world.clock.advance(jiff::SignedDuration::from_mins(59));
    assert!(works(&token).await);
    world.clock.advance(jiff::SignedDuration::from_mins(1));
    assert!(!works(&token).await);

    let blocked = world.user_token(&user, &subscription).await;
    block(&world, &user).await;
    assert!(!works(&blocked).await);

    let (user, subscription, _) = world.waiting().await;
    let ended = world.user_token(&user, &subscription).await;
    let (late, _) = world.secret(&user, &subscription).await;
    let path = format!("subscriptions/{subscription}/end");
    world.post(&path, json!({})).await.expect(200);
    assert!(!works(&ended).await);
    world.exchange(&late, None).await.expect(422);
}

#[tokio::test]
async fn a_token_is_kept_as_a_hash_and_erased_when_its_time_is_over() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let token = world.user_token(&user, &subscription).await;
    let secret = token.rsplit('_').next().unwrap();
    assert!(token.starts_with("portico_ut_") && secret.len() == 43);
    let stolen = world.database.stolen().await;
    let has = |text: &str| stolen.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(has(&token["portico_ut_".len()..][..28]) && !has(secret));

    let erase = async || {
        let erased = world.app.write(|tx, _| {
            Box::pin(async move {
                upkeep::erase_old(tx).await?;
                Ok(portico_store::user_tokens::erase_old(tx).await?)
            })
        });
        erased.await.unwrap()
    };
    erase().await;
    let reply = world
        .as_user(&token, Method::GET, "/serviceProviders", None)
        .await;
    reply.expect(200);
    world.clock.advance(jiff::SignedDuration::from_hours(1));
    assert_eq!(erase().await, 0, "upkeep left nothing to erase");
}

#[tokio::test]
async fn a_user_token_opens_its_own_users_things_and_nothing_else() {
    let world = world().await;
    let ids = everything(&world).await;
    let of = |name: &str| ids.iter().find(|it| it.0 == name).unwrap().1.clone();
    let token = world.user_token(&of("user"), &of("subscription")).await;
    let (mut open, mut closed) = (Vec::new(), 0);
    for (method, template, operation) in operations() {
        if template == AUTH {
            continue;
        }
        let takes = operation["security"].to_string().contains("userToken");
        let path = fill(&template, "acme", &ids);
        let body = (method != Method::GET).then(|| json!({}));
        let reply = world.as_user(&token, method.clone(), &path, body).await;
        match takes {
            true => {
                reply.expect(200);
                open.push(format!("{method} {template}"));
            }
            false => {
                let reply = reply.expect(403);
                assert_eq!(reply.body["type"], "permissionDenied");
                closed += 1;
            }
        }
    }
    assert_eq!(
        open,
        [
            "GET /projects/{project}/portings/{porting}",
            "PATCH /projects/{project}/portings/{porting}",
            "GET /projects/{project}/subscriptions/{subscription}",
            "GET /serviceProviders",
            "GET /serviceProviders/{serviceProvider}",
        ]
    );
    assert!(closed > 35, "{closed}");
}

#[tokio::test]
async fn a_user_token_sees_nothing_of_other_users_and_projects() {
    let world = world().await;
    let (user, subscription, _) = world.waiting().await;
    let token = world.user_token(&user, &subscription).await;
    let (_, others, porting) = world.waiting().await;
    for (method, path) in [
        (Method::GET, format!("subscriptions/{others}")),
        (Method::GET, format!("portings/{porting}")),
        (Method::PATCH, format!("portings/{porting}")),
        (
            Method::GET,
            format!("/projects/other/subscriptions/{subscription}"),
        ),
        (
            Method::GET,
            format!("/projects/none/subscriptions/{subscription}"),
        ),
    ] {
        let body = (method == Method::PATCH).then(complete);
        world.as_user(&token, method, &path, body).await.expect(404);
    }
    let path = format!("portings/{porting}");
    let kept = world.get(&path).await.expect(200).body;
    assert_eq!(kept["status"], "informationRequired");
    assert_eq!(kept["accountNumber"], Json::Null);
}

#[tokio::test]
async fn pins_from_an_embed_are_limited_as_in_connect() {
    let limits = Limits {
        pins_per_porting: Limit {
            times: 2,
            window: jiff::SignedDuration::from_hours(1),
        },
        ..Limits::default()
    };
    let config = Config {
        limits,
        ..Config::default()
    };
    let world = world_with(config, None).await;
    let (user, subscription, porting) = world.waiting().await;
    let token = world.user_token(&user, &subscription).await;
    let path = format!("portings/{porting}");
    for (pin, status) in [("1111", 200), ("2222", 200), ("3333", 429)] {
        let body = Some(json!({ "accountPin": pin }));
        let reply = world.as_user(&token, Method::PATCH, &path, body).await;
        reply.expect(status);
    }
}
