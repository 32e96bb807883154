use portico_domain::{id::ApiKeyId, project::Settings};
use portico_store::{StoreError, api_keys, projects};

use crate::{harness::World, samples};

pub async fn settings_and_logo_round_trip(world: World) {
    let id = world.project.id.clone();
    let settings = Settings {
        name: "Åcme \"Mobile\"".to_owned(),
        accent_color: Some("#114488".to_owned()),
        support_email: Some("help@acme.example".to_owned()),
        self_service_repair: true,
        callback_origins: vec!["https://shop.example".to_owned(), "app://".to_owned()],
        retention_days: 7,
        ..Settings::default()
    };
    write!(world.db, [id, settings], |tx| projects::update_settings(
        tx, &id, &settings
    ))
    .unwrap();
    let found = read!(world.db, |tx| projects::find(tx, &id)).unwrap();
    assert_eq!((&found.settings, found.has_logo), (&settings, false));
    assert_eq!(found.created_at, world.project.created_at);

    let picture = vec![0, 255, 7];
    write!(world.db, [id, picture], |tx| projects::update_logo(
        tx,
        &id,
        Some(("image/png".to_owned(), picture))
    ))
    .unwrap();
    let logo = read!(world.db, |tx| projects::logo(tx, &id));
    assert_eq!(logo, Some(("image/png".to_owned(), picture)));
    assert!(
        read!(world.db, |tx| projects::find(tx, &id))
            .unwrap()
            .has_logo
    );
    write!(world.db, [id], |tx| projects::update_logo(tx, &id, None)).unwrap();
    assert_eq!(read!(world.db, |tx| projects::logo(tx, &id)), None);
    assert!(read!(world.db, |tx| projects::find(tx, "nobody")).is_none());
    let missing = write!(world.db, [settings], |tx| projects::update_settings(
        tx, "nobody", &settings
    ));
    assert!(matches!(missing, Err(StoreError::Stale(_))));
}

pub async fn an_id_is_taken_once(world: World) {
    let again = samples::project("acme", world.now());
    let refused = write!(world.db, [again], |tx| projects::insert(tx, &again));
    assert!(matches!(refused, Err(StoreError::Unique)));
    world.advance_seconds(1);
    let other = samples::project("aaa", world.now());
    write!(world.db, [other], |tx| projects::insert(tx, &other)).unwrap();
    let all = read!(world.db, |tx| projects::all(tx));
    let ids: Vec<_> = all.iter().map(|project| project.id.as_str()).collect();
    assert_eq!(ids, ["acme", "aaa"], "oldest first");
}

pub async fn keys_are_found_until_revoked(world: World) {
    let key = world.api_key().await;
    let id = key.id;
    let found = read!(world.db, |tx| api_keys::find(tx, id)).unwrap();
    assert_eq!(found.secret_hash, key.secret_hash);
    assert_eq!((found.project, found.revoked_at), (key.project, None));

    world.advance_seconds(5);
    assert!(write!(world.db, [id], |tx| api_keys::revoke(tx, id)).unwrap());
    assert!(!write!(world.db, [id], |tx| api_keys::revoke(tx, id)).unwrap());
    let found = read!(world.db, |tx| api_keys::find(tx, id)).unwrap();
    assert_eq!(found.revoked_at, Some(world.now()));

    assert_eq!(read!(world.db, |tx| api_keys::all(tx, None)).len(), 1);
    assert_eq!(
        read!(world.db, |tx| api_keys::all(tx, Some("acme"))).len(),
        1
    );
    assert!(read!(world.db, |tx| api_keys::all(tx, Some("other"))).is_empty());
    let unknown: ApiKeyId = world.id();
    assert!(read!(world.db, |tx| api_keys::find(tx, unknown)).is_none());
}
