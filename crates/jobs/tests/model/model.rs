//! What a clerk would note on cards.

mod porting;

use crate::story::{Carrier, Reason, Slot, Step};
use porting::Porting;

/// What the API shows of a porting: status, refusals, whether there is a PIN, the account number,
/// the reason of a refusal.
pub type PortingShown = (&'static str, u32, bool, Option<usize>, Option<Reason>);
/// What it shows of a subscription: status, whether it has its number, which porting.
pub type SubscriptionShown = (&'static str, bool, Option<usize>);
/// Everything it shows.
pub type Shown = (Vec<PortingShown>, Vec<SubscriptionShown>);
/// Of each porting, for each attempt: whether the carrier got it and whether it was called off; and
/// how often a request was told.
pub type BooksShown = Vec<(Vec<(bool, bool)>, u32)>;

#[derive(Debug)]
struct Subscription {
    status: &'static str,
    has_number: bool,
    porting: Option<usize>,
    has_completed: bool,
}

#[derive(Debug)]
pub struct Model {
    portings: Vec<Porting>,
    subscriptions: Vec<Subscription>,
    /// The latest porting and subscription of each slot.
    porting_in: [Option<usize>; 2],
    subscription_in: [Option<usize>; 2],
    carrier: Carrier,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            portings: Vec::new(),
            subscriptions: Vec::new(),
            porting_in: [None; 2],
            subscription_in: [None; 2],
            carrier: Carrier::Answers,
        }
    }
}

impl Model {
    /// Whether the step is possible; if so it is taken. A step that nothing is there for is none.
    pub fn take(&mut self, step: &Step) -> bool {
        match *step {
            Step::Create {
                slot,
                number,
                complete,
            } => self.create(slot, number, complete),
            Step::Delete(slot) => self.delete(slot),
            Step::Patch(slot, change) => self.with(slot, |it| it.patch(change)),
            Step::Subscribe(slot) => self.subscribe(slot),
            Step::PortIn { slot, subscription } => self.port_in(slot, subscription),
            Step::CancelPorting(slot) => self.porting_in[slot].is_none_or(|id| self.cancel(id)),
            Step::CancelSubscription(slot) => self.is_living(slot),
            Step::EndSubscription(slot) => self.end(slot),
            Step::Save(slot, change) => self.with(slot, |it| it.save(change)),
            Step::Unlock(slot) => self.with(slot, |it| {
                let is_locked = it.reason == Some(Reason::Protected);
                it.unlocked |= is_locked;
                is_locked
            }),
            Step::Confirm(slot) => self.with(slot, |it| {
                it.confirm();
                true
            }),
            Step::Says {
                slot,
                word,
                overtakes,
            } => self.with(slot, |it| {
                if let Some(attempt) = it.attempts.last_mut().filter(|it| it.taken) {
                    let at = if overtakes { 0 } else { attempt.words.len() };
                    attempt.words.insert(at, word);
                }
                true
            }),
            Step::Carrier(carrier) => {
                self.carrier = carrier;
                true
            }
            Step::Work | Step::WorkAndDie { .. } => self.work(),
            Step::MonthPasses => self.month_passes(),
        }
    }

    fn with(&mut self, slot: Slot, step: impl FnOnce(&mut Porting) -> bool) -> bool {
        let found = self.porting_in[slot];
        found.is_none_or(|id| step(&mut self.portings[id]))
    }

    fn number_is_taken(&self, number: usize) -> bool {
        let mut all = self.portings.iter();
        all.any(|it| it.is_open() && it.number == number)
    }

    fn create(&mut self, slot: Slot, number: usize, complete: bool) -> bool {
        let current = self.porting_in[slot].map(|id| &self.portings[id]);
        if current.is_some_and(|it| it.is_open() || it.status == "draft") {
            return true;
        }
        if self.carrier == Carrier::IsDown || self.number_is_taken(number) {
            return false;
        }
        self.porting_in[slot] = Some(self.portings.len());
        let pin = complete.then_some(0);
        self.portings.push(Porting::draft(number, pin));
        true
    }

    fn delete(&mut self, slot: Slot) -> bool {
        self.with(slot, |it| {
            let is_draft = it.status == "draft";
            if is_draft {
                it.status = "deleted";
            }
            is_draft
        })
    }

