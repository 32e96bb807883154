//! What a clerk would note on cards.

use crate::story::{Carrier, Change, Entry, Reason, Slot, Step, Word};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    Waiting,
    /// It was tried and no answer came.
    Tried,
    Accepted,
    /// It is to be called off.
    Unwanted,
    Over,
}

#[derive(Debug)]
struct Attempt {
    sending: Sending,
    taken: bool,
    called_off: bool,
    words: Vec<Word>,
}

#[derive(Debug)]
struct Porting {
    status: &'static str,
    number: usize,
    pin: Option<usize>,
    account: Option<usize>,
    attempts: Vec<Attempt>,
    declines: u32,
    reason: Option<Reason>,
    /// The one value the donor objected to.
    refused: Option<usize>,
    unlocked: bool,
    subscription: Option<usize>,
    told: u32,
    /// How many months ago it ended.
    months: u32,
}

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

impl Porting {
    fn is_open(&self) -> bool {
        ["informationRequired", "pending", "requested", "declined"].contains(&self.status)
    }

    fn is_complete(&self) -> bool {
        self.pin.is_some() && self.account.is_some()
    }

    fn send(&mut self) {
        self.status = "pending";
        self.reason = None;
        self.attempts.push(Attempt {
            sending: Sending::Waiting,
            taken: false,
            called_off: false,
            words: Vec::new(),
        });
    }

    fn enter(&mut self, change: Change) {
        enter(&mut self.pin, change.pin);
        enter(&mut self.account, change.account);
    }

    /// Nothing is changed when nothing is possible.
    fn patch(&mut self, change: Change) -> bool {
        let (pin, account) = (self.pin, self.account);
        let is_declined = self.status == "declined";
        if !["draft", "informationRequired", "declined"].contains(&self.status) {
            return false;
        }
        self.enter(change);
        if is_declined && !self.is_complete() {
            (self.pin, self.account) = (pin, account);
            return false;
        }
        if self.status != "draft" && self.is_complete() {
            self.send();
        }
        true
    }

    fn save(&mut self, change: Change) -> bool {
        let repeats = match self.reason {
            Some(Reason::Pin) => repeats(change.pin, self.refused),
            Some(Reason::Account) => repeats(change.account, self.refused),
            _ => false,
        };
        let is_possible = ["informationRequired", "declined"].contains(&self.status) && !repeats;
        if is_possible {
            self.enter(change);
        }
        is_possible
    }

    fn is_mended(&self) -> bool {
        match self.reason {
            None | Some(Reason::Pin) => true,
            Some(Reason::Account) => self.account != self.refused,
            Some(Reason::Protected) => self.unlocked,
            Some(Reason::Other) => false,
        }
    }

    fn confirm(&mut self) {
        let is_asked = ["informationRequired", "declined"].contains(&self.status);
        if is_asked && self.is_complete() && self.is_mended() {
            self.send();
        }
    }

    fn end(&mut self, status: &'static str) {
        self.status = status;
        self.reason = None;
        self.pin = None;
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.sending = match attempt.sending {
                Sending::Waiting => Sending::Over,
                Sending::Accepted if ["canceled", "expired"].contains(&status) => Sending::Unwanted,
                other => other,
            };
        }
    }

    /// What it holds of a person is erased 90 days after its end.
    fn age(&mut self) {
        self.months += 1;
        if self.months >= 3 {
            self.account = None;
        }
    }

    fn hear(&mut self, word: Word) {
        let end = match word {
            Word::Delayed => return,
            Word::Completed => "completed",
            Word::Failed => "failed",
            Word::Expired => "expired",
            Word::Declined(reason) => {
                self.status = "declined";
                self.declines += 1;
                self.unlocked = false;
                self.reason = Some(reason);
                self.refused = match reason {
                    Reason::Pin => self.pin.take(),
                    Reason::Account => self.account,
                    _ => None,
                };
                "declined"
            }
        };
        let attempt = self.attempts.last_mut().unwrap();
        attempt.sending = Sending::Over;
        if end != "declined" {
            self.end(end);
        }
    }

    /// The worker does what there is to do about it.
    fn work(&mut self, carrier: Carrier) {
        let is_pending = self.status == "pending";
        let Some(attempt) = self.attempts.last_mut() else {
            return;
        };
        let answers = carrier == Carrier::Answers;
        let listens = carrier != Carrier::IsDown;
        match attempt.sending {
            Sending::Waiting => {
                attempt.taken = listens;
                attempt.sending = if answers {
                    Sending::Accepted
                } else {
                    Sending::Tried
                };
            }
            Sending::Tried if listens && !attempt.taken && is_pending => {
                attempt.taken = true;
                attempt.sending = if answers {
                    Sending::Accepted
                } else {
                    Sending::Tried
                };
            }
            Sending::Tried if listens && !attempt.taken => attempt.sending = Sending::Over,
            Sending::Tried if listens && is_pending => attempt.sending = Sending::Accepted,
            Sending::Tried if listens => attempt.sending = Sending::Unwanted,
            _ => {}
        }
        if is_pending && attempt.sending == Sending::Accepted {
            self.status = "requested";
            self.told += 1;
        }
        if attempt.sending == Sending::Unwanted && listens {
            attempt.called_off = true;
            attempt.sending = Sending::Over;
        }
        if attempt.sending == Sending::Accepted && listens {
            let last = attempt
                .words
                .iter()
                .copied()
                .find(|word| *word != Word::Delayed);
            self.hear(last.unwrap_or(Word::Delayed));
        }
    }
}

fn enter(field: &mut Option<usize>, entry: Entry) {
    match entry {
        Entry::Nothing => {}
        Entry::Clear => *field = None,
        Entry::Value(value) => *field = Some(value),
    }
}

fn repeats(entry: Entry, refused: Option<usize>) -> bool {
    matches!(entry, Entry::Value(value) if refused == Some(value))
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
        self.portings.push(Porting {
            status: "draft",
            number,
            pin: complete.then_some(0),
            account: Some(0),
            attempts: Vec::new(),
            declines: 0,
            reason: None,
            refused: None,
            unlocked: false,
            subscription: None,
            told: 0,
            months: 0,
        });
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
