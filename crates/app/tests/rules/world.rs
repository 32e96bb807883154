use jiff::SignedDuration;
use portico_app::{AppError, portings};
use portico_carrier::PortRequest;
use portico_domain::{
    event::Actor,
    id::PortingId,
    porting::{DetailsPatch, Porting},
};
use portico_testkit::TestApp;

/// The subscriber of every test.
pub fn subscriber() -> Actor {
    Actor::User("usr_test".to_owned())
}

/// Saves what a subscriber typed in Connect.
pub async fn answer(
    app: &TestApp,
    id: PortingId,
    patch: DetailsPatch,
) -> Result<Porting, AppError> {
    let before = app.porting(id).await;
    portings::spend_pin_entry(&app.app, id, &patch).await?;
    app.app
        .write(move |tx, _| {
            let (before, patch) = (before.clone(), patch.clone());
            Box::pin(
                async move { portings::save_answers(tx, (&subscriber(), before), patch).await },
            )
        })
        .await
}

/// The subscriber confirms on the review page; the porting is read in the same transaction.
pub async fn confirm(app: &TestApp, id: PortingId) -> portings::Confirmation {
    let project = app.project.clone();
    app.app
        .write(move |tx, _| {
            let project = project.clone();
            Box::pin(async move {
                let porting = portings::get(tx, &project.id, id).await?;
                let repairable = project.settings.repairable();
                portings::confirm(tx, (&subscriber(), porting), repairable, "2026-01").await
            })
        })
        .await
        .expect("a confirmation is always answered")
}

/// Does by hand what the worker does with an attempt, and hears the carrier's answer.
pub async fn carry(app: &TestApp, id: PortingId) -> Porting {
    let reference = app.porting(id).await.reference();
    let begun = app.app.write({
        let reference = reference.clone();
        move |tx, _| {
            let reference = reference.clone();
            Box::pin(async move { portings::begin_submission(tx, &reference).await })
        }
    });
    let request: Box<PortRequest> = match begun.await.expect("it can be begun") {
        portings::Submission::Send(request) => request,
        other => panic!("nothing to send: {other:?}"),
    };
    let gateway = app.app.gateways.find("test").expect("the simulator");
    gateway
        .submit(&request)
        .await
        .expect("it takes the request");
    app.advance(SignedDuration::from_secs(2));
    let progress = gateway.progress(&reference).await.expect("it answers");
    app.app
        .write(move |tx, _| {
            let (reference, answers) = (reference.clone(), progress.answers.clone());
            Box::pin(async move {
                portings::accepted(tx, &reference).await?;
                portings::answered(tx, &reference, &answers).await
            })
        })
        .await
        .expect("the answer is taken");
    app.porting(id).await
}

/// A porting that the carrier of `number` has declined.
pub async fn declined(app: &TestApp, number: &str) -> Porting {
    let draft = app.draft(number).await;
    app.subscription_with(&draft).await;
    let porting = carry(app, draft.id).await;
    assert_eq!(porting.status().as_str(), "declined");
    porting
}
