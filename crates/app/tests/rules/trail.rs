//! Who changed what of the operator's own things.

use portico_app::{api_keys, plans, projects, projects::SettingsPatch};
use portico_domain::event::Actor;
use portico_store::audit;
use portico_testkit::TestApp;
use serde_json::json;

/// What was done to a thing, by whom, and the facts.
async fn trail(app: &TestApp, subject: &str) -> Vec<(String, Option<String>, serde_json::Value)> {
    let mut tx = app.app.read().await.expect("the database reads");
    let entries = audit::of_subject(&mut tx, subject).await;
    let entries = entries.expect("the trail reads");
    let told = entries.into_iter();
    told.map(|entry| (entry.action, entry.actor_id, entry.facts))
        .collect()
}

#[tokio::test]
async fn a_changed_setting_is_written_down_by_name_and_not_by_value() {
    let app = TestApp::new().await;
    app.app
        .write(|tx, _| {
            let patch = SettingsPatch {
                name: Some("Nimbus".to_owned()),
                support_email: Some(Some("someone@acme.example".to_owned())),
                retention_days: Some(30),
                ..SettingsPatch::default()
            };
            Box::pin(async move { projects::update(tx, &Actor::operator(), "acme", patch).await })
        })
        .await
        .unwrap();
    let entries = trail(&app, "acme").await;
    assert_eq!(entries[0].0, "project.created");
    let (action, actor, facts) = entries.last().unwrap().clone();
    assert_eq!(
        (action.as_str(), actor.as_deref()),
        ("project.changed", Some("cli"))
    );
    assert_eq!(
        facts,
        json!({ "fields": ["name", "supportEmail", "retentionDays"] })
    );
    let refused = app.app.write(|tx, _| {
        let patch = SettingsPatch {
            retention_days: Some(0),
            ..SettingsPatch::default()
        };
        Box::pin(async move { projects::update(tx, &Actor::operator(), "acme", patch).await })
    });
    assert!(refused.await.is_err());
    assert_eq!(trail(&app, "acme").await.len(), entries.len());
}

#[tokio::test]
async fn plans_and_keys_have_a_trail() {
    let app = TestApp::new().await;
    let plan = app.plan().await;
    let before = plan.clone();
    app.app
        .write(move |tx, _| {
            let (before, mut after) = (before.clone(), before.clone());
            after.document.name = "Unlimited 30".to_owned();
            let actor = Actor::ApiKey("apk_test".to_owned());
            Box::pin(async move { plans::update(tx, &actor, &before, after).await })
        })
        .await
        .unwrap();
    let entries = trail(&app, plan.id.as_str()).await;
    assert_eq!(entries[0].0, "plan.created");
    assert_eq!(
        (entries[1].0.as_str(), entries[1].1.as_deref()),
        ("plan.changed", Some("apk_test"))
    );
    assert_eq!(entries[1].2["fields"], json!(["name"]));

    let (id, _) = app
        .app
        .write(|tx, _| {
            Box::pin(async move { api_keys::create(tx, &Actor::operator(), "acme").await })
        })
        .await
        .unwrap();
    for _ in 0..2 {
        app.app
            .write(move |tx, _| {
                Box::pin(async move { api_keys::revoke(tx, &Actor::operator(), id).await })
            })
            .await
            .unwrap();
    }
    let entries = trail(&app, id.as_str()).await;
    let actions: Vec<_> = entries.iter().map(|entry| entry.0.as_str()).collect();
    assert_eq!(actions, ["apiKey.created", "apiKey.revoked"]);
    assert!(entries.iter().all(|entry| entry.2 == json!({})));
}
