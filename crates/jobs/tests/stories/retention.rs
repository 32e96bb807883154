//! What is left of a person, and when.

use jiff::SignedDuration;
use portico_app::{
    AppError, MetadataPatch, erasure, portings, projects, projects::SettingsPatch, subscriptions,
    user_addresses, users,
};
use portico_domain::{
    date_input::Birthday,
    event::Actor,
    id::{PortingId, UserId},
    porting::{DetailsPatch, Patch},
    subscription::Subscription,
    user::User,
};
use portico_store::{attempts, audit};
use portico_testkit::sample;

use crate::world::World;

/// The user's; the account holder of a porting is somebody else here.
const BIRTHDAY: &str = "1984-02-29";
const EMAIL: &str = "rosalind.quimby@subscriber.example";
const NOTE: &str = "vip, knows the boss";

/// What a porting holds of a person.
const OF_PORTING: [&str; 6] = [
    sample::ACCOUNT_NUMBER,
    sample::STREET,
    sample::PIN,
    "1971-03-07",
    "Ottoline",
    "Brackwater",
];
const OF_USER: [&str; 6] = [
    EMAIL,
    NOTE,
    BIRTHDAY,
    sample::FIRST_NAME,
    sample::LAST_NAME,
    "Vestry",
];
const OPERATOR: &Actor = &Actor::System;

impl World {
    /// Where any of `texts` stands in the database, sealed or not.
    async fn holding(&self, texts: &[&str]) -> Vec<String> {
        let mut found = self.everything_stored().await;
        found.retain(|value| texts.iter().any(|text| value.contains(text)));
        found
    }

    async fn days(&self, days: i64) {
        self.after_seconds(days * 24 * 60 * 60).await;
    }

    /// Long enough for the simulator to take a request and answer it.
    async fn a_while(&self) {
        self.worker.drain().await;
        self.after_seconds(60).await;
    }

    async fn act<T, F>(&self, work: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: for<'t> Fn(
                &'t mut portico_store::Tx,
            ) -> futures_util::future::BoxFuture<'t, Result<T, AppError>>
            + Send
            + 'static,
    {
        self.app.write(move |tx, _| work(tx)).await
    }

    /// A user with everything a user can have.
    async fn person(&self) -> User {
        let project = self.project.clone();
        self.act(move |tx| {
            let project = project.clone();
            Box::pin(async move {
                let mut new = sample::user("rosalind.quimby");
                new.birthday = Some(Birthday::from_stored(BIRTHDAY).expect("a birthday"));
                let note = ("crm".to_owned(), Some(NOTE.to_owned()));
                new.metadata = MetadataPatch([note].into());
                let user = users::create(tx, &Actor::System, &project, new).await?;
                let mut address = sample::address();
                address.line1 = "12 Vestry Lane".to_owned();
                user_addresses::create(tx, &user, address).await?;
                Ok(user)
            })
        })
        .await
        .expect("a person")
    }

    /// A porting of that user with everything a porting can have, on its way.
    async fn port_of(&self, user: UserId, number: &str) -> (PortingId, Subscription) {
        let details = DetailsPatch {
            birthday: Patch::Set(Birthday::from_stored("1971-03-07").expect("a birthday")),
            first_name: Patch::Set(sample::person_name("Ottoline")),
            last_name: Patch::Set(sample::person_name("Brackwater")),
            ..sample::details()
        };
        let draft = self
            .try_draft(user, number, details)
            .await
            .expect("a draft");
        let subscription = self.subscription_with(&draft).await;
        (draft.id, subscription)
    }

    async fn redact(&self, user: UserId) -> Result<(), AppError> {
        self.act(move |tx| Box::pin(erasure::redact(tx, OPERATOR, user)))
            .await?;
        while self
            .act(move |tx| Box::pin(erasure::erase_user(tx, user)))
            .await?
        {}
        Ok(())
    }
}

