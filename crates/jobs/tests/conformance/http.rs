//! The gateway `http`, on a backend that speaks its protocol.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use portico_app::carriers::updates::{self, Told};
use portico_carrier::{
    Gateway, Kind,
    http::{Backend, Http},
    mapping::Mapper,
};
use portico_domain::{
    carrier::{CarrierUpdate, UpdateKind},
    connected,
    country::Country,
    decline::DeclineCode,
    event::Actor,
    porting::Porting,
};
use portico_outgoing::{AddressPolicy, Client, SigningKey, Target};
use portico_store::Db;
use portico_testkit::backend::{Answer, FakeBackend, SECRET};
use serde_json::json;

use crate::{
    script::Script,
    world::{Carrier, Decline, Story, World},
};

const PROVIDER: &str = "behind-a-backend";

/// Every code of the industry that is a decline, and what it means when nothing else is said: from the
/// published lists, written here a second time.
const DECLINES: [(&str, DeclineCode); 38] = [
    ("1P", DeclineCode::Declined),
    ("6A", DeclineCode::NotFound),
    ("6B", DeclineCode::SameProvider),
    ("6C", DeclineCode::UserInformation),
    ("6D", DeclineCode::NotActive),
    ("6G", DeclineCode::Declined),
    ("6K", DeclineCode::Administrative),
    ("6M", DeclineCode::PendingOtherProvider),
    ("6N", DeclineCode::PendingOtherProvider),
    ("6P", DeclineCode::PortProtected),
    ("6R", DeclineCode::Declined),
    ("7A", DeclineCode::Declined),
    ("7B", DeclineCode::Administrative),
    ("7C", DeclineCode::Prepaid),
    ("7T", DeclineCode::Administrative),
    ("8A", DeclineCode::AccountNumber),
    ("8B", DeclineCode::AccountNumber),
    ("8C", DeclineCode::AccountPin),
    ("8D", DeclineCode::Address),
    ("8E", DeclineCode::FirstName),
    ("8F", DeclineCode::LastName),
    ("8G", DeclineCode::UserInformation),
    ("9E", DeclineCode::ZipCode),
    ("999", DeclineCode::Declined),
    ("E1", DeclineCode::Address),
    ("E6D", DeclineCode::PortProtected),
    ("E10", DeclineCode::UserInformation),
    ("E10A", DeclineCode::UserInformation),
    ("E17A", DeclineCode::AccountNumber),
    ("E17B", DeclineCode::AccountNumber),
    ("E18", DeclineCode::UserInformation),
    ("E19", DeclineCode::PendingOtherProvider),
    ("E27", DeclineCode::NotActive),
    ("E30", DeclineCode::NotActive),
    ("E40", DeclineCode::SameProvider),
    ("E42O", DeclineCode::Administrative),
    ("E42PWA", DeclineCode::AccountPin),
    ("E42PWB", DeclineCode::AccountPin),
];

pub struct BehindABackend {
    fake: FakeBackend,
    script: Script<CarrierUpdate>,
}

/// What a carrier says in a story, as it is told.
pub fn words(story: &Story) -> VecDeque<CarrierUpdate> {
    let said = |kind, code: Option<&str>, date: Option<&str>| {
        let date = date.map(|date| date.parse().expect("a date"));
        let code = code.map(str::to_owned);
        CarrierUpdate::with(kind, code, Some("as the carrier said".to_owned()), date)
            .expect("a well-formed update")
    };
    let completed = said(UpdateKind::Completed, None, None);
    match story {
        Story::Delays => [said(UpdateKind::Delayed, Some("6H"), None), completed].into(),
        Story::FixesADay => [said(UpdateKind::Foc, None, Some("2026-03-09")), completed].into(),
        Story::Declines(decline) => {
            let code = Some(decline.code.as_str());
            [said(UpdateKind::Declined, code, None), completed].into()
        }
        Story::NeverEnds | Story::Expires => VecDeque::new(),
        Story::Completes | Story::SilentBefore | Story::SilentAfter => [completed].into(),
    }
}

pub fn declines() -> Vec<Decline> {
    let decline = |(code, means): (&str, DeclineCode)| Decline {
        code: code.to_owned(),
        text: "as the carrier said".to_owned(),
        means,
    };
    DECLINES.into_iter().map(decline).collect()
}

impl BehindABackend {
    pub async fn start() -> Self {
        connected::connect(PROVIDER, &[Country::US], None).expect("the US are known");
        Self {
            fake: FakeBackend::start().await,
            script: Script::from(3_000_000),
        }
    }
}

/// The gateway of the backend at `url`.
pub fn gateway(url: &str, db: &Db) -> Arc<dyn Gateway> {
    let policy = AddressPolicy::with_loopback();
    let target = Target::parse(url, &policy).expect("a good URL");
    let key = SigningKey::parse(SECRET).expect("a good secret");
    let client = Client::new(policy).with_total(Duration::from_secs(1));
    let mapper = Mapper::new(PROVIDER, Kind::Http, Vec::new());
    let backend = Backend::new(client, target, key);
    Arc::new(Http::new(db.clone(), backend, mapper))
}

