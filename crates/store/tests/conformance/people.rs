use portico_domain::user::{UserAddress, UserStatus};
use portico_store::{PageRequest, StoreError, projects, user_addresses, users};
use portico_testkit::sample;

use crate::{harness::World, samples};

fn all() -> PageRequest {
    PageRequest {
        limit: 200,
        ..PageRequest::default()
    }
}

pub async fn a_user_round_trips_and_belongs_to_one_project(world: World) {
    let mut user = world.user().await;
    let id = user.id;
    let found = read!(world.db, |tx| users::find(tx, "acme", id)).unwrap();
    assert_eq!(format!("{found:?}"), format!("{user:?}"));
    assert_eq!(found.birthday, user.birthday);
    assert_eq!(found.metadata, user.metadata);

    user.full_name = None;
    user.birthday = None;
    user.email = "new@subscriber.example".to_owned();
    user.email_verified = false;
    user.preferred_locale = "de".to_owned();
    user.status = UserStatus::Blocked;
    user.metadata.clear();
    write!(world.db, [user], |tx| users::update(tx, &user)).unwrap();
    let found = read!(world.db, |tx| users::find(tx, "acme", id)).unwrap();
    assert_eq!(format!("{found:?}"), format!("{user:?}"));
    assert!(read!(world.db, |tx| users::find(tx, "other", id)).is_none());
    let empty = "SELECT id, CAST(1 AS BIGINT) FROM users WHERE personal_sealed IS NULL";
    let is_told = (id.to_string(), 1);
    assert_eq!(world.counts(empty).await, [is_told], "nothing is sealed");
}

pub async fn an_email_address_is_unique_among_the_living_of_a_project(world: World) {
    let first = world.new_user("a@x.example");
    let second = world.new_user("a@x.example");
    write!(world.db, [first], |tx| users::insert(tx, &first)).unwrap();
    let refused = write!(world.db, [second], |tx| users::insert(tx, &second));
    assert!(matches!(refused, Err(StoreError::Unique)));
    let other = world.user().await;
    let renamed = portico_domain::user::User {
        email: "a@x.example".to_owned(),
        ..other
    };
    let refused = write!(world.db, [renamed], |tx| users::update(tx, &renamed));
    assert!(matches!(refused, Err(StoreError::Unique)));

    let project = samples::project("other", world.now());
    write!(world.db, [project], |tx| projects::insert(tx, &project)).unwrap();
    let elsewhere = portico_domain::user::User {
        id: world.id(),
        project: "other".to_owned(),
        ..second.clone()
    };
    write!(world.db, [elsewhere], |tx| users::insert(tx, &elsewhere)).unwrap();
    let id = first.id;
    write!(world.db, [id], |tx| users::erase(
        tx,
        id,
        UserStatus::Deleted,
        ""
    ))
    .unwrap();
    write!(world.db, [second], |tx| users::insert(tx, &second)).unwrap();

    let by_email = read!(world.db, |tx| users::list(
        tx,
        "acme",
        Some("a@x.example"),
        &all()
    ));
    let ids: Vec<_> = by_email.items.iter().map(|user| user.id).collect();
    assert_eq!(ids, [second.id]);
}

pub async fn an_erased_user_leaves_nothing_personal(world: World) {
    let user = world.user().await;
    let id = user.id;
    let address = address_of(&world, &user);
    write!(world.db, [address], |tx| user_addresses::insert(
        tx, "acme", &address
    ))
    .unwrap();
    write!(world.db, [id], |tx| users::erase(
        tx,
        id,
        UserStatus::Deleted,
        ""
    ))
    .unwrap();
    let found = read!(world.db, |tx| users::find(tx, "acme", id)).unwrap();
    assert_eq!(found.status, UserStatus::Deleted);
    assert_eq!((found.email.as_str(), found.full_name), ("", None));
    assert!(found.birthday.is_none() && found.metadata.is_empty());
    let addresses = read!(world.db, |tx| user_addresses::list(tx, id, &all()));
    assert!(addresses.items.is_empty());
    let living = read!(world.db, |tx| users::list(tx, "acme", None, &all()));
    assert!(living.items.is_empty());
}

fn address_of(world: &World, user: &portico_domain::user::User) -> UserAddress {
    UserAddress {
        id: world.id(),
        user: user.id,
        address: sample::address(),
        created_at: world.now(),
    }
}

pub async fn addresses_belong_to_their_user(world: World) {
    let (user, other) = (world.user().await, world.user().await);
    let address = address_of(&world, &user);
    write!(world.db, [address], |tx| user_addresses::insert(
        tx, "acme", &address
    ))
    .unwrap();
    let id = address.id;
    let found = read!(world.db, |tx| user_addresses::find(tx, user.id, id)).unwrap();
    assert_eq!(found.address, address.address);
    assert_eq!(found.created_at, address.created_at);
    assert!(read!(world.db, |tx| user_addresses::find(tx, other.id, id)).is_none());
    write!(world.db, [id], |tx| user_addresses::delete(tx, id)).unwrap();
    let again = write!(world.db, [id], |tx| user_addresses::delete(tx, id));
    assert!(matches!(again, Err(StoreError::Stale(_))));
}
