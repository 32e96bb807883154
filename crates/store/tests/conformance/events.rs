use futures_util::future::join_all;
use portico_domain::event::{Actor, EventType};
use portico_store::{
    Db, PageRequest, audit,
    events::{self, NewEvent},
};
use serde_json::{Value as Json, json};

use crate::harness::World;

async fn tell(db: &Db, subject: &str, kind: EventType, data: Json) -> portico_domain::id::EventId {
    let subject = subject.to_owned();
    write!(db, [subject, data], |tx| async {
        let event = NewEvent {
            project: "acme",
            kind,
            subject: &subject,
            actor: &Actor::User("usr_1".to_owned()),
            data: &data,
            previous: kind.is_update().then_some(&data),
            is_first: false,
        };
        events::insert(tx, &event).await
    })
    .unwrap()
}

pub async fn sequences_count_for_each_subject_without_gaps(world: World) {
    for n in 0..3 {
        tell(
            &world.db,
            "prt_a",
            EventType::PortingUpdated,
            json!({ "n": n }),
        )
        .await;
        tell(
            &world.db,
            "prt_b",
            EventType::PortingUpdated,
            json!({ "n": n }),
        )
        .await;
    }
    let failed: Result<(), _> = world
        .db
        .write(|tx| {
            Box::pin(async move {
                let event = NewEvent {
                    project: "acme",
                    kind: EventType::PortingUpdated,
                    subject: "prt_a",
                    actor: &Actor::System,
                    data: &Json::Null,
                    previous: None,
                    is_first: false,
                };
                events::insert(tx, &event).await?;
                Err(portico_store::StoreError::Stale("nothing"))
            })
        })
        .await;
    assert!(failed.is_err());
    tell(
        &world.db,
        "prt_a",
        EventType::PortingDeclined,
        json!({ "n": 3 }),
    )
    .await;
    let told = read!(world.db, |tx| events::of_subject(tx, "prt_a"));
    let numbers: Vec<_> = told.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert_eq!(told[3].data, json!({ "n": 3 }));
    assert_eq!(
        (&told[2].previous, &told[3].previous),
        (&Some(json!({ "n": 2 })), &None)
    );
    assert_eq!(told[0].actor_id.as_deref(), Some("usr_1"));
    assert_eq!(told[0].time, world.now());
}

pub async fn concurrent_events_of_a_subject_are_all_numbered(world: World) {
    let other = world.another_process().await;
    let told = (0..40).map(|n| {
        let db = if n % 2 == 0 { &world.db } else { &other };
        tell(db, "prt_a", EventType::PortingUpdated, json!(n))
    });
    join_all(told).await;
    let told = read!(world.db, |tx| events::of_subject(tx, "prt_a"));
    assert!(told.iter().map(|event| event.sequence).eq(1..=40));
}

pub async fn events_are_found_and_filtered(world: World) {
    let first = tell(&world.db, "prt_a", EventType::PortingCreated, json!(1)).await;
    let second = tell(&world.db, "prt_a", EventType::PortingDeclined, json!(2)).await;
    let third = tell(&world.db, "prt_b", EventType::PortingDeclined, json!(3)).await;
    let page = PageRequest {
        limit: 10,
        ..PageRequest::default()
    };
    for (filter, expected) in [
        ((None, None), vec![third, second, first]),
        ((Some("porting.declined"), None), vec![third, second]),
        ((Some("porting.declined"), Some("prt_a")), vec![second]),
    ] {
        let found = read!(world.db, |tx| events::list(tx, "acme", filter, &page));
        let ids: Vec<_> = found.items.iter().map(|event| event.id).collect();
        assert_eq!(ids, expected);
    }
    let found = read!(world.db, |tx| events::find(tx, "acme", second)).unwrap();
    assert_eq!(
        (found.kind.as_str(), found.data),
        ("porting.declined", json!(2))
    );
    assert!(read!(world.db, |tx| events::find(tx, "other", second)).is_none());
}

pub async fn the_audit_trail_keeps_its_order(world: World) {
    for n in 0..3 {
        write!(world.db, [], |tx| async {
            let entry = audit::NewEntry {
                project: "acme",
                subject: "prt_a",
                action: "porting.changed",
                facts: json!({ "fields": [n] }),
                actor: &Actor::System,
            };
            audit::insert(tx, &entry).await
        })
        .unwrap();
    }
    let entries = read!(world.db, |tx| audit::of_subject(tx, "prt_a"));
    let facts: Vec<_> = entries
        .iter()
        .map(|entry| entry.facts["fields"][0].clone())
        .collect();
    assert_eq!(facts, [0, 1, 2]);
    assert_eq!(entries[0].actor_type, "system");
}