    /// A subscription takes a draft, if it may.
    fn give(&mut self, id: usize, subscription: usize) -> bool {
        let porting = &self.portings[id];
        if porting.status != "draft" || self.number_is_taken(porting.number) {
            return false;
        }
        let porting = &mut self.portings[id];
        porting.subscription = Some(subscription);
        if porting.is_complete() {
            porting.send();
        } else {
            porting.status = "informationRequired";
        }
        true
    }

    fn subscribe(&mut self, slot: Slot) -> bool {
        let Some(id) = self.porting_in[slot] else {
            return true;
        };
        let new = self.subscriptions.len();
        if !self.give(id, new) {
            return false;
        }
        self.subscription_in[slot] = Some(new);
        self.subscriptions.push(Subscription {
            status: "pending",
            has_number: false,
            porting: Some(id),
            has_completed: false,
        });
        true
    }

    fn port_in(&mut self, slot: Slot, subscription: Slot) -> bool {
        let (Some(id), Some(to)) = (self.porting_in[slot], self.subscription_in[subscription])
        else {
            return true;
        };
        let found = &self.subscriptions[to];
        let has_open = found.porting.is_some_and(|id| self.portings[id].is_open());
        if found.status == "ended" || has_open || found.has_completed || !self.give(id, to) {
            return false;
        }
        self.subscriptions[to].porting = Some(id);
        true
    }

    fn cancel(&mut self, id: usize) -> bool {
        let porting = &mut self.portings[id];
        let is_possible = ["informationRequired", "pending", "declined"].contains(&porting.status);
        if is_possible {
            porting.end("canceled");
            self.tell_subscription(id);
        }
        is_possible
    }

    fn is_living(&self, slot: Slot) -> bool {
        self.subscription_in[slot].is_none_or(|id| self.subscriptions[id].status != "ended")
    }

    fn end(&mut self, slot: Slot) -> bool {
        let Some(id) = self.subscription_in[slot] else {
            return true;
        };
        if self.subscriptions[id].status == "ended" {
            return false;
        }
        let porting = self.subscriptions[id].porting.unwrap();
        if self.portings[porting].status == "requested" {
            return false;
        }
        self.subscriptions[id].status = "ended";
        if self.portings[porting].is_open() {
            self.cancel(porting);
        }
        true
    }

    /// What the end of a porting means for its subscription.
    fn tell_subscription(&mut self, id: usize) {
        let porting = &self.portings[id];
        let subscription = &mut self.subscriptions[porting.subscription.unwrap()];
        if porting.status == "completed" {
            subscription.has_number = true;
            subscription.has_completed = true;
        }
        if subscription.status == "pending" {
            subscription.status = match porting.status {
                "completed" | "canceled" => "active",
                "expired" => "ended",
                _ => "pending",
            };
        }
    }

    fn work(&mut self) -> bool {
        for id in 0..self.portings.len() {
            let was_open = self.portings[id].is_open();
            self.portings[id].work(self.carrier);
            if was_open && !self.portings[id].is_open() {
                self.tell_subscription(id);
            }
        }
        true
    }

    fn month_passes(&mut self) -> bool {
        if self.carrier == Carrier::AnswersTooLate {
            self.carrier = Carrier::Answers;
        }
        self.work();
        for id in 0..self.portings.len() {
            let porting = &mut self.portings[id];
            if porting.status == "draft" {
                porting.status = "deleted";
            } else if porting.is_open() {
                porting.end("expired");
                self.tell_subscription(id);
            } else {
                porting.age();
            }
        }
        self.work()
    }

    pub fn shown(&self) -> Shown {
        let portings = self.portings.iter();
        let portings = portings.map(|it| match it.status {
            "deleted" => ("deleted", 0, false, None, None),
            status => (status, it.declines, it.pin.is_some(), it.account, it.reason),
        });
        let subscriptions = self.subscriptions.iter();
        let subscriptions = subscriptions.map(|it| (it.status, it.has_number, it.porting));
        (portings.collect(), subscriptions.collect())
    }

    pub fn books(&self) -> BooksShown {
        let of = |it: &Porting| {
            let attempts = it.attempts.iter().map(|it| (it.taken, it.called_off));
            (attempts.collect(), it.told)
        };
        self.portings.iter().map(of).collect()
    }
}
