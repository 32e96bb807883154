//! Every business code has a request that gets it. The `match` below makes the compiler ask for a
//! case when a code is added.

use portico_app::{BusinessCode, Config};
use portico_carrier::Outcome;
use serde_json::{Value as Json, json};

use crate::{
    carrier_updates::behind_a_backend,
    contract::operations,
    support::{Reply, World, world_with},
};

const BLOCKED: &str = "+19595550777";

async fn a_world() -> World {
    let config = Config {
        blocked_numbers: vec![BLOCKED.to_owned()],
        user_address_required: vec!["t12".to_owned()],
        ..Config::default()
    };
    world_with(config, None).await
}

/// A POST of a porting with `change` over what would be fine.
async fn post(world: &World, change: Json) -> Reply {
    let mut body = json!({ "phoneNumber": "+19595550100", "provider": "test" });
    body["user"] = json!(world.user().await);
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    world.post("portings", body).await
}

async fn cancel(world: &World, porting: &str) -> Reply {
    world
        .post(&format!("portings/{porting}/cancel"), json!({}))
        .await
}

fn uk(pin: &str, behavior: &str) -> Json {
    json!({ "phoneNumber": "+447700900100", "provider": "t12", "accountPin": pin,
            "behavior": behavior })
}

async fn requested(world: &World) -> (String, String) {
    let (user, _, porting) = world.pending().await;
    world.accept(&porting, 1).await;
    (user, porting)
}

async fn provoke(world: &World, code: BusinessCode) -> Reply {
    use BusinessCode as Code;
    match code {
        Code::PortingAlreadyExists => already_exists(world).await,
        Code::PortingAlreadyCanceled => {
            let (_, _, porting) = world.waiting().await;
            cancel(world, &porting).await.expect(200);
            cancel(world, &porting).await
        }
        Code::PortingNotCancelable => {
            let (_, porting) = requested(world).await;
            cancel(world, &porting).await
        }
        Code::PortingNotDeletable => {
            let (_, _, porting) = world.waiting().await;
            world.delete(&format!("portings/{porting}")).await
        }
        Code::PortingNotUpdatable => {
            let (_, porting) = requested(world).await;
            world
                .patch(&format!("portings/{porting}"), json!({ "firstName": "Al" }))
                .await
        }
        Code::PortingAttributeUpdateNotSupported => {
            let (_, _, porting) = world.waiting().await;
            let change = json!({ "phoneNumber": "+19595550102" });
            world.patch(&format!("portings/{porting}"), change).await
        }
        Code::PortingNotSupported => post(world, json!({ "phoneNumber": "+19595550101" })).await,
        Code::PortingPhoneNumberBlocked => post(world, json!({ "phoneNumber": BLOCKED })).await,
        Code::PortingPerUserLimitExceeded => {
            let user = world.user().await;
            for _ in 0..10 {
                world.draft(&user, "+19595550100").await;
            }
            post(world, json!({ "user": user })).await
        }
        Code::PortingProviderNotFound => post(world, json!({ "provider": "nobody" })).await,
        Code::PortingDonorProviderNotFound => {
            post(
                world,
                json!({ "donorProvider": "svp_0000000000000000000000" }),
            )
            .await
        }
        Code::PortingProviderMismatch => mismatch(world).await,
        Code::PortingUserAddressRequired => address_required(world).await,
        Code::PortingAccountPinForPortInBehaviorInvalid => {
            post(world, uk("123456ABC", "portIn")).await
        }
        Code::PortingAccountPinForCancelOnlyBehaviorInvalid => {
            post(world, uk("ABC123456", "cancelOnly")).await
        }
        Code::PortingCancellationBehaviorNotSupported => {
            post(world, json!({ "behavior": "cancelOnly" })).await
        }
        Code::PortingScheduleNotSupported => {
            post(world, json!({ "scheduledOn": "2026-03-05" })).await
        }
        Code::PortingScheduledOnInvalid => {
            let mut body = uk("ABC123456", "portIn");
            body["scheduledOn"] = json!("2026-02-28");
            post(world, body).await
        }
        Code::SubscriptionPortingAlreadyOpen => {
            let (user, subscription, _) = world.waiting().await;
            port_in(world, &user, &subscription).await
        }
        Code::SubscriptionPortingAlreadyCompleted => {
            let (user, subscription, porting) = world.pending().await;
            world.accept(&porting, 1).await;
            world.answer(&porting, 1, Outcome::Completed).await;
            port_in(world, &user, &subscription).await
        }
        Code::UserAlreadyExists => {
            let first = world
                .post("users", json!({ "email": "jo@example.com" }))
                .await;
            first.expect(201);
            world
                .post("users", json!({ "email": "JO@example.com" }))
                .await
        }
        Code::UserAddressAlreadyExists => {
            let path = format!("users/{}/addresses", world.user().await);
            world.post(&path, street(1)).await.expect(201);
            world.post(&path, street(1)).await
        }
        Code::UserAddressInvalid => {
            let path = format!("users/{}/addresses", world.user().await);
            for number in 0..10 {
                world.post(&path, street(number)).await.expect(201);
            }
            world.post(&path, street(10)).await
        }
        Code::CarrierUpdateNotSupported => {
            let (_, porting) = requested(world).await;
            carrier_update(world, &porting).await
        }
        Code::PortingNotSubmitted => {
            let world = behind_a_backend().await;
            let (_, _, porting) = world.pending().await;
            carrier_update(&world, &porting).await
        }
        Code::WebhookEndpointLimitExceeded => {
            let body = json!({ "url": "https://shop.example/hooks", "types": ["*"] });
            for _ in 0..20 {
                world
                    .post("webhookEndpoints", body.clone())
                    .await
                    .expect(201);
            }
            world.post("webhookEndpoints", body).await
        }
    }
}

