use jiff::SignedDuration;
use portico_domain::webhook::{DisabledReason, OVERLAP, TypePattern, WebhookEndpoint};
use portico_store::{
    Db,
    webhooks::{endpoints, health},
};

use crate::harness::World;

impl World {
    pub async fn endpoint(&self) -> WebhookEndpoint {
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
