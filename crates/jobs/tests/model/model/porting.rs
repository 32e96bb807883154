//! The card of one porting.

use crate::story::{Carrier, Change, Entry, Reason, Word};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    Waiting,
    /// It was tried and no answer came.
    Tried,
    Accepted,
    /// The donor refused; the carrier keeps it for what comes then.
    Declined,
    /// It is to be called off.
    Unwanted,
    Over,
}

#[derive(Debug)]
pub struct Attempt {
    pub sending: Sending,
    pub taken: bool,
    pub called_off: bool,
    pub words: Vec<Word>,
}

#[derive(Debug)]
pub struct Porting {
    pub status: &'static str,
    pub number: usize,
    pub pin: Option<usize>,
    pub account: Option<usize>,
    pub attempts: Vec<Attempt>,
    pub declines: u32,
    pub reason: Option<Reason>,
    /// The one value the donor objected to.
    pub refused: Option<usize>,
    pub unlocked: bool,
    pub subscription: Option<usize>,
    pub told: u32,
    /// How many months ago it ended.
    pub months: u32,
}

impl Porting {
    pub fn draft(number: usize, pin: Option<usize>) -> Self {
        Self {
            status: "draft",
            number,
            pin,
            account: Some(0),
            attempts: Vec::new(),
            declines: 0,
            reason: None,
            refused: None,
            unlocked: false,
            subscription: None,
            told: 0,
            months: 0,
        }
    }

    pub fn is_open(&self) -> bool {
        ["informationRequired", "pending", "requested", "declined"].contains(&self.status)
    }

    pub fn is_complete(&self) -> bool {
        self.pin.is_some() && self.account.is_some()
    }

    pub fn send(&mut self) {
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
    pub fn patch(&mut self, change: Change) -> bool {
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

    pub fn save(&mut self, change: Change) -> bool {
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

    pub fn confirm(&mut self) {
        let is_asked = ["informationRequired", "declined"].contains(&self.status);
        if is_asked && self.is_complete() && self.is_mended() {
            self.send();
        }
    }

    pub fn end(&mut self, status: &'static str) {
        self.status = status;
        self.reason = None;
        self.pin = None;
        let is_withdrawn = ["canceled", "expired"].contains(&status);
        if let Some((last, earlier)) = self.attempts.split_last_mut() {
            if is_withdrawn && last.sending != Sending::Over {
                let declined = earlier.iter_mut();
                for attempt in declined.filter(|it| it.sending == Sending::Declined) {
                    attempt.sending = Sending::Unwanted;
                }
            }
            last.sending = match last.sending {
                Sending::Waiting => Sending::Over,
                Sending::Accepted | Sending::Declined if is_withdrawn => Sending::Unwanted,
                other => other,
            };
        }
    }

    /// What it holds of a person is erased 90 days after its end.
    pub fn age(&mut self) {
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
        if end == "declined" {
            attempt.sending = Sending::Declined;
        } else {
            attempt.sending = Sending::Over;
            self.end(end);
        }
    }

    /// The worker does what there is to do about it.
    pub fn work(&mut self, carrier: Carrier) {
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
        let unwanted = self.attempts.iter_mut();
        for attempt in unwanted.filter(|it| it.sending == Sending::Unwanted && listens) {
            attempt.called_off = true;
            attempt.sending = Sending::Over;
        }
        let attempt = self.attempts.last_mut().unwrap();
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
