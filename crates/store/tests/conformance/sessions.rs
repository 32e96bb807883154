use jiff::SignedDuration;
use portico_domain::{
    porting::Step,
    session::{Browser, CallbackStatus, ConnectSession, OpenedIn, Purpose, SessionStatus},
};
use portico_store::{StoreError, sessions};

use crate::harness::World;

async fn find(world: &World, session: &ConnectSession) -> ConnectSession {
    let id = session.id;
    read!(world.db, |tx| sessions::get(tx, id)).expect("the session is there")
}

fn assert_same(found: &ConnectSession, kept: &ConnectSession) {
    assert_eq!(format!("{found:?}"), format!("{kept:?}"));
}

pub async fn a_session_round_trips_through_its_life(world: World) {
    let mut session = world.new_session(world.now()).await;
    write!(world.db, [session], |tx| sessions::insert(tx, &session)).unwrap();
    assert_same(&find(&world, &session).await, &session);

    world.advance_seconds(10);
    session.status = SessionStatus::Opened;
    session.opened_in = Some(OpenedIn::Frame(Some("https://shop.example".to_owned())));
    session.callback_url = None;
    session.theme = None;
    session.planned_steps = vec![Step::CarrierDetails, Step::Address];
    session.browser = Some(Browser {
        cookie_hash: vec![9; 32],
        redeemed_at: world.now(),
        seen_at: world.now(),
    });
    let created = SessionStatus::Created;
    write!(world.db, [session], |tx| sessions::update(
        tx, created, &session
    ))
    .unwrap();
    assert_same(&find(&world, &session).await, &session);

    world.advance_seconds(60);
    let id = session.id;
    write!(world.db, [id], |tx| sessions::touch(tx, id)).unwrap();
    session.browser.as_mut().unwrap().seen_at = world.now();
    assert_same(&find(&world, &session).await, &session);

    let opened = SessionStatus::Opened;
    session.status = SessionStatus::Completed;
    session.outcome = Some((CallbackStatus::Success, world.now()));
    write!(world.db, [session], |tx| sessions::update(
        tx, opened, &session
    ))
    .unwrap();
    assert_same(&find(&world, &session).await, &session);

    let completed = SessionStatus::Completed;
    for place in [OpenedIn::Window, OpenedIn::Token, OpenedIn::Frame(None)] {
        session.opened_in = Some(place);
        write!(world.db, [session], |tx| sessions::update(
            tx, completed, &session
        ))
        .unwrap();
        assert_same(&find(&world, &session).await, &session);
    }

    let mut view = world.new_session(world.now()).await;
    view.intent.purpose = Purpose::ViewSubscription;
    view.user = None;
    view.token_hash = None;
    view.no_pending_porting = false;
    write!(world.db, [view], |tx| sessions::insert(tx, &view)).unwrap();
    assert_same(&find(&world, &view).await, &view);
}

/// Of two that redeem at the same moment one wins.
pub async fn a_change_over_a_changed_session_is_refused(world: World) {
    let session = world.new_session(world.now()).await;
    write!(world.db, [session], |tx| sessions::insert(tx, &session)).unwrap();
    let opened = ConnectSession {
        status: SessionStatus::Opened,
        ..session
    };
    let created = SessionStatus::Created;
    write!(world.db, [opened], |tx| sessions::update(
        tx, created, &opened
    ))
    .unwrap();
    let second = write!(world.db, [opened], |tx| sessions::update(
        tx, created, &opened
    ));
    assert!(matches!(second, Err(StoreError::Stale(_))));
}

pub async fn overdue_links_are_found_oldest_first(world: World) {
    let mut ids = Vec::new();
    for seconds in [30, 10, 20, 40] {
        let expires_at = world.now() + SignedDuration::from_secs(seconds);
        let session = world.new_session(expires_at).await;
        write!(world.db, [session], |tx| sessions::insert(tx, &session)).unwrap();
        ids.push(session.id);
    }
    let opened = ConnectSession {
        status: SessionStatus::Opened,
        ..world.new_session(world.now()).await
    };
    write!(world.db, [opened], |tx| sessions::insert(tx, &opened)).unwrap();
    world.advance_seconds(30);
    for (limit, expected) in [
        (10, vec![ids[1], ids[2], ids[0]]),
        (2, vec![ids[1], ids[2]]),
    ] {
        let overdue = read!(world.db, |tx| sessions::overdue(tx, limit));
        let found: Vec<_> = overdue.iter().map(|session| session.id).collect();
        assert_eq!(found, expected);
    }
}
