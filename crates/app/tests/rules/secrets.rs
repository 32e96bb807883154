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
