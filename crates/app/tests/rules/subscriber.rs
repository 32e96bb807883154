use portico_app::{AppError, portings::Confirmation};
use portico_domain::{
    address::Address,
    porting::{DetailsPatch, Patch, Porting},
};
use portico_testkit::{TestApp, sample};

use crate::world::{answer, carry, confirm, declined, subscriber};

fn nothing() -> DetailsPatch {
    DetailsPatch::default()
}

fn pin(text: &str) -> DetailsPatch {
    DetailsPatch {
        account_pin: Patch::Set(sample::pin(text)),
        ..nothing()
    }
}

fn account_number(text: &str) -> DetailsPatch {
    DetailsPatch {
        account_number: Patch::Set(sample::account_number(text)),
        ..nothing()
    }
}

/// The property an answer was refused for.
fn refused_for(result: Result<Porting, AppError>) -> String {
    match result {
        Err(AppError::Invalid(problems)) if problems.len() == 1 => problems[0].property.clone(),
        other => panic!("expected one wrong property, got {other:?}"),
    }
}

#[tokio::test]
async fn answers_send_nothing_until_the_subscriber_confirms() {
    let app = TestApp::new().await;
    let draft = app.empty_draft("0100").await;
    app.subscription_with(&draft).await;
    assert_eq!(confirm(&app, draft.id).await, Confirmation::Incomplete);
    let saved = answer(&app, draft.id, sample::details()).await.unwrap();
    assert_eq!(saved.status().as_str(), "informationRequired");
    assert!(app.attempts(draft.id).await.is_empty());

    assert_eq!(confirm(&app, draft.id).await, Confirmation::Sent);
    assert_eq!(confirm(&app, draft.id).await, Confirmation::AlreadySent);
    assert_eq!(app.attempts(draft.id).await.len(), 1);
    assert!(answer(&app, draft.id, pin("1")).await.is_err(), "too late");
    assert_eq!(carry(&app, draft.id).await.status().as_str(), "completed");
    assert_eq!(confirm(&app, draft.id).await, Confirmation::NotPossible);
}

#[tokio::test]
async fn the_refused_pin_is_not_taken_again_however_it_is_spaced() {
    let app = TestApp::new().await;
    let id = declined(&app, "0110").await.id;
    assert_eq!(confirm(&app, id).await, Confirmation::Incomplete);
    for typed in [sample::PIN, "00 42 17", "004-217"] {
        assert_eq!(
            refused_for(answer(&app, id, pin(typed)).await),
            "accountPin"
        );
        assert!(app.porting(id).await.details.account_pin.is_none());
    }
    answer(&app, id, pin("4217")).await.unwrap();
    assert_eq!(confirm(&app, id).await, Confirmation::Sent);
    assert_eq!(carry(&app, id).await.status().as_str(), "completed");
}

#[tokio::test]
async fn the_refused_account_number_is_not_taken_again_however_it_is_spaced() {
    let app = TestApp::new().await;
    let id = declined(&app, "0111").await.id;
    for typed in [sample::ACCOUNT_NUMBER, "883 001 4477", "8830-014477"] {
        let refused = answer(&app, id, account_number(typed)).await;
        assert_eq!(refused_for(refused), "accountNumber");
        assert_eq!(confirm(&app, id).await, Confirmation::Incomplete);
    }
    answer(&app, id, account_number("8830014478"))
        .await
        .unwrap();
    assert_eq!(confirm(&app, id).await, Confirmation::Sent);
}

#[tokio::test]
async fn other_answers_may_change_too_but_do_not_replace_the_refused_one() {
    let app = TestApp::new().await;
    let id = declined(&app, "0112").await.id;
    answer(&app, id, account_number("1")).await.unwrap();
    assert_eq!(confirm(&app, id).await, Confirmation::Incomplete);
    let moved = Address {
        line1: "12 Elm Street".to_owned(),
        ..sample::address()
    };
    let patch = DetailsPatch {
        address: Patch::Set(moved),
        ..nothing()
    };
    answer(&app, id, patch).await.unwrap();
    assert_eq!(confirm(&app, id).await, Confirmation::Sent);
}

#[tokio::test]
async fn a_locked_number_is_sent_again_when_the_subscriber_says_the_lock_is_off() {
    let app = TestApp::new().await;
    let porting = declined(&app, "0105").await;
    let id = porting.id;
    assert_eq!(confirm(&app, id).await, Confirmation::Incomplete);
    app.app
        .write(move |tx, _| {
            let porting = porting.clone();
            Box::pin(async move {
                portico_app::portings::disable_protection(tx, &subscriber(), porting).await
            })
        })
        .await
        .unwrap();
    assert_eq!(confirm(&app, id).await, Confirmation::Sent);
    assert_eq!(carry(&app, id).await.status().as_str(), "completed");
}

#[tokio::test]
async fn a_dead_end_cannot_be_confirmed() {
    let app = TestApp::new().await;
    let id = declined(&app, "0107").await.id;
    answer(&app, id, account_number("1")).await.unwrap();
    assert_eq!(confirm(&app, id).await, Confirmation::Incomplete);
    assert_eq!(app.attempts(id).await.len(), 1);
}

#[tokio::test]
async fn guessing_pins_is_held_back_for_each_porting_on_its_own() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let draft = app.empty_draft("0100").await;
        app.subscription_with(&draft).await;
        ids.push(draft.id);
    }
    for n in 0..20 {
        answer(&app, ids[0], pin(&n.to_string())).await.unwrap();
    }
    let held_back = answer(&app, ids[0], pin("20")).await;
    let an_hour = jiff::SignedDuration::from_hours(1);
    assert!(matches!(held_back, Err(AppError::TooMany(until)) if until == app.now() + an_hour));
    answer(&app, ids[0], account_number("1")).await.unwrap();
    answer(&app, ids[1], pin("1")).await.unwrap();
    app.advance(an_hour);
    answer(&app, ids[0], pin("20")).await.unwrap();
}
