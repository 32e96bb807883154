//! Portings.

use portico_carrier::Outcome;
use portico_domain::decline::DeclineCode;
use serde_json::{Value as Json, json};

use crate::{
    contract::DOCUMENT,
    support::{complete, world},
};

#[tokio::test]
async fn a_draft_shows_every_key_and_no_secret() {
    let world = world().await;
    let user = world.user().await;
    let mut body = complete();
    body["phoneNumber"] = json!("+19595550100");
    body["provider"] = json!("test");
    body["user"] = json!(user);
    body["billingPin"] = json!("9 87-65");
    let made = world.post("portings", body).await.expect(201);
    let keys = DOCUMENT["components"]["schemas"]["Porting"]["required"]
        .as_array()
        .unwrap();
    assert_eq!(keys.len(), 31);
    for key in keys {
        assert!(made.body.get(key.as_str().unwrap()).is_some(), "{key}");
    }
    assert_eq!(made.body["status"], "draft");
    assert_eq!(made.body["accountNumber"], "00123456");
    assert_eq!(
        (
            &made.body["accountPinExists"],
            &made.body["billingPinExists"]
        ),
        (&json!(true), &json!(true))
    );
    assert!(!made.text.contains("0042") && !made.text.contains("87-65"));
    assert_eq!(made.body["recipientProvider"]["object"], "serviceProvider");
    assert_eq!(
        made.body["required"],
        json!([
            "accountNumber",
            "accountPin",
            "firstName",
            "lastName",
            "address"
        ])
    );
    assert_eq!(made.body["address"]["line2"], json!(null));
    let path = format!("portings/{}", made.id());
    assert_eq!(world.get(&path).await.expect(200).body, made.body);

    let cleared = json!({ "accountPin": null, "address": null, "lastName": "O'Neil" });
    let changed = world.patch(&path, cleared).await.expect(200);
    assert_eq!(changed.body["accountPinExists"], false);
    assert_eq!(changed.body["address"], json!(null));
    assert_eq!(changed.body["firstName"], "Jo");
    let moved = json!({ "phoneNumber": "+447700900100", "provider": "t12" });
    let moved = world.patch(&path, moved).await.expect(200);
    assert_eq!(moved.body["required"], json!(["accountPin"]));

    assert_eq!(world.delete(&path).await.expect(200).id(), made.id());
    world.get(&path).await.expect(404);
}

#[tokio::test]
async fn every_number_of_the_simulator_answers_as_told() {
    let world = world().await;
    for case in 100..=127 {
        // Each number its own user: drafts are counted per user.
        let body = json!({ "phoneNumber": format!("+19595550{case}"), "provider": "test",
                           "user": world.user().await });
        let reply = world.post("portings", body).await;
        match case {
            101 => drop(reply.expect_code(422, "portingNotSupported")),
            126 => assert!(reply.expect(503).header("retry-after").is_some()),
            _ => {
                let required = reply.expect(201).body["required"].clone();
                let has = |field: &str| required.as_array().unwrap().contains(&json!(field));
                assert_eq!(has("donorProviderApproval"), case == 104, "{case}");
                assert_eq!(has("donorProvider"), case == 125, "{case}");
            }
        }
    }
    assert_eq!(world.get("portings?limit=200").await.ids().len(), 26);
}

#[tokio::test]
async fn the_test_recipients_of_other_countries_have_their_own_rules() {
    let world = world().await;
    let user = world.user().await;
    let body = json!({ "phoneNumber": "+447700900100", "provider": "t12", "user": user,
                       "accountPin": "abc 123-456", "scheduledOn": "2026-03-05" });
    let made = world.post("portings", body).await.expect(201);
    assert_eq!(made.body["required"], json!(["accountPin"]));
    assert_eq!(made.body["scheduledOn"], "2026-03-05");
    let body = json!({ "phoneNumber": "+4915112345678", "provider": "tde", "user": user });
    let made = world.post("portings", body).await.expect(201);
    assert_eq!(
        made.body["required"],
        json!(["firstName", "lastName", "birthday", "donorProvider"])
    );
}

