use portico_app::{AppError, sessions};
use portico_store::audit;
use portico_testkit::{TestApp, sample};

use crate::world::{carry, declined};

#[tokio::test]
async fn no_event_and_no_audit_entry_holds_a_pin() {
    let app = TestApp::new().await;
    let porting = declined(&app, "0110").await;
    let again = portico_domain::porting::DetailsPatch {
        account_pin: portico_domain::porting::Patch::Set(sample::pin("90817263")),
        ..Default::default()
    };
    let sent = app.patch(porting.id, again).await.unwrap();
    carry(&app, sent.id).await;
    let events = app.events(porting.id).await;
    assert!(events.len() > 8);
    let mut told = format!("{events:?}");
    let mut tx = app.app.read().await.unwrap();
    let entries = audit::of_subject(&mut tx, porting.id.as_str())
        .await
        .unwrap();
    assert!(
        entries
            .iter()
            .any(|entry| entry.action == "porting.carrierAnswer")
    );
    let written = format!("{entries:?}");
    for personal in [sample::FIRST_NAME, sample::ACCOUNT_NUMBER, sample::STREET] {
        assert!(told.contains(personal), "events carry the resource");
        assert!(
            !written.contains(personal),
            "the audit trail names fields only"
        );
    }
    told.push_str(&written);
    for pin in [sample::PIN, "90817263"] {
        assert!(!told.contains(pin));
    }
}

#[tokio::test]
async fn a_refused_change_leaves_no_event_and_no_audit_entry() {
    let app = TestApp::new().await;
    let porting = declined(&app, "0110").await;
    let trail = || async {
        let mut tx = app.app.read().await.unwrap();
        let entries = audit::of_subject(&mut tx, porting.id.as_str())
            .await
            .unwrap();
        (entries.len(), app.events(porting.id).await.len())
    };
    let before = trail().await;
    assert!(app.patch(porting.id, Default::default()).await.is_err());
    assert_eq!(trail().await, before);
}

/// Whoever has a wrong token learns nothing of what the session is about, not even that it cannot be
/// read.
#[tokio::test]
async fn nothing_sealed_is_opened_for_a_wrong_token() {
    let app = TestApp::new().await;
    let draft = app.draft("0110").await;
    let subscription = app.subscription_with(&draft).await;
    let (session, link) = app.session(&subscription).await;
    let bytes = match app.database().is_postgres() {
        true => "BYTEA",
        false => "BLOB",
    };
    let spoil = format!("UPDATE portings SET details_sealed = CAST('spoilt' AS {bytes})");
    app.database().by_hand(spoil).await.unwrap();
    let right = link.split("token=").nth(1).unwrap();
    let wrong = right.replace(|_| true, "0");
    let mut tx = app.app.read().await.unwrap();
    for (token, is_told) in [(wrong.as_str(), false), (right, true)] {
        let link = (session.id.as_str(), Some(token));
        let found = sessions::look_at_link(&mut tx, &app.app, link, "client").await;
        match found {
            Ok((sessions::Link::Unknown, None)) => assert!(!is_told),
            Err(AppError::Store(_)) => assert!(is_told),
            other => panic!("{other:?}"),
        }
    }
}
