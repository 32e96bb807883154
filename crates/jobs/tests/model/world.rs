//! The real thing: operations on a real database, and a worker that may die.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use portico_app::{
    App, AppError, Config, MetadataPatch, portings, subscriptions, wire::PortingResource,
};
use portico_carrier::Gateways;
use portico_domain::{
    event::Actor,
    id::{PlanId, PortingId, SubscriptionId, UserId},
    porting::{DetailsPatch, Patch, Porting},
};
use portico_jobs::Worker;
use portico_store::{Tx, jobs};
use portico_testkit::{Books, TestApp, sample};

use crate::{
    gateway::{Scripted, code},
    model::{BooksShown, PortingShown, Shown, SubscriptionShown},
    story::{Carrier, Change, Entry, Reason, Slot, Step},
};

const PINS: [&str; 2] = ["1110", "2220"];
const ACCOUNTS: [&str; 2] = ["8830014470", "8830014471"];
const REASONS: [Reason; 4] = [
    Reason::Pin,
    Reason::Account,
    Reason::Protected,
    Reason::Other,
];
/// Longer than any pause between two tries.
const A_WHILE: SignedDuration = SignedDuration::from_mins(10);
/// Longer than a draft lives and than a porting may take.
const A_MONTH: SignedDuration = SignedDuration::from_hours(31 * 24);

/// What all stories share.
pub struct World {
    test: TestApp,
    gateway: Arc<Scripted>,
    plan: PlanId,
    scenes: AtomicU32,
}

/// The people and numbers of one story.
pub struct Scene<'w> {
    world: &'w World,
    user: UserId,
    numbers: [String; 2],
    portings: Vec<PortingId>,
    subscriptions: Vec<SubscriptionId>,
    porting_in: [Option<PortingId>; 2],
    subscription_in: [Option<SubscriptionId>; 2],
}

impl World {
    pub async fn new() -> Self {
        let mut test = TestApp::new().await;
        let gateway = Arc::new(Scripted::new());
        let gateways = Gateways::default().with("test", gateway.clone());
        test.app = App::new(test.app.db.clone(), gateways, Config::default());
        let plan = test.plan().await.id;
        Self {
            test,
            gateway,
            plan,
            scenes: AtomicU32::new(0),
        }
    }

    pub async fn scene(&self) -> Scene<'_> {
        let scene = self.scenes.fetch_add(1, Ordering::Relaxed);
        self.gateway.behave(Carrier::Answers);
        let number = |nth: u32| format!("+1212{:07}", 2_000_000 + 2 * scene + nth);
        Scene {
            world: self,
            user: self.test.user().await.id,
            numbers: [number(0), number(1)],
            portings: Vec::new(),
            subscriptions: Vec::new(),
            porting_in: [None; 2],
            subscription_in: [None; 2],
        }
    }

    /// How many portings came to which end.
    pub async fn statuses(&self) -> Vec<(String, i64)> {
        Books::at(self.test.database().url()).statuses().await
    }

    async fn work(&self) {
        self.test.advance(A_WHILE);
        Worker::new(self.test.app.clone()).drain().await;
    }

    /// A worker dies at the point where it would wait the `turns`th time; what it had begun to
    /// write may still be written. Others go on until nothing is held any more.
    async fn work_and_die(&self, turns: usize) {
        self.test.advance(A_WHILE);
        let worker = Worker::new(self.test.app.clone());
        let mut work = Box::pin(worker.drain());
        let mut left = turns;
        poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            work.as_mut().poll(context)
        })
        .await;
        drop(work);
        loop {
            let next = Worker::new(self.test.app.clone()).with_lease_patience(Duration::ZERO);
            next.drain().await;
            let mut tx = self.test.app.read().await.unwrap();
            if jobs::leases(&mut tx).await.unwrap().is_empty() {
                return;
            }
        }
    }
}

fn backend() -> Actor {
    Actor::ApiKey("apk_test".to_owned())
}

fn entered<T>(entry: Entry, value: impl Fn(usize) -> T) -> Patch<T> {
    match entry {
        Entry::Nothing => Patch::Keep,
        Entry::Clear => Patch::Clear,
        Entry::Value(which) => Patch::Set(value(which)),
    }
}

fn patch(change: Change) -> DetailsPatch {
    DetailsPatch {
        account_pin: entered(change.pin, |which| sample::pin(PINS[which])),
        account_number: entered(change.account, |which| {
            sample::account_number(ACCOUNTS[which])
        }),
        ..DetailsPatch::default()
    }
}

/// Whether an operation was done. That the store failed is never an answer.
fn was_done<T>(outcome: Result<T, AppError>) -> bool {
    if let Err(AppError::Store(error)) = &outcome {
        panic!("the store failed: {error:?}");
    }
    outcome.is_ok()
}

