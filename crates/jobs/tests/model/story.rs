//! What can happen.

use proptest::prelude::*;

/// A person has two portings under way at most, and two subscriptions.
pub type Slot = usize;

/// What is written into a field, of two possible values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Nothing,
    Clear,
    Value(usize),
}

/// The fields that change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub pin: Entry,
    pub account: Entry,
}

/// How the carrier's interface behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    Answers,
    /// It takes requests, and its answer to that is lost.
    AnswersTooLate,
    IsDown,
}

/// What the carrier says about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Delayed,
    Completed,
    Expired,
    Failed,
    Declined(Reason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Pin,
    Account,
    Protected,
    Other,
}

#[derive(Debug, Clone)]
pub enum Step {
    /// By the API.
    Create {
        slot: Slot,
        number: usize,
        complete: bool,
    },
    Delete(Slot),
    Patch(Slot, Change),
    Subscribe(Slot),
    PortIn {
        slot: Slot,
        subscription: Slot,
    },
    CancelPorting(Slot),
    CancelSubscription(Slot),
    EndSubscription(Slot),
    /// In Connect.
    Save(Slot, Change),
    Unlock(Slot),
    Confirm(Slot),
    /// By the carrier. What it says last may arrive first.
    Says {
        slot: Slot,
        word: Word,
        overtakes: bool,
    },
    Carrier(Carrier),
    /// The worker does everything there is to do.
    Work,
    /// The same, but the worker dies after so many turns and another one goes on.
    WorkAndDie {
        turns: usize,
    },
    MonthPasses,
}

pub fn stories() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(steps(), 20..60)
}

fn steps() -> impl Strategy<Value = Step> {
    let slot = || 0..2_usize;
    prop_oneof![
        6 => (slot(), 0..2_usize, any::<bool>())
            .prop_map(|(slot, number, complete)| Step::Create { slot, number, complete }),
        1 => slot().prop_map(Step::Delete),
        6 => (slot(), changes()).prop_map(|(slot, change)| Step::Patch(slot, change)),
        8 => slot().prop_map(Step::Subscribe),
        3 => (slot(), slot())
            .prop_map(|(slot, subscription)| Step::PortIn { slot, subscription }),
        3 => slot().prop_map(Step::CancelPorting),
        1 => slot().prop_map(Step::CancelSubscription),
        1 => slot().prop_map(Step::EndSubscription),
        5 => (slot(), changes()).prop_map(|(slot, change)| Step::Save(slot, change)),
        2 => slot().prop_map(Step::Unlock),
        6 => slot().prop_map(Step::Confirm),
        8 => (slot(), words(), any::<bool>())
            .prop_map(|(slot, word, overtakes)| Step::Says { slot, word, overtakes }),
        4 => carriers().prop_map(Step::Carrier),
        6 => Just(Step::Work),
        8 => (0..80_usize).prop_map(|turns| Step::WorkAndDie { turns }),
        1 => Just(Step::MonthPasses),
    ]
}

fn entries() -> impl Strategy<Value = Entry> {
    prop_oneof![
        3 => Just(Entry::Nothing),
        1 => Just(Entry::Clear),
        4 => (0..2_usize).prop_map(Entry::Value),
    ]
}

fn changes() -> impl Strategy<Value = Change> {
    (entries(), entries()).prop_map(|(pin, account)| Change { pin, account })
}

fn words() -> impl Strategy<Value = Word> {
    let reasons = [
        Reason::Pin,
        Reason::Account,
        Reason::Protected,
        Reason::Other,
    ];
    prop_oneof![
        2 => Just(Word::Delayed),
        3 => Just(Word::Completed),
        1 => Just(Word::Expired),
        1 => Just(Word::Failed),
        6 => prop::sample::select(reasons.to_vec()).prop_map(Word::Declined),
    ]
}

fn carriers() -> impl Strategy<Value = Carrier> {
    prop_oneof![
        3 => Just(Carrier::Answers),
        1 => Just(Carrier::AnswersTooLate),
        1 => Just(Carrier::IsDown),
    ]
}