#[tokio::test]
async fn after_its_retention_nothing_of_a_porting_can_be_found() {
    let world = World::new().await;
    let user = world.person().await;
    // Declined once, so that every kind of row is there, and repaired.
    let (id, subscription) = world.port_of(user.id, "0110").await;
    world.a_while().await;
    assert_eq!(world.status(id).await, "declined");
    let again = DetailsPatch {
        account_pin: Patch::Set(sample::pin("90817263")),
        ..DetailsPatch::default()
    };
    world.patch(id, again).await.expect("repaired");
    world.a_while().await;
    assert_eq!(world.status(id).await, "completed");
    assert!(world.holding(&OF_PORTING).await.len() > 5, "it is there");
    assert!(world.holding(&["90817263", sample::PIN]).await.is_empty());

    world.days(89).await;
    assert!(world.holding(&OF_PORTING).await.len() > 5, "too early");
    let before = world.event_types(id).await;
    world.days(2).await;
    assert_eq!(world.holding(&OF_PORTING).await, Vec::<String>::new());
    assert!(
        !world.holding(&OF_USER).await.is_empty(),
        "the user lives on"
    );

    // What happened can still be told.
    assert_eq!(world.event_types(id).await, before);
    let events = world.events(id).await;
    let last = events.last().expect("events");
    assert_eq!(last.data["status"], "completed");
    assert_eq!(last.data["phoneNumber"], "+19595550110");
    for field in [
        "accountNumber",
        "address",
        "birthday",
        "firstName",
        "lastName",
    ] {
        assert!(events.iter().all(|event| event.data[field].is_null()));
        assert!(last.data.get(field).is_some(), "{field} is null, not gone");
    }
    let porting = world.check_books(id).await;
    assert!(porting.details.account_number.is_none());
    assert!(
        world
            .subscription_now(subscription.id)
            .await
            .phone_number
            .is_some()
    );
    let mut tx = world.app.read().await.expect("the database reads");
    let answers = attempts::answers_of(&mut tx, id).await.expect("answers");
    assert_eq!(answers.len(), 2);
    for answer in answers {
        assert!(answer.raw_text.is_none() && answer.raw_code.is_some());
    }
}

#[tokio::test]
async fn the_projects_own_retention_counts_from_now_on() {
    let world = World::new().await;
    let (id, _) = world.port("0100").await;
    world.a_while().await;
    world.days(30).await;
    assert!(world.porting(id).await.details.account_number.is_some());
    world
        .act(|tx| {
            let patch = SettingsPatch {
                retention_days: Some(20),
                ..SettingsPatch::default()
            };
            Box::pin(async move { projects::update(tx, OPERATOR, "acme", patch).await })
        })
        .await
        .expect("20 days");
    world.a_while().await;
    assert!(world.porting(id).await.details.account_number.is_none());
}

#[tokio::test]
async fn open_portings_and_what_has_not_waited_stay_as_they_are() {
    let world = World::new().await;
    let (ended, _) = world.port("0100").await;
    world.a_while().await;
    world.days(80).await;
    let (young, _) = world.port("0100").await;
    world.a_while().await;
    let open = world.empty_draft("0110").await;
    world.subscription_with(&open).await;
    let half = DetailsPatch {
        account_number: Patch::Set(sample::account_number("5551234567")),
        ..DetailsPatch::default()
    };
    world.patch(open.id, half).await.expect("saved");
    world.days(12).await;
    assert!(world.porting(ended).await.details.address.is_none());
    assert!(world.porting(young).await.details.address.is_some());
    assert_eq!(world.status(open.id).await, "informationRequired");
    assert!(
        world
            .porting(open.id)
            .await
            .details
            .account_number
            .is_some()
    );
    assert!(!world.holding(&["5551234567"]).await.is_empty());
}

#[tokio::test]
async fn a_draft_that_was_deleted_is_erased_too() {
    let world = World::new().await;
    let draft = world.draft("0100").await;
    world.days(40).await;
    assert_eq!(
        world.event_types(draft.id).await.last().map(String::as_str),
        Some("porting.deleted")
    );
    assert!(!world.holding(&[sample::ACCOUNT_NUMBER]).await.is_empty());
    world.days(91).await;
    assert_eq!(
        world.holding(&[sample::ACCOUNT_NUMBER]).await,
        Vec::<String>::new()
    );
    assert_eq!(world.events(draft.id).await.len(), 2);
}

