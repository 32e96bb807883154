use std::collections::HashSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use portico_domain::{
    event::{Actor, EventType},
    id::{EventId, WebhookEndpointId},
    webhook::{DeliveryState, DisabledReason, OVERLAP, TypePattern, WebhookEndpoint},
};
use portico_store::{
    Db, PageRequest,
    events::{self, NewEvent},
    webhooks::{
        deliveries::{self, Attempt, Delivery, NewDelivery, Outcome, Taken},
        endpoints, health, outbox, senders,
    },
};
use serde_json::{Value as Json, json};

use crate::harness::World;

impl World {
    async fn endpoint(&self) -> WebhookEndpoint {
        let endpoint = WebhookEndpoint {
            id: self.id(),
            project: "acme".to_owned(),
            url: "https://shop.example/hooks".to_owned(),
            types: vec![
                TypePattern::from_stored("*"),
                TypePattern::from_stored("user.*"),
            ],
            description: Some("the shop".to_owned()),
            disabled: None,
            created_at: self.now(),
        };
        write!(self.db, [endpoint], |tx| endpoints::insert(
            tx, &endpoint, b"first"
        ))
        .unwrap();
        endpoint
    }

    async fn event(&self, subject: &str, is_first: bool) -> EventId {
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

    fn new_delivery(&self, endpoint: WebhookEndpointId, owner: Option<&str>) -> NewDelivery {
        NewDelivery {
            id: self.id(),
            project: "acme".to_owned(),
            endpoint,
            event: self.id(),
            event_type: "user.updated".to_owned(),
            owner: owner.map(str::to_owned),
        }
    }

    /// Deliveries that are due, oldest first.
    async fn due(&self, endpoint: WebhookEndpointId, number: usize) -> Vec<NewDelivery> {
        let new: Vec<_> = (0..number)
            .map(|_| self.new_delivery(endpoint, None))
            .collect();
        write!(self.db, [new], |tx| deliveries::insert(tx, &new)).unwrap();
        new
    }

    async fn log(&self, endpoint: WebhookEndpointId) -> Vec<Delivery> {
        let page = PageRequest {
            limit: 200,
            ..PageRequest::default()
        };
        read!(self.db, |tx| deliveries::list(
            tx,
            endpoint,
            (None, None),
            &page
        ))
        .items
    }
}

async fn take(db: &Db, owner: &'static str, endpoint: WebhookEndpointId, limit: u32) -> Vec<Taken> {
    write!(db, [], |tx| async {
        senders::ensure(tx, owner).await?;
        deliveries::take(tx, owner, endpoint, limit).await
    })
    .unwrap()
}

async fn settle(db: &Db, owner: &'static str, outcomes: Vec<Outcome>) -> usize {
    write!(db, [outcomes], |tx| deliveries::settle(
        tx, owner, &outcomes
    ))
    .unwrap()
}

fn outcome(
    world: &World,
    endpoint: WebhookEndpointId,
    taken: &Taken,
    state: DeliveryState,
) -> Outcome {
    let attempt = Attempt {
        at: world.now(),
        status: Some(200),
        error: None,
        ms: 7,
    };
    Outcome {
        endpoint,
        id: taken.id,
        state,
        tries: taken.tries + 1,
        run_at: world.now() + SignedDuration::from_secs(5),
        attempts: serde_json::to_string(&[attempt]).unwrap(),
    }
}

pub async fn an_endpoint_round_trips_and_belongs_to_one_project(world: World) {
    let mut endpoint = world.endpoint().await;
    let id = endpoint.id;
    let found = read!(world.db, |tx| endpoints::find(tx, "acme", id)).unwrap();
    assert_eq!(format!("{found:?}"), format!("{endpoint:?}"));
    assert!(read!(world.db, |tx| endpoints::find(tx, "other", id)).is_none());
    endpoint.url = "https://shop.example/other".to_owned();
    endpoint.types = vec![TypePattern::from_stored("porting.declined")];
    endpoint.description = None;
    endpoint.disabled = Some(DisabledReason::Failing);
    write!(world.db, [endpoint], |tx| endpoints::update(tx, &endpoint)).unwrap();
    let found = read!(world.db, |tx| endpoints::find(tx, "acme", id)).unwrap();
    assert_eq!(format!("{found:?}"), format!("{endpoint:?}"));
    assert!(read!(world.db, |tx| endpoints::recipients(tx, "acme")).is_empty());
    assert_eq!(read!(world.db, |tx| endpoints::count(tx, "acme")), 1);

    write!(world.db, [], |tx| endpoints::delete(tx, id)).unwrap();
    assert!(read!(world.db, |tx| endpoints::find(tx, "acme", id)).is_none());
    assert_eq!(read!(world.db, |tx| endpoints::count(tx, "acme")), 0);
    assert!(write!(world.db, [endpoint], |tx| endpoints::update(tx, &endpoint)).is_err());
    assert_eq!(read!(world.db, |tx| endpoints::all(tx)), [(id, true)]);
    write!(world.db, [], |tx| endpoints::forget(tx, id)).unwrap();
    assert!(read!(world.db, |tx| endpoints::all(tx)).is_empty());
}

pub async fn a_rotated_secret_stays_beside_the_new_one(world: World) {
    let id = world.endpoint().await.id;
    let before = read!(world.db, |tx| endpoints::recipient_of(tx, id)).unwrap();
    assert!(before.secrets(world.db.vault()).unwrap().previous.is_none());
    write!(world.db, [], |tx| endpoints::rotate(tx, id, b"second")).unwrap();
    let after = read!(world.db, |tx| endpoints::recipient_of(tx, id)).unwrap();
    assert!(after.version > before.version);
    let secrets = after.secrets(world.db.vault()).unwrap();
    assert_eq!(secrets.current.as_slice(), b"second");
    let (previous, until) = secrets.previous.unwrap();
    assert_eq!(
        (previous.as_slice(), until),
        (b"first".as_slice(), world.now() + OVERLAP)
    );
    write!(world.db, [], |tx| endpoints::rotate(tx, id, b"third")).unwrap();
    let after = read!(world.db, |tx| endpoints::recipient_of(tx, id)).unwrap();
    let secrets = after.secrets(world.db.vault()).unwrap();
    assert_eq!(secrets.previous.unwrap().0.as_slice(), b"second");
    let stolen = world.stolen().await;
    assert!(!stolen.windows(6).any(|it| it == b"second"));
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

pub async fn a_delivery_round_trips_and_is_there_once(world: World) {
    let endpoint = world.endpoint().await.id;
    let new = world.new_delivery(endpoint, Some("w"));
    let again = NewDelivery {
        id: world.id(),
        ..new.clone()
    };
    let both = [new.clone(), again.clone()];
    // Two in one statement, and one after the other.
    let one = vec![both[0].clone()];
    write!(world.db, [one], |tx| deliveries::insert(tx, &one)).unwrap();
    let two = vec![both[1].clone()];
    write!(world.db, [two], |tx| deliveries::insert(tx, &two)).unwrap();
    let log = world.log(endpoint).await;
    assert_eq!(log.len(), 1);
    assert_eq!(
        (log[0].id, log[0].event, log[0].state),
        (new.id, new.event, DeliveryState::Waiting)
    );
    assert_eq!(
        (log[0].tries, log[0].run_at, log[0].created_at),
        (0, world.now(), world.now())
    );
    let taken = Taken {
        id: new.id,
        event: new.event,
        tries: 0,
        attempts: "[]".to_owned(),
    };
    let done = outcome(&world, endpoint, &taken, DeliveryState::Delivered);
    assert_eq!(settle(&world.db, "w", vec![done]).await, 1);
    let log = world.log(endpoint).await;
    assert_eq!(
        (log[0].state, log[0].attempts[0].ms),
        (DeliveryState::Delivered, 7)
    );
    let again = vec![again];
    let asked = write!(world.db, [again], |tx| deliveries::ask_again(tx, &again)).unwrap();
    assert_eq!(asked, 1);
    let asked = write!(world.db, [again], |tx| deliveries::ask_again(tx, &again)).unwrap();
    assert_eq!(asked, 0, "it waits already");
    let log = world.log(endpoint).await;
    assert_eq!(
        (log.len(), log[0].state, log[0].tries),
        (1, DeliveryState::Waiting, 0)
    );
    assert_eq!(log[0].attempts.len(), 1, "the log goes on");
}

pub async fn many_deliveries_are_written_and_settled_at_once(world: World) {
    let endpoint = world.endpoint().await.id;
    world.due(endpoint, 423).await;
    let taken = take(&world.db, "w", endpoint, 500).await;
    assert_eq!(taken.len(), 423);
    let outcomes = taken
        .iter()
        .map(|it| outcome(&world, endpoint, it, DeliveryState::Delivered))
        .collect();
    assert_eq!(settle(&world.db, "w", outcomes).await, 423);
    assert_eq!(read!(world.db, |tx| health::backlog(tx)).waiting, 0);
}

pub async fn deliveries_are_taken_when_due_and_by_one(world: World) {
    let endpoint = world.endpoint().await.id;
    let new = world.due(endpoint, 30).await;
    let other = world.another_process().await;
    let takes = (0..10).map(|n| match n % 2 {
        0 => take(&world.db, "first", endpoint, 3),
        _ => take(&other, "second", endpoint, 3),
    });
    let taken: Vec<_> = join_all(takes).await.into_iter().flatten().collect();
    let different: HashSet<_> = taken.iter().map(|it| it.id).collect();
    assert_eq!((taken.len(), different.len()), (new.len(), new.len()));

    let late = world.due(endpoint, 1).await;
    let taken = take(&world.db, "first", endpoint, 9).await;
    assert_eq!(taken[0].event, late[0].event);
    let wait = outcome(&world, endpoint, &taken[0], DeliveryState::Waiting);
    assert_eq!(
        settle(&world.db, "second", vec![wait.clone()]).await,
        0,
        "not its own"
    );
    assert_eq!(settle(&world.db, "first", vec![wait]).await, 1);
    let due = read!(world.db, |tx| health::due(tx));
    assert_eq!(due[0].at, world.now() + SignedDuration::from_secs(5));
    assert!(take(&world.db, "first", endpoint, 9).await.is_empty());
    world.advance_seconds(5);
    let again = take(&world.db, "first", endpoint, 9).await;
    assert_eq!((again[0].id, again[0].tries), (late[0].id, 1));
}

pub async fn a_silent_sender_loses_what_it_holds(world: World) {
    let endpoint = world.endpoint().await.id;
    world.due(endpoint, 2).await;
    let taken = take(&world.db, "first", endpoint, 1).await;
    world.advance_seconds(10);
    write!(world.db, [], |tx| senders::beat(tx, "first")).unwrap();
    world.advance_seconds(14);
    write!(world.db, [], |tx| senders::beat(tx, "second")).unwrap();
    assert_eq!(
        take(&world.db, "second", endpoint, 9).await.len(),
        1,
        "the first one is alive"
    );
    world.advance_seconds(1);
    write!(world.db, [], |tx| senders::beat(tx, "second")).unwrap();
    let freed = take(&world.db, "second", endpoint, 9).await;
    assert_eq!(freed[0].id, taken[0].id);
    let late = outcome(&world, endpoint, &taken[0], DeliveryState::Delivered);
    assert_eq!(settle(&world.db, "first", vec![late]).await, 0);

    write!(world.db, [], |tx| senders::leave(tx, "second")).unwrap();
    assert_eq!(take(&world.db, "third", endpoint, 9).await.len(), 2);
    write!(world.db, [], |tx| senders::void_leases(tx)).unwrap();
    assert_eq!(take(&world.db, "fourth", endpoint, 9).await.len(), 2);
}

pub async fn an_endpoints_health_is_kept(world: World) {
    let endpoint = world.endpoint().await.id;
    world.due(endpoint, 1).await;
    let start = world.now();
    let failed = |db: Db| async move { write!(db, [], |tx| health::failed(tx, endpoint)).unwrap() };
    assert_eq!(failed(world.db.clone()).await, start);
    world.advance_seconds(60);
    assert_eq!(failed(world.db.clone()).await, start, "since the first");
    let until = world.now() + SignedDuration::from_secs(30);
    write!(world.db, [], |tx| health::hold(tx, endpoint, until)).unwrap();
    assert_eq!(
        read!(world.db, |tx| health::held_until(tx, endpoint)),
        Some(until)
    );
    assert_eq!(read!(world.db, |tx| health::due(tx))[0].at, until);
    write!(world.db, [], |tx| health::succeeded(tx, endpoint)).unwrap();
    assert_eq!(failed(world.db.clone()).await, world.now());
    write!(world.db, [], |tx| health::reset(tx, endpoint)).unwrap();
    assert_eq!(read!(world.db, |tx| health::held_until(tx, endpoint)), None);
    let backlog = read!(world.db, |tx| health::backlog(tx));
    assert_eq!((backlog.waiting, backlog.oldest_due), (1, Some(start)));
}

pub async fn the_log_is_filtered_and_swept(world: World) {
    let endpoint = world.endpoint().await.id;
    let new = world.due(endpoint, 3).await;
    let taken = take(&world.db, "w", endpoint, 2).await;
    let states = [DeliveryState::Delivered, DeliveryState::Failed];
    let outcomes = taken
        .iter()
        .zip(states)
        .map(|(it, state)| outcome(&world, endpoint, it, state))
        .collect();
    settle(&world.db, "w", outcomes).await;
    let page = PageRequest {
        limit: 9,
        ..PageRequest::default()
    };
    for (filter, number) in [
        ((None, Some(DeliveryState::Waiting)), 1),
        ((None, Some(DeliveryState::Failed)), 1),
        ((Some(new[0].event), None), 1),
        ((Some(world.id()), None), 0),
    ] {
        let found = read!(world.db, |tx| deliveries::list(tx, endpoint, filter, &page));
        assert_eq!(found.items.len(), number, "{filter:?}");
    }
    world.advance_seconds(100);
    let before = world.now() - SignedDuration::from_secs(10);
    let erase = |before, limit| {
        let db = world.db.clone();
        async move {
            write!(db, [], |tx| deliveries::erase_old(
                tx, endpoint, before, limit
            ))
            .unwrap()
        }
    };
    let too_early = world.now() - SignedDuration::from_secs(200);
    assert_eq!(erase(Some(too_early), 9).await, 0);
    assert_eq!(erase(Some(before), 1).await, 1);
    assert_eq!(erase(Some(before), 9).await, 1);
    assert_eq!(world.log(endpoint).await.len(), 1, "what waits stays");
    assert_eq!(erase(None, 9).await, 1);
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
