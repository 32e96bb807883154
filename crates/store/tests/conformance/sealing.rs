//! What somebody with a copy of the disk can read.

use portico_domain::{
    carrier::{CarrierUpdate, UpdateKind},
    event::{Actor, EventType},
    id::PortingId,
    porting::{Details, State},
    user::UserAddress,
};
use portico_store::{
    StoreError,
    attempts::{self, CarrierAnswer},
    carriers::updates::{self, NewUpdate},
    events::{self, NewEvent},
    idempotency::{self, Kept, Sealed},
    portings, user_addresses, users,
};
use portico_testkit::sample;
use serde_json::json;

use crate::harness::World;

/// Unlike anything else that is stored.
const SECRETS: [&str; 9] = [
    "Rosalind",
    "Quimby",
    "1984-02-29",
    "4711 Juniper Hollow Road",
    "8830014477",
    "004217",
    "6655443322",
    "a body with a session's URL",
    "the carrier's own words",
];

/// What the event of [`fill`] tells.
pub fn secrets() -> serde_json::Value {
    json!(SECRETS)
}

/// A value in every sealed column; the porting most of them are about.
pub async fn fill(world: &World) -> PortingId {
    let mut porting = world.new_porting("0110", State::Draft).await;
    let mut details = Details::default();
    sample::details().apply(&mut details);
    details.billing_pin = Some(sample::pin("6655443322"));
    porting.details = details;
    write!(world.db, [porting], |tx| portings::insert(tx, &porting)).unwrap();
    let mut refused = world.new_porting("0110", State::Pending).await;
    let code = portico_domain::decline::DeclineCode::UserInformation;
    for command in [
        portico_domain::porting::Command::Accepted,
        portico_domain::porting::Command::Decline {
            code,
            message: String::new(),
            pin: None,
        },
    ] {
        refused = refused.apply(command, world.now()).unwrap();
    }
    write!(world.db, [refused], |tx| portings::insert(tx, &refused)).unwrap();
    let address = UserAddress {
        id: world.id(),
        user: porting.user,
        address: sample::address(),
        created_at: world.now(),
    };
    write!(world.db, [address], |tx| user_addresses::insert(
        tx, "acme", &address
    ))
    .unwrap();
    let (id, secrets) = (porting.id, secrets());
    write!(world.db, [secrets], |tx| async {
        let event = NewEvent {
            project: "acme",
            kind: EventType::PortingUpdated,
            subject: id.as_str(),
            actor: &Actor::System,
            data: &secrets,
            previous: Some(&secrets),
            is_first: false,
        };
        events::insert(tx, &event).await?;
        let answer = CarrierAnswer {
            reference: "r",
            porting: id,
            outcome: "declined",
            mapped_code: None,
            said_at: None,
            raw_code: None,
            raw_text: Some("the carrier's own words"),
            applied: true,
        };
        attempts::insert_answer(tx, &answer).await?;
        let words = Some("the carrier's own words".to_owned());
        let said = CarrierUpdate::with(UpdateKind::Declined, None, words, None).unwrap();
        let update = NewUpdate {
            reference: "r",
            porting: id,
            sender_id: None,
            said: &said,
            actor: &Actor::System,
        };
        updates::insert(tx, &update).await?;
        let kept = Kept {
            fingerprint: vec![1],
            status: 201,
            body: b"a body with a session's URL".to_vec(),
        };
        let sealed = Sealed::new(tx.vault(), "acme", b"key", &kept);
        idempotency::keep(tx, &sealed).await
    })
    .unwrap();
    porting.id
}

pub async fn nothing_personal_is_stored_in_clear(world: World) {
    fill(&world).await;
    let stolen = world.stolen().await;
    let holds = |text: &str| {
        stolen
            .windows(text.len())
            .any(|bytes| bytes == text.as_bytes())
    };
    assert!(holds("+19595550110"), "the disk was really read");
    for secret in SECRETS {
        assert!(!holds(secret), "{secret:?} is stored in clear");
    }
    world.db.close().await;
    let at_rest = world.stolen().await;
    for secret in SECRETS {
        let found = at_rest
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes());
        assert!(!found, "{secret:?} is stored in clear after closing");
    }
}

pub async fn another_key_opens_nothing(world: World) {
    let user = world.user().await;
    let other = world.with_another_key().await;
    let mut tx = other.read().await.unwrap();
    let refused = users::find(&mut tx, "acme", user.id).await;
    assert!(matches!(refused, Err(StoreError::Vault(_))));
}