#[tokio::test]
async fn an_interrupted_erasure_goes_on_in_the_next_process() {
    let mut world = World::new().await;
    let draft = world.draft("0100").await;
    // More events than one transaction sees to.
    for n in 0..70 {
        let change = DetailsPatch {
            account_number: Patch::Set(sample::account_number(&format!("77700{n:05}"))),
            ..DetailsPatch::default()
        };
        world
            .patch(draft.id, change)
            .await
            .expect("a draft takes it");
    }
    let last = world.porting(draft.id).await;
    world
        .act(move |tx| {
            let last = last.clone();
            Box::pin(async move { portings::delete_draft(tx, OPERATOR, &last).await })
        })
        .await
        .expect("deleted");
    world.advance(SignedDuration::from_hours(24 * 91));
    let more = world.act(|tx| Box::pin(erasure::erase_due(tx))).await;
    assert!(
        more.expect("the store works"),
        "one transaction is not enough"
    );
    let left = world.holding(&["77700"]).await.len();
    assert!(left > 0 && left < 70 * 2, "{left}");
    world = world.restart().await;
    world.a_while().await;
    assert_eq!(world.holding(&["77700"]).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_redacted_user_leaves_no_trace_but_what_happened() {
    let world = World::new().await;
    let user = world.person().await;
    let (id, subscription) = world.port_of(user.id, "0100").await;
    let (session, _) = world.session(&subscription).await;
    let other_draft = world
        .try_draft(user.id, "0110", sample::details())
        .await
        .expect("a draft");
    let refused = world.redact(user.id).await;
    let Err(AppError::Invalid(problems)) = refused else {
        panic!("an open porting refuses: {refused:?}");
    };
    assert!(problems[0].message.contains(id.as_str()), "{problems:?}");
    assert!(
        !world.holding(&OF_USER).await.is_empty(),
        "nothing was erased"
    );

    world.a_while().await;
    assert_eq!(world.status(id).await, "completed");
    world.redact(user.id).await.expect("nothing is open");
    let callback = ["https://shop.example/done"];
    for texts in [&OF_PORTING[..], &OF_USER, &callback] {
        assert_eq!(world.holding(texts).await, Vec::<String>::new());
    }
    let mut tx = world.app.read().await.expect("the database reads");
    let now = users::get(&mut tx, "acme", user.id)
        .await
        .expect("the user");
    assert!(now.email.ends_with("@redacted.invalid"), "{}", now.email);
    assert_eq!(now.status.as_str(), "active");
    let told = world.events(user.id).await;
    let last = told.last().expect("events");
    assert_eq!(last.kind, "user.updated");
    assert!(last.previous.as_ref().expect("what changed")["email"].is_null());
    assert_eq!(
        world.event_types(session.id).await,
        ["connectSession.created"]
    );
    assert_eq!(
        world.event_types(other_draft.id).await,
        ["porting.created", "porting.deleted"]
    );
    let trail = audit::of_subject(&mut tx, user.id.as_str()).await;
    let trail = trail.expect("the trail reads");
    assert_eq!(trail.last().expect("an entry").action, "user.redacted");
    drop(tx);
    // Again, and for another user: each has an address of its own.
    world.redact(user.id).await.expect("redacted twice");
    let other = world.user().await;
    world.redact(other.id).await.expect("another user");
}

#[tokio::test]
async fn a_deleted_user_leaves_no_copies_in_events() {
    let world = World::new().await;
    let user = world.person().await;
    let (id, subscription) = world.port_of(user.id, "0100").await;
    world.a_while().await;
    let ended = world.subscription_now(subscription.id).await;
    world
        .act(move |tx| {
            let ended = ended.clone();
            Box::pin(async move { subscriptions::end(tx, OPERATOR, ended).await })
        })
        .await
        .expect("ended");
    let deleted = user.clone();
    world
        .act(move |tx| {
            let user = deleted.clone();
            Box::pin(async move { users::delete(tx, OPERATOR, user).await })
        })
        .await
        .expect("deleted");
    world.a_while().await;
    for texts in [&OF_PORTING[..], &OF_USER] {
        assert_eq!(world.holding(texts).await, Vec::<String>::new());
    }
    assert_eq!(world.status(id).await, "completed");
}
