use std::collections::HashSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use portico_domain::{id::WebhookEndpointId, webhook::DeliveryState};
use portico_store::{
    Db, PageRequest,
    webhooks::{
        deliveries::{self, Attempt, Delivery, NewDelivery, Outcome, Taken},
        health, senders,
    },
};

use crate::harness::World;

impl World {
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
    pub async fn due(&self, endpoint: WebhookEndpointId, number: usize) -> Vec<NewDelivery> {
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
