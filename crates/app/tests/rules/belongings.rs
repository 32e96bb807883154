//! What belongs together goes together.

use jiff::SignedDuration;
use portico_app::{sessions, upkeep, user_addresses, users};
use portico_domain::session::SessionStatus;
use portico_testkit::{TestApp, sample};

use crate::world::subscriber;

#[tokio::test]
async fn a_deleted_address_is_on_no_subscription_any_more() {
    let app = TestApp::new().await;
    let subscription = app.subscription().await;
    let project = app.project.id.clone();
    let (id, owner) = (subscription.id, subscription.user);
    let changed = app.app.write(move |tx, _| {
        let project = project.clone();
        Box::pin(async move {
            let user = users::get(tx, &project, owner).await?;
            let row = user_addresses::create(tx, &user, sample::address()).await?;
            let before = portico_app::subscriptions::get(tx, &project, id).await?;
            let patch = (Default::default(), Some(Some(row.id)));
            portico_app::subscriptions::update(tx, &subscriber(), before, patch).await?;
            user_addresses::delete(tx, &subscriber(), &user, row.id).await?;
            let before = portico_app::subscriptions::get(tx, &project, id).await?;
            let patch = (Default::default(), None);
            portico_app::subscriptions::update(tx, &subscriber(), before, patch).await
        })
    });
    assert_eq!(changed.await.unwrap().user_address, None);
}

#[tokio::test]
async fn a_deleted_users_drafts_go_with_them() {
    let app = TestApp::new().await;
    let draft = app.draft("0100").await;
    let (project, owner) = (app.project.id.clone(), draft.user);
    let deleted = app.app.write(move |tx, _| {
        let project = project.clone();
        Box::pin(async move {
            let user = users::get(tx, &project, owner).await?;
            users::delete(tx, &subscriber(), user).await
        })
    });
    deleted.await.unwrap();
    let mut tx = app.app.read().await.unwrap();
    let found = portico_store::portings::get(&mut tx, draft.id)
        .await
        .unwrap();
    assert!(found.is_none());
}

#[tokio::test]
async fn a_session_that_expired_without_a_user_lives_again_when_it_gets_one() {
    let app = TestApp::new().await;
    let subscription = app.subscription().await;
    let new = sessions::NewSession {
        intent: portico_domain::session::Intent {
            purpose: portico_domain::session::Purpose::ViewSubscription,
            subscription: subscription.id,
        },
        user: None,
        callback_url: None,
        theme: None,
    };
    let project = app.project.clone();
    let created = app.app.write(move |tx, app| {
        let (project, new) = (project.clone(), new.clone());
        Box::pin(async move { sessions::create(tx, &app, (&subscriber(), &project), new).await })
    });
    let (session, _) = created.await.unwrap();
    app.advance(SignedDuration::from_hours(1));
    app.app
        .write(|tx, _| Box::pin(upkeep::expire_sessions(tx)))
        .await
        .unwrap();
    let (project, id, owner) = (app.project.clone(), session.id, subscription.user);
    let attached = app.app.write(move |tx, app| {
        let project = project.clone();
        let patch = sessions::SessionPatch {
            user: Some(owner),
            ..Default::default()
        };
        Box::pin(async move {
            let before = sessions::get(tx, &project.id, id).await?;
            assert_eq!(before.status, SessionStatus::Expired);
            sessions::update(tx, &app, (&subscriber(), &project), (before, patch)).await
        })
    });
    let (_, url) = attached.await.unwrap();
    let url = url.unwrap();
    let token = url.split("token=").nth(1).unwrap();
    let mut tx = app.app.read().await.unwrap();
    let link = (id.as_str(), Some(token));
    let found = sessions::check_link(&mut tx, &app.app, link, "client")
        .await
        .unwrap();
    assert!(matches!(found, sessions::Link::Fresh(_)), "{found:?}");
}
