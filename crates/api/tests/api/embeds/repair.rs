//! A declined porting in the hands of its subscriber, with a user token.

use http::Method;
use portico_carrier::Outcome;
use portico_domain::decline::DeclineCode;
use serde_json::{Value as Json, json};

use crate::support::{Reply, World, complete, world};

/// A porting that the donor declined, and its subscriber's token.
struct Declined {
    world: World,
    token: String,
    path: String,
}

impl Declined {
    async fn with(code: DeclineCode, settings: Json) -> Self {
        let world = world().await;
        world.patch("/projects/acme", settings).await.expect(200);
        let (user, subscription, porting) = world.pending().await;
        world.accept(&porting, 1).await;
        let message = "Refused.".to_owned();
        let outcome = Outcome::Declined { code, message };
        world.answer(&porting, 1, outcome).await;
        let token = world.user_token(&user, &subscription).await;
        let path = format!("portings/{porting}");
        Self { world, token, path }
    }

    async fn patch(&self, body: Json) -> Reply {
        let (token, path) = (&self.token, &self.path);
        self.world
            .as_user(token, Method::PATCH, path, Some(body))
            .await
    }

    async fn assert_untouched(&self) {
        let seen = self.world.get(&self.path).await.expect(200).body;
        assert_eq!(seen["status"], "declined");
        assert_eq!(seen["firstName"], "Jo");
    }
}

fn repair_on() -> Json {
    json!({ "selfServiceRepair": true })
}

#[tokio::test]
async fn it_is_not_sent_again_until_the_project_lets_subscribers_repair() {
    let declined = Declined::with(DeclineCode::AccountNumber, json!({})).await;
    let mended = || json!({ "accountNumber": "00999999", "firstName": "Joe" });
    let reply = declined.patch(mended()).await;
    reply.expect_code(422, "portingNotUpdatable");
    declined.assert_untouched().await;

    let (world, path) = (&declined.world, &declined.path);
    world.patch("/projects/acme", repair_on()).await.expect(200);
    let sent = declined.patch(mended()).await.expect(200).body;
    assert_eq!(sent["status"], "pending");
    let seen = world.get(path).await.expect(200).body;
    assert_eq!(seen["firstName"], "Joe");
}

#[tokio::test]
async fn a_decline_that_the_project_does_not_list_stays_with_the_project() {
    for code in [DeclineCode::NotEligible, DeclineCode::FirstName] {
        let declined = Declined::with(code, repair_on()).await;
        let reply = declined.patch(json!({ "firstName": "Joe" })).await;
        reply.expect_code(422, "portingNotUpdatable");
        declined.assert_untouched().await;
        // The project's own key decides for itself.
        let sent = declined.world.patch(&declined.path, json!({})).await;
        assert_eq!(sent.expect(200).body["status"], "pending");
    }
}

#[tokio::test]
async fn the_value_that_the_donor_refused_is_not_sent_again() {
    for (code, property) in [
        (DeclineCode::AccountNumber, "accountNumber"),
        (DeclineCode::AccountPin, "accountPin"),
        (DeclineCode::Address, "address"),
    ] {
        let declined = Declined::with(code, repair_on()).await;
        let again = json!({ "firstName": "Joe", property: complete()[property] });
        let reply = declined.patch(again).await.expect_properties(&[property]);
        assert_eq!(reply.body["details"][0]["code"], "propertyInvalid");
        let reply = declined.patch(json!({ "firstName": "Joe" })).await;
        reply.expect_properties(&[property]);
        declined.assert_untouched().await;
    }
}

#[tokio::test]
async fn to_send_it_again_is_to_say_that_the_lock_is_off() {
    let declined = Declined::with(DeclineCode::PortProtected, repair_on()).await;
    let sent = declined.patch(json!({})).await.expect(200).body;
    assert_eq!(sent["status"], "pending");
}