#[tokio::test]
async fn a_declined_porting_is_sent_again_by_a_change() {
    let world = world().await;
    let (_, _, porting) = world.pending().await;
    let path = format!("portings/{porting}");
    world.accept(&porting, 1).await;
    let decline = |code| Outcome::Declined {
        code,
        message: "Refused.".to_owned(),
    };
    world
        .answer(&porting, 1, decline(DeclineCode::AccountPin))
        .await;
    let seen = world.get(&path).await.expect(200).body;
    assert_eq!(seen["status"], "declined");
    assert_eq!(seen["declinedCode"], "portingAccountPinRequiredOrInvalid");
    assert_eq!(seen["accountPinExists"], false, "a rejected PIN is erased");

    let reply = world.patch(&path, json!({ "firstName": "Joe" })).await;
    let reply = reply.expect_properties(&["accountPin"]);
    assert_eq!(reply.body["details"][0]["code"], "propertyRequired");
    assert_eq!(
        world.get(&path).await.body["firstName"],
        "Jo",
        "nothing was saved"
    );

    let again = world
        .patch(&path, json!({ "accountPin": "4711" }))
        .await
        .expect(200)
        .body;
    assert_eq!(again["status"], "pending");
    assert_eq!(again["declinedCode"], json!(null));
    assert_eq!(again["declinedAttempts"], 1);
    world.accept(&porting, 2).await;
    world
        .answer(&porting, 2, decline(DeclineCode::PortProtected))
        .await;
    let again = world.patch(&path, json!({})).await.expect(200).body;
    assert_eq!(
        (&again["status"], &again["declinedAttempts"]),
        (&json!("pending"), &json!(2))
    );
}

#[tokio::test]
async fn a_porting_is_canceled() {
    let world = world().await;
    let (_, subscription, porting) = world.waiting().await;
    let canceled = world
        .post(&format!("portings/{porting}/cancel"), json!({}))
        .await
        .expect(200);
    assert_eq!(canceled.body["status"], "canceled");
    assert_eq!(canceled.body["canceledAt"], "2026-03-01T12:00:00Z");
    let seen = world
        .get(&format!("subscriptions/{subscription}"))
        .await
        .expect(200)
        .body;
    assert_eq!(seen["status"], "active");
}

#[tokio::test]
async fn numbers_are_taken_in_e164_only() {
    let world = world().await;
    let user = world.user().await;
    for number in [
        "9595550100",
        "+1 959 555 0100",
        "+",
        "+0123",
        "+1959555010",
        "+999123456789",
        "tel:+19595550100",
        "+19595550100\n",
        "",
    ] {
        let body = json!({ "phoneNumber": number, "provider": "test", "user": user });
        world
            .post("portings", body)
            .await
            .expect_properties(&["phoneNumber"]);
    }
    let body = json!({ "phoneNumber": Json::Null, "provider": "test", "user": user });
    world
        .post("portings", body)
        .await
        .expect_properties(&["phoneNumber"]);
}

#[tokio::test]
async fn what_the_donor_checks_is_sealed_at_rest() {
    let world = world().await;
    let (_, _, porting) = world.pending().await;
    world.get(&format!("portings/{porting}")).await.expect(200);
    world.app.db.close().await;
    let stolen = world.database.stolen().await;
    for secret in ["00123456", "Springfield", "Müller"] {
        let found = stolen
            .windows(secret.len())
            .any(|it| it == secret.as_bytes());
        assert!(!found, "{secret} is readable");
    }
}

#[tokio::test]
async fn what_the_gateway_said_of_another_number_is_not_kept() {
    let (world, gateway) = crate::idempotency::held().await;
    gateway.told.add_permits(1);
    let path = format!(
        "portings/{}",
        world.draft(&world.user().await, "+19595550100").await
    );
    let move_to = |number: &str| world.patch(&path, json!({ "phoneNumber": number }));
    let both_asked = async {
        // The draft itself and the two changes.
        gateway.asked.acquire_many(3).await.unwrap().forget();
        gateway.told.add_permits(2);
    };
    let (one, two) = ("+19595550102".to_owned(), "+19595550103".to_owned());
    let (first, second, ()) = tokio::join!(move_to(&one), move_to(&two), both_asked);
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