impl Scene<'_> {
    /// Whether the step was done. A step that nothing is there for counts as done.
    pub async fn take(&mut self, step: &Step) -> bool {
        match *step {
            Step::Create {
                slot,
                number,
                complete,
            } => self.create(slot, number, complete).await,
            Step::Subscribe(slot) => self.subscribe(slot).await,
            Step::PortIn { slot, subscription } => self.port_in(slot, subscription).await,
            Step::CancelSubscription(slot) => {
                self.with_subscription(slot, |tx, it| {
                    Box::pin(
                        async move { subscriptions::cancel(tx, &backend(), it).await.map(drop) },
                    )
                })
                .await
            }
            Step::EndSubscription(slot) => {
                self.with_subscription(slot, |tx, it| {
                    Box::pin(async move { subscriptions::end(tx, &backend(), it).await.map(drop) })
                })
                .await
            }
            Step::Says {
                slot,
                word,
                overtakes,
            } => {
                if let Some(porting) = self.porting(slot).await {
                    let gateway = &self.world.gateway;
                    gateway.say(&porting.reference(), word, overtakes);
                }
                true
            }
            Step::Carrier(carrier) => {
                self.world.gateway.behave(carrier);
                true
            }
            Step::Work => {
                self.world.work().await;
                true
            }
            Step::WorkAndDie { turns } => {
                // Whether a lost answer is asked about again then depends on when the worker dies.
                match self.world.gateway.carrier() {
                    Carrier::AnswersTooLate => self.world.work().await,
                    _ => self.world.work_and_die(turns).await,
                }
                true
            }
            Step::MonthPasses => {
                if self.world.gateway.carrier() == Carrier::AnswersTooLate {
                    self.world.gateway.behave(Carrier::Answers);
                }
                self.world.work().await;
                self.world.test.advance(A_MONTH);
                self.world.work().await;
                true
            }
            ref step => self.change_porting(step).await,
        }
    }

    async fn change_porting(&self, step: &Step) -> bool {
        match *step {
            Step::Delete(slot) => {
                self.with_porting(slot, |tx, it| {
                    Box::pin(async move { portings::delete_draft(tx, &backend(), &it).await })
                })
                .await
            }
            Step::Patch(slot, change) => {
                self.with_porting(slot, move |tx, it| {
                    let patch = portings::PortingPatch {
                        details: patch(change),
                        ..portings::PortingPatch::default()
                    };
                    Box::pin(async move {
                        portings::update(tx, (&backend(), it), (patch, None))
                            .await
                            .map(drop)
                    })
                })
                .await
            }
            Step::CancelPorting(slot) => {
                self.with_porting(slot, |tx, it| {
                    Box::pin(async move { portings::cancel(tx, &backend(), it).await.map(drop) })
                })
                .await
            }
            Step::Save(slot, change) => {
                self.with_porting(slot, move |tx, it| {
                    Box::pin(async move {
                        let who = (&backend(), it);
                        portings::save_answers(tx, who, patch(change))
                            .await
                            .map(drop)
                    })
                })
                .await
            }
            Step::Unlock(slot) => {
                self.with_porting(slot, |tx, it| {
                    Box::pin(async move {
                        portings::disable_protection(tx, &backend(), it)
                            .await
                            .map(drop)
                    })
                })
                .await
            }
            Step::Confirm(slot) => self.confirm(slot).await,
            ref other => unreachable!("{other:?} changes no porting alone"),
        }
    }

    async fn confirm(&self, slot: Slot) -> bool {
        if self.porting(slot).await.is_none() {
            return true;
        }
        self.with_porting(slot, |tx, it| {
            Box::pin(async move {
                let repairable = REASONS.map(code);
                portings::confirm(tx, (&backend(), it), &repairable[..3], "1")
                    .await
                    .map(drop)
            })
        })
        .await
    }

    async fn with_porting<F>(&self, slot: Slot, step: F) -> bool
    where
        F: for<'t> Fn(&'t mut Tx, Porting) -> BoxFuture<'t, Result<(), AppError>>
            + Send
            + Sync
            + 'static,
    {
        let Some(id) = self.porting_in[slot] else {
            return true;
        };
        let (step, project) = (Arc::new(step), self.world.test.project.id.clone());
        let done = self.world.test.app.write(move |tx, _| {
            let (step, project) = (step.clone(), project.clone());
            Box::pin(async move {
                let porting = portings::get(tx, &project, id).await?;
                step(tx, porting).await
            })
        });
        was_done(done.await)
    }

    async fn with_subscription<F>(&self, slot: Slot, step: F) -> bool
    where
        F: for<'t> Fn(
                &'t mut Tx,
                portico_domain::subscription::Subscription,
            ) -> BoxFuture<'t, Result<(), AppError>>
            + Send
            + Sync
            + 'static,
    {
        let Some(id) = self.subscription_in[slot] else {
            return true;
        };
        let (step, project) = (Arc::new(step), self.world.test.project.id.clone());
        let done = self.world.test.app.write(move |tx, _| {
            let (step, project) = (step.clone(), project.clone());
            Box::pin(async move {
                let subscription = subscriptions::get(tx, &project, id).await?;
                step(tx, subscription).await
            })
        });
        was_done(done.await)
    }

    async fn create(&mut self, slot: Slot, number: usize, complete: bool) -> bool {
        let current = self.porting(slot).await;
        if current.is_some_and(|it| !it.status().is_final()) {
            return true;
        }
        let mut details = sample::details();
        details.account_number = Patch::Set(sample::account_number(ACCOUNTS[0]));
        details.account_pin = match complete {
            true => Patch::Set(sample::pin(PINS[0])),
            false => Patch::Keep,
        };
        let draft = self
            .world
            .test
            .try_draft(self.user, &self.numbers[number], details);
        let draft = draft.await;
        if let Ok(porting) = &draft {
            self.porting_in[slot] = Some(porting.id);
            self.portings.push(porting.id);
        }
        was_done(draft)
    }

    async fn subscribe(&mut self, slot: Slot) -> bool {
        let Some(id) = self.porting_in[slot] else {
            return true;
        };
        let new = subscriptions::NewSubscription {
            plan: self.world.plan,
            user: self.user,
            porting: Some(id),
            user_address: None,
            metadata: MetadataPatch::default(),
        };
        let project = self.world.test.project.clone();
        let created = self.world.test.app.write(move |tx, app| {
            let (project, new) = (project.clone(), new.clone());
            Box::pin(
                async move { subscriptions::create(tx, &app, (&backend(), &project), new).await },
            )
        });
        let created = created.await;
        if let Ok(subscription) = &created {
            self.subscription_in[slot] = Some(subscription.id);
            self.subscriptions.push(subscription.id);
        }
        was_done(created)
    }

    async fn port_in(&self, slot: Slot, subscription: Slot) -> bool {
        let (Some(id), app) = (self.porting_in[slot], self.world.test.app.clone()) else {
            return true;
        };
        self.with_subscription(subscription, move |tx, it| {
            let app = app.clone();
            Box::pin(async move {
                let who = (&backend(), it);
                subscriptions::port_in(tx, &app, who, id).await.map(drop)
            })
        })
        .await
    }

    async fn porting(&self, slot: Slot) -> Option<Porting> {
        self.find(self.porting_in[slot]?).await
    }

    async fn find(&self, id: PortingId) -> Option<Porting> {
        let mut tx = self.world.test.app.read().await.unwrap();
        match portings::get(&mut tx, &self.world.test.project.id, id).await {
            Ok(porting) => Some(porting),
            Err(AppError::NotFound(_)) => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Everything as the API shows it.
    pub async fn shown(&self) -> Shown {
        let mut portings = Vec::new();
        for id in &self.portings {
            portings.push(shown(self.find(*id).await));
        }
        let mut subscriptions = Vec::new();
        for id in &self.subscriptions {
            subscriptions.push(self.subscription(*id).await);
        }
        (portings, subscriptions)
    }

    async fn subscription(&self, id: SubscriptionId) -> SubscriptionShown {
        let now = self.world.test.subscription_now(id).await;
        let porting = self.portings.iter().position(|it| Some(*it) == now.porting);
        (now.status.as_str(), now.phone_number.is_some(), porting)
    }

    /// The carrier's books and what was told. Events have no gap, no attempt came twice.
    pub async fn books(&self) -> BooksShown {
        let mut all = Vec::new();
        for id in &self.portings {
            let mut attempts = Vec::new();
            for attempt in self.world.test.attempts(*id).await {
                let request = self.world.gateway.request(&attempt.reference);
                let request = request.unwrap_or_default();
                assert!(
                    request.times <= 1,
                    "{} came {} times",
                    attempt.reference,
                    request.times
                );
                attempts.push((request.times == 1, request.called_off));
            }
            let events = self.world.test.events(id).await;
            let numbers = events.iter().map(|event| event.sequence);
            assert!(numbers.eq((1..).take(events.len())), "events have gaps");
            let told = events.iter().filter(|it| it.kind == "porting.requested");
            all.push((attempts, u32::try_from(told.count()).unwrap()));
        }
        all
    }
}

fn shown(porting: Option<Porting>) -> PortingShown {
    let Some(porting) = porting else {
        return ("deleted", 0, false, None, None);
    };
    let resource = PortingResource::from(&porting);
    let resource = serde_json::to_value(&resource).unwrap();
    assert_eq!(resource["status"], porting.status().as_str());
    let account = resource["accountNumber"].as_str();
    let reason = resource["declinedCode"].as_str();
    (
        porting.status().as_str(),
        porting.declined_attempts,
        resource["accountPinExists"].as_bool().unwrap(),
        account.map(|text| ACCOUNTS.iter().position(|it| *it == text).unwrap()),
        reason.map(|text| {
            REASONS
                .into_iter()
                .find(|it| code(*it).as_str() == text)
                .unwrap()
        }),
    )
}
