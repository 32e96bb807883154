use portico_domain::{event::Actor, id::SessionId, porting::State, session::ConnectSession};
use portico_store::{
    attempts, audit, portings, projects, sessions, subscriptions,
    tables::TABLES,
    users,
    visits::{self, Around, Visitor},
};

use serde_json::json;

use crate::{harness::World, samples};

const BEGUN: &str = "porting.answered";

async fn stored(world: &World, session: ConnectSession) -> SessionId {
    write!(world.db, [session], |tx| sessions::insert(tx, &session)).unwrap();
    session.id
}

async fn visited(world: &World, id: SessionId) -> (ConnectSession, Around) {
    let found = read!(world.db, |tx| visits::find(tx, id, BEGUN));
    let (session, unread) = found.expect("the session is there");
    let view = world.db.read().await.unwrap();
    (session, unread.read(view.vault()).unwrap())
}

async fn around_of(world: &World, id: SessionId) -> Around {
    visited(world, id).await.1
}

/// A later version is started beside this one, and migrates.
pub async fn columns_that_a_later_version_adds_disturb_nobody(world: World) {
    let porting = world.porting(State::InformationRequired).await;
    let mut session = world.new_session(world.now()).await;
    session.intent.subscription = porting.subscription.unwrap();
    let id = stored(&world, session).await;
    let reference = porting.reference();
    let mut seen = Vec::new();
    for version in 0..3 {
        seen.push(format!(
            "{:?} {:?} {:?} {:?} {:?}",
            visited(&world, id).await.0,
            read!(world.db, |tx| sessions::get(tx, id)),
            read!(world.db, |tx| portings::find(tx, "acme", porting.id)),
            read!(world.db, |tx| projects::all(tx)).len(),
            read!(world.db, |tx| attempts::find(tx, &reference)),
        ));
        for table in TABLES {
            let later = format!("ALTER TABLE {} ADD COLUMN later_{version} TEXT", table.name);
            world.by_hand(later).await.unwrap();
        }
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
}

/// What a visit sees is what each table's own look sees, whatever columns they have in common.
pub async fn a_session_is_found_with_what_it_is_about(world: World) {
    let porting = world.porting(State::InformationRequired).await;
    let subscription = porting.subscription.unwrap();
    let found = read!(world.db, |tx| subscriptions::find(tx, "acme", subscription));
    let mut about = found.unwrap();
    about.porting = Some(porting.id);
    write!(world.db, [about], |tx| subscriptions::update(tx, &about)).unwrap();
    let mut session = world.new_session(world.now()).await;
    session.intent.subscription = subscription;
    session.user = Some(about.user);
    let id = stored(&world, session).await;

    let (session, around) = visited(&world, id).await;
    let (user, porting) = (about.user, porting.id);
    let user = read!(world.db, |tx| users::find(tx, "acme", user)).unwrap();
    let visitor = Visitor {
        id: user.id,
        preferred_locale: user.preferred_locale,
    };
    let each = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        read!(world.db, |tx| sessions::get(tx, id)).unwrap(),
        read!(world.db, |tx| projects::find(tx, "acme")).unwrap(),
        read!(world.db, |tx| subscriptions::find(tx, "acme", subscription)).unwrap(),
        visitor,
        read!(world.db, |tx| portings::find(tx, "acme", porting)).unwrap(),
    );
    let together = format!(
        "{session:?} {:?} {:?} {:?} {:?}",
        around.project,
        around.subscription.unwrap(),
        around.visitor.unwrap(),
        around.porting.unwrap(),
    );
    assert_eq!(together, each);

    assert!(!around.was_started);
    let another = world.porting(State::InformationRequired).await.id;
    for (porting, action, was_started) in [
        (porting, "porting.updated", false),
        (another, BEGUN, false),
        (porting, BEGUN, true),
    ] {
        write!(world.db, [porting], |tx| async {
            let entry = audit::NewEntry {
                project: "acme",
                subject: porting.as_str(),
                action,
                facts: json!({}),
                actor: &Actor::System,
            };
            audit::insert(tx, &entry).await
        })
        .unwrap();
        assert_eq!(around_of(&world, id).await.was_started, was_started);
    }
}

pub async fn what_a_session_has_not_is_not_found(world: World) {
    let mut session = world.new_session(world.now()).await;
    session.user = None;
    let id = stored(&world, session).await;
    let around = around_of(&world, id).await;
    assert!(around.subscription.is_some());
    assert!(around.visitor.is_none() && around.porting.is_none());

    let mut session = world.new_session(world.now()).await;
    session.intent.subscription = world.id();
    let id = stored(&world, session).await;
    let around = around_of(&world, id).await;
    assert!(around.subscription.is_none() && around.porting.is_none());
    assert!(around.visitor.is_some());

    let missing = world.id();
    assert!(read!(world.db, |tx| visits::find(tx, missing, BEGUN)).is_none());
}

pub async fn what_is_of_another_project_is_not_found(world: World) {
    let other = samples::project("other", world.now());
    write!(world.db, [other], |tx| projects::insert(tx, &other)).unwrap();
    let mut session = world.new_session(world.now()).await;
    session.project = "other".to_owned();
    let id = stored(&world, session.clone()).await;
    let around = around_of(&world, id).await;
    assert_eq!(around.project.id, "other");
    assert!(around.subscription.is_none() && around.visitor.is_none());

    let porting = world.porting(State::InformationRequired).await;
    let mut theirs = world.new_subscription().await;
    theirs.project = "other".to_owned();
    theirs.porting = Some(porting.id);
    write!(world.db, [theirs], |tx| subscriptions::insert(tx, &theirs)).unwrap();
    session.id = world.id();
    session.intent.subscription = theirs.id;
    let id = stored(&world, session).await;
    let around = around_of(&world, id).await;
    assert!(around.subscription.is_some() && around.porting.is_none());
}
