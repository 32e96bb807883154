use std::collections::HashSet;

use futures_util::{FutureExt, future::join_all};
use jiff::SignedDuration;
use portico_domain::{
    event::{Actor, EventType},
    id::EventId,
    webhook::{DisabledReason, WebhookEndpoint},
};
use portico_store::{
    StoreError,
    events::{self, NewEvent},
    webhooks::{endpoints, outbox},
};
use serde_json::{Value as Json, json};

use crate::harness::World;

impl World {
    pub async fn event(&self, subject: &str, is_first: bool) -> EventId {
        let subject = subject.to_owned();
        write!(self.db, [subject], |tx| async {
            let event = NewEvent {
                project: "acme",
                kind: EventType::UserUpdated,
                subject: &subject,
                actor: &Actor::System,
                data: &json!({ "of": subject }),
                previous: None,
                is_first,
            };
            events::insert(tx, &event).await
        })
        .unwrap()
    }
}

pub async fn an_event_is_marked_where_somebody_may_want_it(world: World) {
    world.event("usr_a", true).await;
    assert_eq!(read!(world.db, |tx| outbox::oldest(tx)), None);
    let endpoint = world.endpoint().await;
    let wakes = world.db.clone();
    let woken = tokio::spawn(async move { wakes.new_events().await });
    let marked = [
        world.event("usr_a", false).await,
        world.event("usr_b", true).await,
    ];
    woken.await.unwrap();
    assert_eq!(read!(world.db, |tx| outbox::oldest(tx)), Some(world.now()));
    let taken = write!(world.db, [], |tx| outbox::take(tx, 10)).unwrap();
    let ids: HashSet<_> = taken.iter().map(|event| event.id).collect();
    assert_eq!(ids, marked.into());
    let numbers: HashSet<_> = taken
        .iter()
        .map(|it| (it.subject.as_str(), it.sequence))
        .collect();
    assert_eq!(numbers, [("usr_a", 2), ("usr_b", 1)].into());
    let opened = taken[0].clone().open::<Json>(world.db.vault()).unwrap();
    assert_eq!(opened.data["of"], opened.subject);
    assert!(
        write!(world.db, [], |tx| outbox::take(tx, 10))
            .unwrap()
            .is_empty()
    );
    let kept = read!(world.db, |tx| events::of_ids(tx, "acme", &marked));
    assert_eq!(kept.len(), 2, "taken out of the outbox, not away");

    let disabled = WebhookEndpoint {
        disabled: Some(DisabledReason::Requested),
        ..endpoint
    };
    write!(world.db, [disabled], |tx| endpoints::update(tx, &disabled)).unwrap();
    world.event("usr_a", false).await;
    assert_eq!(read!(world.db, |tx| outbox::oldest(tx)), None);
}

pub async fn only_an_event_that_somebody_may_want_wakes_the_senders(world: World) {
    let is_woken = || world.db.new_events().now_or_never().is_some();
    world.event("usr_a", true).await;
    world.event("usr_a", false).await;
    assert!(!is_woken(), "there is no endpoint");
    world.endpoint().await;
    for (subject, is_first) in [("usr_a", false), ("usr_b", true)] {
        world.event(subject, is_first).await;
        assert!(is_woken(), "by {subject}");
        write!(world.db, [], |tx| outbox::take(tx, 10)).unwrap();
        assert!(!is_woken(), "once");
    }
    let failing = write!(world.db, [], |tx| async {
        let event = NewEvent {
            project: "acme",
            kind: EventType::UserUpdated,
            subject: "usr_c",
            actor: &Actor::System,
            data: &json!({}),
            previous: None,
            is_first: true,
        };
        events::insert(tx, &event).await?;
        Err::<(), _>(StoreError::Stale("the case"))
    });
    failing.unwrap_err();
    assert!(!is_woken(), "nothing was kept");
}

pub async fn concurrent_takers_never_get_the_same_event(world: World) {
    world.endpoint().await;
    for n in 0..40 {
        world.event(&format!("usr_{n}"), true).await;
    }
    let other = world.another_process().await;
    let taken = (0..10).map(|n| {
        let db = if n % 2 == 0 { &world.db } else { &other };
        async move { write!(db, [], |tx| outbox::take(tx, 5)).unwrap() }
    });
    let taken: Vec<_> = join_all(taken).await.into_iter().flatten().collect();
    let rest = write!(world.db, [], |tx| outbox::take(tx, 50)).unwrap();
    let ids: HashSet<_> = taken.iter().chain(&rest).map(|event| event.id).collect();
    assert_eq!((ids.len(), taken.len() + rest.len()), (40, 40));
}

pub async fn events_are_found_by_time(world: World) {
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(world.event(&format!("usr_{n}"), true).await);
        world.advance_seconds(10);
    }
    let start = world.now() - SignedDuration::from_secs(40);
    let at = |seconds| start + SignedDuration::from_secs(seconds);
    let found = read!(world.db, |tx| events::of_time(
        tx,
        "acme",
        (at(10), at(30)),
        9
    ));
    let found: Vec<_> = found.into_iter().map(|it| it.0).collect();
    assert_eq!(found, ids[1..3]);
    let found = read!(world.db, |tx| events::of_time(
        tx,
        "acme",
        (at(0), at(99)),
        2
    ));
    assert_eq!(found.len(), 2);
    assert!(
        read!(world.db, |tx| events::of_time(
            tx,
            "other",
            (at(0), at(99)),
            9
        ))
        .is_empty()
    );
}

/// Its id is as old as the draft, so its time must not be younger: nobody would look for it there.
pub async fn an_event_that_was_made_ready_is_of_that_time(world: World) {
    let event = NewEvent {
        project: "acme",
        kind: EventType::UserCreated,
        subject: "usr_a",
        actor: &Actor::System,
        data: &json!({}),
        previous: None,
        is_first: true,
    };
    let (drafted, db) = (world.now(), &world.db);
    let draft = events::Draft::new((db.ambient(), db.vault()), drafted, &event);
    world.advance_seconds(10);
    let id = write!(world.db, [draft], |tx| events::insert_draft(tx, &draft)).unwrap();
    let range = (drafted, drafted + SignedDuration::from_secs(1));
    let found = read!(world.db, |tx| events::of_time(tx, "acme", range, 9));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, id);
}