async fn carrier_update(world: &World, porting: &str) -> Reply {
    let path = format!("portings/{porting}/carrierUpdate");
    world.post(&path, json!({ "type": "completed" })).await
}

fn street(number: u32) -> Json {
    json!({ "line1": format!("{number} Main Street"), "city": "Springfield", "state": "IL",
            "postalCode": "62701", "country": "US" })
}

async fn port_in(world: &World, user: &str, subscription: &str) -> Reply {
    let draft = world.draft(user, "+19595550102").await;
    let path = format!("subscriptions/{subscription}/portIn");
    world.post(&path, json!({ "porting": draft })).await
}

async fn german(world: &World) -> (String, Reply) {
    let user = world.user().await;
    let body = json!({ "phoneNumber": "+4915112345678", "provider": "tde", "user": user });
    (user, world.post("portings", body).await)
}

async fn already_exists(world: &World) -> Reply {
    let (user, first) = german(world).await;
    let body = json!({ "plan": world.plan_of("tde").await, "user": user,
                       "porting": first.expect(201).id() });
    world.post("subscriptions", body).await.expect(201);
    german(world).await.1
}

async fn mismatch(world: &World) -> Reply {
    let user = world.user().await;
    let draft = world.draft(&user, "+19595550100").await;
    let body = json!({ "plan": world.plan_of("tde").await, "user": user, "porting": draft });
    world.post("subscriptions", body).await
}

async fn address_required(world: &World) -> Reply {
    let user = world.user().await;
    let body = json!({ "phoneNumber": "+447700900100", "provider": "t12", "user": user });
    let draft = world.post("portings", body).await.expect(201).id();
    let body = json!({ "plan": world.plan_of("t12").await, "user": user, "porting": draft });
    world.post("subscriptions", body).await
}

#[tokio::test]
async fn every_business_code_is_answered_and_documented() {
    let documented: String = operations()
        .iter()
        .filter_map(|(_, _, operation)| operation["description"].as_str())
        .collect();
    for code in BusinessCode::ALL {
        let world = a_world().await;
        let reply = provoke(&world, *code).await;
        let reply = reply.expect_code(422, code.as_str());
        assert!(reply.body["message"].as_str().unwrap().len() > 10);
        let text = format!("`{}`", code.as_str());
        assert!(documented.contains(&text), "no call documents {text}");
    }
}

#[tokio::test]
async fn test_recipients_are_for_test_projects() {
    let world = a_world().await;
    let plan =
        json!({ "name": "S", "provider": "test", "price": { "amount": 1, "currency": "USD" } });
    let path = "/projects/real/plans";
    let request = world.request_as(Some(&world.real), http::Method::POST, path);
    let request = request.header("content-type", "application/json");
    let reply = world
        .send(request.body(plan.to_string().into()).unwrap())
        .await;
    reply.expect_code(422, "portingProviderNotFound");
}
