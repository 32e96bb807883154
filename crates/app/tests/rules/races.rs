use std::sync::Arc;

use portico_app::{
    AppError, BusinessCode, MetadataPatch,
    portings::Confirmation,
    sessions::{self, Redemption},
    subscriptions::{self, NewSubscription},
};
use portico_domain::{event::Actor, porting::Porting, subscription::Subscription};
use portico_store::{PageRequest, subscriptions as rows};
use portico_testkit::{OPENER, TestApp};
use tokio::task::JoinSet;

use crate::world::confirm;

/// Runs the same thing many times at once.
async fn at_once<T, F>(app: &Arc<TestApp>, times: usize, run: impl Fn(Arc<TestApp>) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for _ in 0..times {
        tasks.spawn(run(app.clone()));
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_confirmations_one_sends() {
    let app = Arc::new(TestApp::new().await);
    let draft = app.empty_draft("0100").await;
    app.subscription_with(&draft).await;
    let id = draft.id;
    crate::world::answer(&app, id, portico_testkit::sample::details())
        .await
        .unwrap();
    let outcomes = at_once(&app, 12, move |app| async move { confirm(&app, id).await }).await;
    let sent = outcomes.iter().filter(|it| **it == Confirmation::Sent);
    assert_eq!(sent.count(), 1);
    assert_eq!(app.attempts(id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_browsers_one_gets_the_session() {
    let app = Arc::new(TestApp::new().await);
    let draft = app.empty_draft("0100").await;
    let subscription = app.subscription_with(&draft).await;
    let (session, url) = app.session(&subscription).await;
    let token = url.split("token=").nth(1).unwrap().to_owned();
    let id = session.id.to_string();
    let redeem = |app: Arc<TestApp>| {
        let (id, token) = (id.clone(), token.clone());
        async move {
            let redeemed = app.app.write(move |tx, app| {
                let (id, token) = (id.clone(), token.clone());
                Box::pin(
                    async move { sessions::redeem(tx, &app, (&id, Some(&token)), OPENER).await },
                )
            });
            redeemed.await.unwrap()
        }
    };
    let outcomes = at_once(&app, 12, redeem).await;
    let opened = outcomes
        .iter()
        .filter(|it| matches!(it, Redemption::Opened(..)));
    assert_eq!(opened.count(), 1);
    let kinds = app.event_types(session.id).await;
    assert_eq!(kinds, ["connectSession.created", "connectSession.opened"]);
}

async fn subscribe(app: &TestApp, draft: &Porting) -> Result<Subscription, AppError> {
    let project = app.project.clone();
    let new = NewSubscription {
        plan: app.plan().await.id,
        user: draft.user,
        porting: Some(draft.id),
        user_address: None,
        metadata: MetadataPatch::default(),
    };
    app.app
        .write(move |tx, app| {
            let (project, new) = (project.clone(), new.clone());
            Box::pin(async move {
                subscriptions::create(tx, &app, (&Actor::System, &project), new).await
            })
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_subscriptions_that_want_a_number_one_gets_it_and_the_other_is_not_there() {
    let app = Arc::new(TestApp::new().await);
    let drafts = [
        app.draft("+12015550123").await,
        app.draft("+12015550123").await,
    ];
    let (first, second) = tokio::join!(subscribe(&app, &drafts[0]), subscribe(&app, &drafts[1]));
    let (won, lost) = match (first, second) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        other => panic!("one must win and one lose: {other:?}"),
    };
    let code = BusinessCode::PortingAlreadyExists;
    assert!(matches!(lost, AppError::Business(found, _) if found == code));
    let mut tx = app.app.read().await.unwrap();
    let page = PageRequest {
        limit: 10,
        ..PageRequest::default()
    };
    let all = rows::list(&mut tx, "acme", &rows::Filter::default(), &page).await;
    let ids: Vec<_> = all.unwrap().items.iter().map(|it| it.id).collect();
    assert_eq!(ids, [won.id]);
    let loser = drafts
        .iter()
        .find(|draft| Some(draft.id) != won.porting)
        .unwrap();
    assert_eq!(app.porting(loser.id).await.status().as_str(), "draft");
    assert_eq!(app.event_types(loser.id).await, ["porting.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_cancellations_one_cancels() {
    let app = Arc::new(TestApp::new().await);
    let draft = app.draft("0100").await;
    let subscription = app.subscription_with(&draft).await;
    let id = draft.id;
    let outcomes = at_once(&app, 8, move |app| async move { app.cancel(id).await }).await;
    assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1);
    let kinds = app.event_types(id).await;
    assert_eq!(
        kinds.iter().filter(|it| *it == "porting.canceled").count(),
        1
    );
    let kinds = app.event_types(subscription.id).await;
    let activated = kinds.iter().filter(|it| *it == "subscription.activated");
    assert_eq!(activated.count(), 1);
}
