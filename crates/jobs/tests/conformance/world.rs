//! Portico with one carrier connected, and what a story needs of the carrier.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::SignedDuration;
use portico_app::{App, Config, portings::hint};
use portico_carrier::{Gateway, Gateways};
use portico_domain::{
    decline::DeclineCode,
    id::PortingId,
    porting::{DetailsPatch, Field, Patch, Porting},
};
use portico_jobs::Worker;
use portico_store::{Db, jobs};
use portico_testkit::{Options, TestApp, die_after, sample};

/// What a carrier is to do with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Story {
    /// Moves it.
    Completes,
    /// Says that it takes longer, then moves it.
    Delays,
    /// Says for which day it is fixed, then moves it.
    FixesADay,
    /// Refuses it for this, then moves it.
    Declines(Decline),
    /// Says nothing.
    NeverEnds,
    /// Says after a while that it has given the request up.
    Expires,
    /// Does not answer the first call that hands it in, and has not taken it.
    SilentBefore,
    /// Does not answer the first call that hands it in, and has taken it.
    SilentAfter,
}

/// A refusal in the carrier's words, and what we make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    pub code: String,
    pub text: String,
    pub means: DeclineCode,
}

/// A carrier that can be told what to do.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// The `provider` of its portings.
    fn provider(&self) -> &'static str;

    /// Its gateway, as a process that starts makes it.
    fn gateway(&self, db: &Db) -> Arc<dyn Gateway>;

    /// A number, never used before, that the carrier does `story` with.
    fn number(&self, story: Story) -> String;

    /// Every refusal it knows.
    fn declines(&self) -> Vec<Decline>;

    /// Lets the carrier do what comes next with an attempt that it took.
    async fn go_on(&self, world: &World, porting: &Porting);

    /// How often it took an attempt up.
    async fn taken(&self, world: &World, reference: &str) -> usize;

    /// Whether it has called an attempt off.
    async fn called_off(&self, world: &World, reference: &str) -> bool;

    /// How many requests it has for a number, called off or not, if a repair changes the request that
    /// was declined; `None` where it is a request of its own.
    fn requests(&self, _number: &str) -> Option<usize> {
        None
    }
}

/// The product, a worker and a carrier.
pub struct World {
    pub test: TestApp,
    pub carrier: Box<dyn Carrier>,
    worker: Worker,
}

/// Longer than any pause between two tries, of a job or of a breaker.
const A_WHILE: SignedDuration = SignedDuration::from_mins(10);
/// How long a gateway may take: longer than any call on a busy machine.
const GATEWAY_TIMEOUT: Duration = Duration::from_millis(1_500);

impl World {
    pub async fn of(carrier: impl Carrier + 'static) -> Self {
        let options = Options {
            time_scale: 0.1,
            ..Options::default()
        };
        let mut test = TestApp::with(options).await;
        let gateway = carrier.gateway(&test.app.db);
        let gateways = Gateways::default().with(carrier.provider(), gateway);
        test.app = App::new(test.app.db.clone(), gateways, Config::default());
        let carrier = Box::new(carrier);
        let worker = Worker::new(test.app.clone()).with_gateway_timeout(GATEWAY_TIMEOUT);
        Self {
            test,
            carrier,
            worker,
        }
    }

    /// A complete porting on a new subscription, sent off but not yet worked on.
    pub async fn port(&self, story: Story) -> PortingId {
        let user = self.test.user().await;
        let number = sample::number(&self.carrier.number(story));
        let provider = self.carrier.provider();
        let draft = self
            .test
            .try_draft_to(provider, user.id, number, sample::details())
            .await
            .expect("the carrier ports the number");
        self.test.subscription_with(&draft).await;
        draft.id
    }

    /// Does what is due.
    pub async fn work(&self) {
        self.worker.drain().await;
    }

    /// Lets time pass and does what has become due: what failed is tried again.
    pub async fn work_later(&self) {
        self.test.advance(A_WHILE);
        self.work().await;
    }

    /// Lets the carrier go on, and hears of it.
    pub async fn carrier_goes_on(&self, id: PortingId) {
        self.carrier.go_on(self, &self.test.porting(id).await).await;
        self.ask(id).await;
    }

    /// Asks the carrier, which has nothing new to say unless it went on.
    pub async fn ask(&self, id: PortingId) {
        self.notice(&self.test.porting(id).await.reference()).await;
        self.work().await;
    }

    /// The carrier says that there is something to hear about an attempt.
    pub async fn notice(&self, reference: &str) {
        let reference = reference.to_owned();
        let hinted = self.test.app.write(move |tx, _| {
            let reference = reference.clone();
            Box::pin(async move { hint(tx, &reference).await })
        });
        hinted.await.expect("a hint is taken");
    }

    /// A worker dies at the point where it would wait the `turns`th time. Others go on until nothing is
    /// held any more.
    pub async fn work_and_die(&self, turns: usize) {
        self.test.advance(A_WHILE);
        let mortal = Worker::new(self.test.app.clone()).with_gateway_timeout(GATEWAY_TIMEOUT);
        die_after(turns, mortal.drain()).await;
        // What was on its way to the carrier arrives.
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
        }
        loop {
            let worker = self.worker.clone();
            worker.with_lease_patience(Duration::ZERO).drain().await;
            let mut tx = self.test.app.read().await.expect("the store answers");
            if jobs::leases(&mut tx)
                .await
                .expect("the store answers")
                .is_empty()
            {
                return;
            }
        }
    }

    pub async fn status(&self, id: PortingId) -> String {
        self.test.porting(id).await.status().to_string()
    }

    /// Gives the donor what it wanted.
    pub async fn repair(&self, id: PortingId) -> Porting {
        let porting = self.test.porting(id).await;
        let portico_domain::porting::State::Declined(decline) = &porting.state else {
            panic!("{id} is {}", porting.status());
        };
        let patch = mended(decline.code.rejected_fields());
        let repaired = self.test.patch(id, patch).await;
        repaired.expect("the repair is taken")
    }

    /// Each attempt was taken up once and requested once, and the events have no gap.
    pub async fn check_books(&self, id: PortingId) {
        let events = self.test.events(id).await;
        let numbers = events.iter().map(|event| event.sequence);
        assert!(numbers.eq((1..).take(events.len())), "events have a gap");
        let attempts = self.test.attempts(id).await;
        let accepted = attempts.iter().filter(|it| it.accepted_at.is_some());
        let requested = events.iter().filter(|it| it.kind == "porting.requested");
        assert_eq!(requested.count(), accepted.clone().count());
        for attempt in accepted {
            let taken = self.carrier.taken(self, &attempt.reference).await;
            assert_eq!(taken, 1, "{} was taken up once", attempt.reference);
        }
    }
}

/// New values for what a donor refused.
fn mended(fields: &[Field]) -> DetailsPatch {
    let mut patch = DetailsPatch::default();
    for field in fields {
        match field {
            Field::AccountPin => patch.account_pin = Patch::Set(sample::pin("991827")),
            Field::BillingPin => patch.billing_pin = Patch::Set(sample::pin("4411")),
            Field::AccountNumber => {
                patch.account_number = Patch::Set(sample::account_number("5550001"));
            }
            Field::FirstName => patch.first_name = Patch::Set(sample::person_name("Rosa")),
            Field::LastName => patch.last_name = Patch::Set(sample::person_name("Quimbey")),
            Field::Address => {
                let mut address = sample::address();
                address.line1 = "12 Elm Street".to_owned();
                patch.address = Patch::Set(address);
            }
            other => panic!("no decline asks for {other}"),
        }
    }
    patch
}
