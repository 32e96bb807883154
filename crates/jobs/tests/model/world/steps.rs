//! What is done at each step.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use portico_app::{AppError, MetadataPatch, portings, subscriptions};
use portico_domain::{
    event::Actor,
    porting::{DetailsPatch, Patch, Porting},
};
use portico_store::Tx;
use portico_testkit::sample;

use super::{A_MONTH, ACCOUNTS, PINS, REASONS, Scene};
use crate::{
    gateway::code,
    story::{Carrier, Change, Entry, Slot, Step},
};

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
}