#[async_trait]
impl Carrier for BehindABackend {
    fn provider(&self) -> &'static str {
        PROVIDER
    }

    fn gateway(&self, db: &Db) -> Arc<dyn Gateway> {
        gateway(&self.fake.url(), db)
    }

    fn number(&self, story: Story) -> String {
        match story {
            Story::SilentBefore => self.fake.next(Answer::Silence),
            Story::SilentAfter => {
                self.fake.next(Answer::TakenButSilence);
            }
            _ => {}
        }
        self.script.number(words(&story))
    }

    fn declines(&self) -> Vec<Decline> {
        declines()
    }

    async fn go_on(&self, world: &World, porting: &Porting) {
        if let Some(said) = self.script.next(porting) {
            tell(world, porting, said).await;
        }
    }

    async fn taken(&self, _: &World, reference: &str) -> usize {
        self.fake.taken(reference)
    }

    async fn called_off(&self, _: &World, reference: &str) -> bool {
        self.fake.is_canceled(reference)
    }
}

/// The backend tells what its carrier said, as the API's `carrierUpdate` does.
async fn tell(world: &World, porting: &Porting, said: CarrierUpdate) {
    let told = Told {
        reference: Some(porting.reference()),
        sender_id: None,
        said,
    };
    let porting = porting.clone();
    let kept = world.test.app.write(move |tx, app| {
        let (told, porting) = (told.clone(), porting.clone());
        Box::pin(async move {
            let actor = Actor::ApiKey("apk_backend".to_owned());
            updates::tell(tx, &app, (&actor, &porting), &told).await
        })
    });
    kept.await.expect("the update is taken");
}

/// A world with its backend.
async fn world() -> (World, FakeBackend) {
    let carrier = BehindABackend::start().await;
    let fake = carrier.fake.clone();
    (World::of(carrier).await, fake)
}

/// 202: the backend has it and the carrier does not yet. The port can still be called off.
#[tokio::test]
async fn what_the_backend_keeps_is_pending_until_it_tells() {
    let (world, fake) = world().await;
    fake.next(Answer::Taken(202, json!({})));
    let id = world.port(Story::Completes).await;
    world.work().await;
    assert_eq!(world.status(id).await, "pending");
    world.carrier_goes_on(id).await;
    assert_eq!(
        world.status(id).await,
        "completed",
        "told without an acceptance before it"
    );
    world.check_books(id).await;

    fake.next(Answer::Taken(202, json!({})));
    let id = world.port(Story::NeverEnds).await;
    world.work().await;
    world.test.cancel(id).await.expect("it can be canceled");
    world.work().await;
    assert!(fake.is_canceled(&format!("{id}-1")));
    assert_eq!(world.test.jobs().await, 0, "nothing is left to do");
}

#[tokio::test]
async fn a_request_refused_with_its_reasons_is_declined() {
    let (world, fake) = world().await;
    let body = json!({ "code": "8C", "text": "PIN incorrect" }).to_string();
    fake.next(Answer::Refused(422, body));
    let id = world.port(Story::Completes).await;
    world.work().await;
    assert_eq!(world.status(id).await, "declined");
    assert_eq!(world.test.answers(id).await, ["declined 8C applied"]);
}

/// A carrier may keep the order of the attempt before under that one's reference.
#[tokio::test]
async fn what_was_declined_is_called_off_though_its_repair_was_refused() {
    let (world, fake) = world().await;
    let mut declines = world.carrier.declines().into_iter();
    let decline = declines.find(|it| it.means == DeclineCode::AccountPin);
    let id = world
        .port(Story::Declines(decline.expect("a decline")))
        .await;
    world.work().await;
    world.carrier_goes_on(id).await;
    let body = json!({ "code": "8C", "text": "PIN incorrect" }).to_string();
    fake.next(Answer::Refused(422, body));
    world.repair(id).await;
    world.work().await;
    assert_eq!(world.status(id).await, "declined");
    world.test.cancel(id).await.expect("it can be canceled");
    world.work().await;
    assert!(fake.is_canceled(&format!("{id}-1")));
    assert_eq!(world.test.jobs().await, 0, "nothing is left to do");
}

/// A page of a proxy, or an answer that nobody can read, spends no attempt.
#[tokio::test]
async fn what_is_no_answer_of_the_protocol_is_asked_again() {
    for (status, body) in [
        (404, "not found"),
        (401, "{}"),
        (422, "{}"),
        (200, "{}"),
        (503, ""),
    ] {
        let (world, fake) = world().await;
        fake.next(Answer::Refused(status, body.to_owned()));
        let id = world.port(Story::Completes).await;
        world.work().await;
        assert_eq!(world.status(id).await, "pending", "{status} {body}");
        world.work_later().await;
        assert_eq!(world.status(id).await, "requested", "{status} {body}");
        assert_eq!(fake.taken(&format!("{id}-1")), 1);
    }
}

#[tokio::test]
async fn what_the_backend_failed_to_tell_is_looked_up() {
    let (world, fake) = world().await;
    let id = world.port(Story::NeverEnds).await;
    world.work().await;
    assert_eq!(world.status(id).await, "requested");
    let update = json!({ "type": "completed", "text": "the number has moved", "id": "9" });
    fake.learn(&format!("{id}-1"), update);
    world.test.advance(jiff::SignedDuration::from_hours(2));
    world.work().await;
    assert_eq!(world.status(id).await, "completed");
}
