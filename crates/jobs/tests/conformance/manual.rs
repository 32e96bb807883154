//! The gateway `manual`, with an operator who is quick at the portal.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use portico_app::{
    AppError,
    carriers::queue::{self, Learned},
    portings::{self, Submission},
};
use portico_carrier::{
    Gateway, GatewayError, Kind, PortRequest, Portability, Progress, Submitted, manual::Manual,
    mapping::Mapper,
};
use portico_domain::{
    carrier::{CarrierUpdate, CaseState, Operator, UpdateKind},
    connected,
    country::Country,
    phone::PhoneNumber,
    porting::Porting,
};
use portico_store::{Db, audit, carriers::cases};

use crate::{
    http::{declines, words},
    script::Script,
    world::{Carrier, Decline, Story, World},
};

const PROVIDER: &str = "with-a-portal";

pub struct Portal {
    script: Script<CarrierUpdate>,
    /// Numbers whose first hand-over is not answered, before or after it was taken.
    silent_before: Arc<Mutex<HashSet<String>>>,
    silent_after: Arc<Mutex<HashSet<String>>>,
}

impl Portal {
    pub async fn open() -> Self {
        connected::connect(PROVIDER, &[Country::US], None).expect("the US are known");
        Self {
            script: Script::from(4_000_000),
            silent_before: Arc::default(),
            silent_after: Arc::default(),
        }
    }
}

fn ada() -> Operator {
    "Ada".parse().expect("a name")
}

/// The gateway, and an operator who hands in whatever comes as soon as it comes.
struct Attended {
    manual: Manual,
    db: Db,
    silent_before: Arc<Mutex<HashSet<String>>>,
    silent_after: Arc<Mutex<HashSet<String>>>,
}

#[async_trait]
impl Gateway for Attended {
    async fn check(
        &self,
        provider: &str,
        number: &PhoneNumber,
    ) -> Result<Portability, GatewayError> {
        self.manual.check(provider, number).await
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        let number = request.phone_number.as_str();
        if self.silent_before.lock().expect("no panic").remove(number) {
            return Err(GatewayError::TimedOut);
        }
        self.manual.submit(request).await?;
        take(&self.db, &request.reference)
            .await
            .expect("the case is free");
        if self.silent_after.lock().expect("no panic").remove(number) {
            return Err(GatewayError::TimedOut);
        }
        let accepted = CarrierUpdate::new(UpdateKind::Accepted).expect("it needs no more");
        record(&self.db, &request.reference, accepted)
            .await
            .expect("the case is hers");
        self.manual.submitted(&request.reference).await
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        self.manual.has(reference).await
    }

    async fn submitted(&self, reference: &str) -> Result<Submitted, GatewayError> {
        self.manual.submitted(reference).await
    }

    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        self.manual.progress(reference).await
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        self.manual.cancel(reference).await
    }
}

/// Ada takes a case.
async fn take(db: &Db, reference: &str) -> Result<(), AppError> {
    let reference = reference.to_owned();
    db.write(move |tx| {
        let reference = reference.clone();
        Box::pin(async move { queue::take(tx, &reference, &ada(), false).await.map(drop) })
    })
    .await
}

/// Ada records what she has learned about a case of hers.
async fn record(db: &Db, reference: &str, said: CarrierUpdate) -> Result<(), AppError> {
    let reference = reference.to_owned();
    db.write(move |tx| {
        let (reference, said) = (reference.clone(), said.clone());
        Box::pin(async move {
            let learned = Learned::Said(said);
            queue::record(tx, &reference, &ada(), &learned)
                .await
                .map(drop)
        })
    })
    .await
}

async fn state(world: &World, reference: &str) -> Option<CaseState> {
    let mut tx = world.test.app.read().await.expect("the store answers");
    let case = cases::find(&mut tx, reference).await;
    case.expect("the store answers").map(|case| case.state)
}

#[async_trait]
impl Carrier for Portal {
    fn provider(&self) -> &'static str {
        PROVIDER
    }

    fn gateway(&self, db: &Db) -> Arc<dyn Gateway> {
        let mapper = Mapper::new(PROVIDER, Kind::Manual, Vec::new());
        Arc::new(Attended {
            manual: Manual::new(db.clone(), mapper),
            db: db.clone(),
            silent_before: self.silent_before.clone(),
            silent_after: self.silent_after.clone(),
        })
    }

    fn number(&self, story: Story) -> String {
        let number = self.script.number(words(&story));
        let silent = match story {
            Story::SilentBefore => Some(&self.silent_before),
            Story::SilentAfter => Some(&self.silent_after),
            _ => None,
        };
        if let Some(silent) = silent {
            silent.lock().expect("no panic").insert(number.clone());
        }
        number
    }

    fn declines(&self) -> Vec<Decline> {
        declines()
    }

    async fn go_on(&self, world: &World, porting: &Porting) {
        if let Some(said) = self.script.next(porting) {
            let reference = porting.reference();
            let db = &world.test.app.db;
            take(db, &reference).await.expect("the case is Ada's");
            record(db, &reference, said)
                .await
                .expect("the case is open");
        }
    }

    async fn taken(&self, world: &World, reference: &str) -> usize {
        usize::from(state(world, reference).await.is_some())
    }

    async fn called_off(&self, world: &World, reference: &str) -> bool {
        state(world, reference).await == Some(CaseState::CallOff)
    }
}

/// Who saw and did what is written down, and nothing of what was seen.
#[tokio::test]
async fn whoever_works_a_case_is_in_the_audit_trail() {
    let world = World::of(Portal::open().await).await;
    let id = world.port(Story::Declines(declines().remove(0))).await;
    world.work().await;
    world.carrier_goes_on(id).await;
    assert_eq!(world.status(id).await, "declined");
    let mut tx = world.test.app.read().await.expect("the store answers");
    let trail = audit::of_subject(&mut tx, id.as_str()).await;
    let trail = trail.expect("the store answers");
    let of_cases = trail
        .iter()
        .filter(|entry| entry.action.starts_with("carrierCase."));
    let actions: Vec<_> = of_cases
        .clone()
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "carrierCase.taken",
            "carrierCase.shown",
            "carrierCase.recorded",
            "carrierCase.shown",
            "carrierCase.recorded",
        ]
    );
    for entry in of_cases {
        assert_eq!(entry.actor_type, "member");
        assert_eq!(entry.actor_id.as_deref(), Some("Ada"));
        let facts = entry.facts.to_string();
        assert!(
            !facts.contains("as the carrier said") && !facts.contains("8C"),
            "{facts}"
        );
    }
}

/// As one does that was held up in the database until its caller had given up.
#[tokio::test]
async fn a_request_that_comes_after_its_porting_was_canceled_is_not_queued() {
    let world = World::of(Portal::open().await).await;
    let id = world.port(Story::Completes).await;
    let reference = format!("{id}-1");
    let begun = world.test.app.write(move |tx, _| {
        let reference = reference.clone();
        Box::pin(async move { portings::begin_submission(tx, &reference).await })
    });
    let Submission::Send(request) = begun.await.expect("the store answers") else {
        panic!("it was not sent before");
    };
    world.test.cancel(id).await.expect("it can be canceled");
    let mapper = Mapper::new(PROVIDER, Kind::Manual, Vec::new());
    let manual = Manual::new(world.test.app.db.clone(), mapper);
    manual.submit(&request).await.expect("the store answers");
    assert_eq!(state(&world, &request.reference).await, None);
}
