//! What the recipient and the calendar make of data that was fine when it was entered.

use jiff::SignedDuration;
use portico_app::{AppError, BusinessCode, portings, portings::PortingPatch};
use portico_domain::{
    porting::{Behavior, DetailsPatch, Patch},
    service_provider,
};
use portico_store::attempts;
use portico_testkit::{TestApp, sample};

use crate::world::subscriber;

async fn change(app: &TestApp, number: &str, patch: PortingPatch) -> Result<(), AppError> {
    let draft = app.draft(number).await;
    let required = portings::new_requirements(&app.app, &app.project, &draft, &patch)
        .await
        .expect("the number can move there");
    let changed = app.app.write(move |tx, _| {
        let (draft, change) = (draft.clone(), (patch.clone(), required.clone()));
        Box::pin(async move { portings::update(tx, (&subscriber(), draft), change).await })
    });
    changed.await.map(drop)
}

#[tokio::test]
async fn a_pin_of_one_country_does_not_move_to_another() {
    let app = TestApp::new().await;
    let to_the_uk = PortingPatch {
        provider: Some("t12".to_owned()),
        phone_number: Some(sample::number("+447700900100")),
        ..PortingPatch::default()
    };
    let refused = change(&app, "0100", to_the_uk).await.unwrap_err();
    let code = BusinessCode::PortingAccountPinForPortInBehaviorInvalid;
    assert!(
        matches!(refused, AppError::Business(found, _) if found == code),
        "{refused}"
    );
}

#[tokio::test]
async fn a_donor_that_wants_no_dashes_gets_none() {
    let app = TestApp::new().await;
    let verizon = service_provider::all()
        .iter()
        .find(|it| it.name == "Verizon")
        .unwrap();
    let mut details = sample::details();
    details.donor_provider = Patch::Set(verizon.id.to_owned());
    details.account_number = Patch::Set(sample::account_number("123456789-00001"));
    details.account_pin = Patch::Set(sample::pin("123-456"));
    let draft = app.draft_with("0100", details).await;
    app.subscription_with(&draft).await;
    let reference = app.attempts(draft.id).await[0].reference.clone();
    let begun = app.app.write(move |tx, _| {
        let reference = reference.clone();
        Box::pin(async move { portings::begin_submission(tx, &reference).await })
    });
    let portings::Submission::Send(request) = begun.await.unwrap() else {
        panic!("the attempt is fresh");
    };
    assert_eq!(
        request.details.account_number.unwrap().as_str(),
        "12345678900001"
    );
    assert_eq!(request.details.account_pin.unwrap().expose(), "123456");
    // What the subscriber typed stays as it was typed.
    let kept = app.porting(draft.id).await.details.account_number.unwrap();
    assert_eq!(kept.as_str(), "123456789-00001");
    let mut tx = app.app.read().await.unwrap();
    assert_eq!(
        attempts::of_porting(&mut tx, draft.id).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_day_that_passed_while_the_draft_waited_is_not_sent() {
    let app = TestApp::new().await;
    let tomorrow = portings::day_of(app.now()).tomorrow().unwrap();
    let details = DetailsPatch {
        account_pin: Patch::Set(sample::pin("ABC123456")),
        scheduled_on: Patch::Set(tomorrow),
        ..DetailsPatch::default()
    };
    let draft = app.draft_with("+447700900100", details).await;
    app.advance(SignedDuration::from_hours(72));
    let user = draft.user;
    let plan = app.plan_of("t12").await;
    let project = app.project.clone();
    let taken = app.app.write(move |tx, app| {
        let project = project.clone();
        let new = portico_app::subscriptions::NewSubscription {
            plan: plan.id,
            user,
            porting: Some(draft.id),
            user_address: None,
            metadata: Default::default(),
        };
        Box::pin(async move {
            portico_app::subscriptions::create(tx, &app, (&subscriber(), &project), new).await
        })
    });
    let refused = taken.await.unwrap_err();
    let code = BusinessCode::PortingScheduledOnInvalid;
    assert!(
        matches!(refused, AppError::Business(found, _) if found == code),
        "{refused}"
    );
}

#[tokio::test]
async fn whoever_only_ends_a_contract_does_not_get_its_number() {
    let app = TestApp::new().await;
    let details = DetailsPatch {
        account_pin: Patch::Set(sample::pin("ABC123456")),
        ..DetailsPatch::default()
    };
    let draft = app.draft_with("+447700900100", details).await;
    let ends_only = PortingPatch {
        behavior: Some(Behavior::CancelOnly),
        details: DetailsPatch {
            account_pin: Patch::Set(sample::pin("123456ABC")),
            ..DetailsPatch::default()
        },
        ..PortingPatch::default()
    };
    let before = draft.clone();
    let changed = app.app.write(move |tx, _| {
        let (before, change) = (before.clone(), (ends_only.clone(), None));
        Box::pin(async move { portings::update(tx, (&subscriber(), before), change).await })
    });
    let draft = changed.await.unwrap();
    let subscription = app.subscription_with(&draft).await;
    assert_eq!(
        crate::world::carry(&app, draft.id).await.status().as_str(),
        "completed"
    );
    let subscription = app.subscription_now(subscription.id).await;
    assert_eq!(subscription.status.as_str(), "active");
    assert_eq!(subscription.phone_number, None);
}
