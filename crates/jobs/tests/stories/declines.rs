use portico_domain::{
    address::Address,
    porting::{DetailsPatch, Patch, State},
    subscription::SubscriptionStatus,
};
use portico_testkit::sample;

use crate::world::World;

fn nothing() -> DetailsPatch {
    DetailsPatch::default()
}

fn new_pin() -> DetailsPatch {
    DetailsPatch {
        account_pin: Patch::Set(sample::pin("991827")),
        ..nothing()
    }
}

fn new_address() -> DetailsPatch {
    let address = Address {
        line1: "12 Elm Street".to_owned(),
        ..sample::address()
    };
    DetailsPatch {
        address: Patch::Set(address),
        ..nothing()
    }
}

/// Every number that is declined once: its decline, the carrier's own words, and what mends it.
fn repairable() -> Vec<(&'static str, &'static str, &'static str, DetailsPatch)> {
    let account_number = Patch::Set(sample::account_number("5550001"));
    let (first_name, last_name) = (sample::person_name("Rosa"), sample::person_name("Quimbey"));
    let number = DetailsPatch {
        account_number,
        ..nothing()
    };
    let first = DetailsPatch {
        first_name: Patch::Set(first_name),
        ..nothing()
    };
    let last = DetailsPatch {
        last_name: Patch::Set(last_name),
        ..nothing()
    };
    vec![
        ("0103", "portingDeclined", "6G", nothing()),
        ("0105", "portingPhoneNumberPortProtected", "6P", nothing()),
        (
            "0110",
            "portingAccountPinRequiredOrInvalid",
            "8C",
            new_pin(),
        ),
        (
            "0111",
            "portingAccountNumberRequiredOrInvalid",
            "8A",
            number,
        ),
        (
            "0112",
            "portingAddressRequiredOrInvalid",
            "8D",
            new_address(),
        ),
        (
            "0113",
            "portingFirstNameRequiredOrInvalid",
            "8E",
            first.clone(),
        ),
        ("0114", "portingLastNameRequiredOrInvalid", "8F", last),
        ("0118", "portingUserInformationMismatch", "6C", first),
    ]
}

#[tokio::test]
async fn each_decline_is_told_repaired_and_ends_well() {
    let world = World::new().await;
    for (number, code, raw, repair) in repairable() {
        let (id, subscription) = world.port(number).await;
        world.worker.drain().await;
        world.after_seconds(2).await;
        let declined = world.check_books(id).await;
        let State::Declined(decline) = &declined.state else {
            panic!("{number} is {}", declined.status());
        };
        assert_eq!(decline.code.as_str(), code, "{number}");
        assert!(!decline.message.is_empty());
        assert_eq!(declined.declined_attempts, 1);
        assert_eq!(declined.last_declined_at, Some(world.now()));

        world.after_seconds(24 * 3_600).await;
        assert_eq!(
            world.attempts(id).await.len(),
            1,
            "never repeated by itself"
        );

        let sent = world.patch(id, repair).await.expect("the repair is taken");
        assert_eq!(sent.status().as_str(), "pending", "{number}");
        assert_eq!((sent.attempt, sent.declined_attempts), (2, 1));
        world.worker.drain().await;
        world.after_seconds(2).await;
        let completed = world.check_books(id).await;
        assert_eq!(completed.status().as_str(), "completed", "{number}");
        assert_eq!(completed.declined_attempts, 1);
        let declined = format!("declined {raw} applied");
        assert_eq!(
            world.answers(id).await,
            [declined.as_str(), "completed SIM-00 applied"]
        );
        let subscription = world.subscription_now(subscription.id).await;
        assert_eq!(subscription.status, SubscriptionStatus::Active);
    }
}

#[tokio::test]
async fn a_rejected_pin_is_erased_and_has_to_be_given_anew() {
    let world = World::new().await;
    let (id, _) = world.port("0110").await;
    world.worker.drain().await;
    world.after_seconds(2).await;
    assert!(world.porting(id).await.details.account_pin.is_none());

    let refused = world.patch(id, nothing()).await;
    assert!(refused.is_err(), "without a PIN nothing is sent");
    assert_eq!(world.status(id).await, "declined");
    world.worker.drain().await;
    assert_eq!(world.attempts(id).await.len(), 1);
}

#[tokio::test]
async fn some_numbers_are_declined_every_time() {
    let world = World::new().await;
    for (number, code) in [
        ("0102", "portingDeclined"),
        ("0107", "portingPhoneNumberNotFound"),
        ("0108", "portingPhoneNumberNotActive"),
        ("0109", "portingPendingOtherProvider"),
        ("0116", "portingPhoneNumberNotEligible"),
    ] {
        let (id, subscription) = world.port(number).await;
        world.worker.drain().await;
        for attempt in 1..=2 {
            world.after_seconds(2).await;
            let porting = world.check_books(id).await;
            let State::Declined(decline) = &porting.state else {
                panic!("{number} is {}", porting.status());
            };
            assert_eq!(decline.code.as_str(), code);
            assert_eq!(porting.declined_attempts, attempt);
            let again = world.patch(id, nothing()).await;
            assert_eq!(again.expect("may be sent again").attempt, attempt + 1);
            world.worker.drain().await;
        }
        let subscription = world.subscription_now(subscription.id).await;
        assert_eq!(subscription.status, SubscriptionStatus::Pending);
    }
}
