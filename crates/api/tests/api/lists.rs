//! Lists: newest first, paged in both directions.

use serde_json::json;

use crate::support::world;

#[tokio::test]
async fn a_list_can_be_walked_in_both_directions() {
    let world = world().await;
    let mut made = Vec::new();
    for _ in 0..25 {
        made.push(world.user().await);
    }
    made.reverse();
    let first = world.get("users").await.expect(200);
    assert_eq!(first.ids(), made[..10], "ten by default, newest first");
    assert_eq!(first.body["object"], "list");
    assert_eq!(first.body["moreItemsBefore"], json!(null));
    let next = first.body["moreItemsAfter"].as_str().unwrap().to_owned();
    assert_eq!(next, made[9]);

    let second = world.get(&format!("users?after={next}")).await.expect(200);
    assert_eq!(second.ids(), made[10..20]);
    let next = second.body["moreItemsAfter"].as_str().unwrap();
    let third = world.get(&format!("users?after={next}")).await.expect(200);
    assert_eq!(third.ids(), made[20..]);
    assert_eq!(third.body["moreItemsAfter"], json!(null));

    let back = third.body["moreItemsBefore"].as_str().unwrap();
    let again = world.get(&format!("users?before={back}")).await.expect(200);
    assert_eq!(again.ids(), made[10..20]);
    assert_eq!(again.body["moreItemsAfter"], made[19]);
    let back = again.body["moreItemsBefore"].as_str().unwrap();
    let start = world.get(&format!("users?before={back}")).await.expect(200);
    assert_eq!(start.ids(), made[..10]);
    assert_eq!(start.body["moreItemsBefore"], json!(null));

    assert_eq!(world.get("users?limit=200").await.expect(200).ids(), made);
    assert!(
        world
            .get("users?limit=0")
            .await
            .expect(200)
            .ids()
            .is_empty()
    );
}

#[tokio::test]
async fn a_list_is_asked_for_in_one_direction_only() {
    let world = world().await;
    let user = world.user().await;
    let reply = world
        .get(&format!("users?after={user}&before={user}"))
        .await;
    reply.expect_properties(&["before"]);
    let porting = format!("prt_{}", &user[4..]);
    world
        .get(&format!("users?after={porting}"))
        .await
        .expect_properties(&["after"]);
    world
        .get("users?before=x")
        .await
        .expect_properties(&["before"]);
}

#[tokio::test]
async fn portings_are_filtered() {
    let world = world().await;
    let (user, subscription, waiting) = world.waiting().await;
    let draft = world.draft(&user, "+19595550102").await;
    let stranger = world.user().await;
    let other = world.draft(&stranger, "+19595550103").await;
    let ids = async |query: &str| {
        world
            .get(&format!("portings{query}"))
            .await
            .expect(200)
            .ids()
    };
    assert_eq!(ids("").await, [&*other, &*draft, &*waiting]);
    assert_eq!(ids("?status=draft").await, [&*other, &*draft]);
    assert_eq!(ids("?status=draft,informationRequired").await.len(), 3);
    assert_eq!(ids(&format!("?user={user}")).await, [&*draft, &*waiting]);
    assert_eq!(
        ids(&format!("?subscription={subscription}")).await,
        [&*waiting]
    );
    assert_eq!(
        ids(&format!("?user={user}&status=draft&limit=1")).await,
        [&*draft]
    );
    world
        .get("portings?status=lost")
        .await
        .expect_properties(&["status"]);
    world
        .get("portings?user=me")
        .await
        .expect_properties(&["user"]);

    let body = json!({ "phoneNumber": "+19595550102" });
    assert_eq!(
        world.post("portings/search", body).await.expect(200).ids(),
        [draft]
    );
    let body = json!({ "phoneNumber": "9595550102" });
    world
        .post("portings/search", body)
        .await
        .expect_properties(&["phoneNumber"]);
}

#[tokio::test]
async fn subscriptions_are_filtered() {
    let world = world().await;
    let (user, pending, _) = world.waiting().await;
    let active = world.subscription(&user, None).await;
    let ids = async |query: &str| {
        world
            .get(&format!("subscriptions{query}"))
            .await
            .expect(200)
            .ids()
    };
    assert_eq!(ids("").await, [&*active, &*pending]);
    assert_eq!(ids("?status=pending").await, [&*pending]);
    assert_eq!(
        ids(&format!("?user={user}&status=pending,active&sim=sim_1"))
            .await
            .len(),
        2
    );
    let plan = world.get(&format!("subscriptions/{active}")).await.body["plan"]["id"].clone();
    assert_eq!(
        ids(&format!("?plan={}", plan.as_str().unwrap())).await,
        [&*active]
    );
    world
        .get("subscriptions?status=")
        .await
        .expect_properties(&["status"]);
    world
        .get("subscriptions?sim=")
        .await
        .expect_properties(&["sim"]);
}

#[tokio::test]
async fn service_providers_are_walked_and_filtered() {
    let world = world().await;
    let all = world
        .get("/serviceProviders?limit=200")
        .await
        .expect(200)
        .ids();
    assert!(all.len() > 100);
    let mut walked = Vec::new();
    let mut path = "/serviceProviders?limit=50".to_owned();
    loop {
        let page = world.get(&path).await.expect(200);
        walked.extend(page.ids());
        let Some(next) = page.body["moreItemsAfter"].as_str() else {
            break;
        };
        path = format!("/serviceProviders?limit=50&after={next}");
    }
    assert_eq!(walked, all);
    let back = world
        .get(&format!("/serviceProviders?limit=3&before={}", all[7]))
        .await
        .expect(200);
    assert_eq!(back.ids(), all[4..7]);
    assert_eq!(back.body["moreItemsBefore"], all[4]);

    let german = world
        .get("/serviceProviders?recipientProvider=tde&country=DE")
        .await
        .expect(200);
    assert!(!german.ids().is_empty());
    for item in german.body["items"].as_array().unwrap() {
        assert_eq!(item["country"], "DE");
    }
    assert!(
        world
            .get("/serviceProviders?recipientProvider=none")
            .await
            .expect(200)
            .ids()
            .is_empty()
    );
    world
        .get("/serviceProviders?country=Germany")
        .await
        .expect_properties(&["country"]);
    world
        .get("/serviceProviders?after=x")
        .await
        .expect_properties(&["after"]);
    let one = world
        .get(&format!("/serviceProviders/{}", all[0]))
        .await
        .expect(200);
    assert_eq!(one.body["object"], "serviceProvider");
}
