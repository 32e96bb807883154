//! Random lives, checked step by step against a model that knows nothing of the code.

use portico_domain::{
    decline::DeclineCode,
    porting::{Command, Field, Porting, State},
};
use proptest::prelude::*;

use crate::support::*;

#[derive(Debug, Clone)]
enum Step {
    Do(Command),
    TypePin,
    TypeBillingPin,
    TypeAccountNumber,
    ClearAccountNumber,
}

/// What a clerk would write on a card.
#[derive(Debug, Clone, PartialEq)]
struct Card {
    status: &'static str,
    attempt: u32,
    declines: u32,
    pin: bool,
    billing_pin: bool,
    account_number: bool,
    needs_billing_pin: bool,
    is_locked: bool,
}

impl Card {
    fn complete(&self) -> bool {
        self.pin && self.account_number && (self.billing_pin || !self.needs_billing_pin)
    }

    fn editable(&self) -> bool {
        ["draft", "informationRequired", "declined"].contains(&self.status)
    }

    fn is_final(&self) -> bool {
        ["completed", "canceled", "expired", "failed"].contains(&self.status)
    }

    fn send(&mut self) {
        self.status = "pending";
        self.attempt += 1;
    }

    fn end(&mut self, status: &'static str) {
        self.status = status;
        self.pin = false;
        self.billing_pin = false;
    }

    fn decline(&mut self, code: &DeclineCode) {
        self.status = "declined";
        self.declines += 1;
        self.is_locked = *code == DeclineCode::PortProtected;
        match code {
            DeclineCode::AccountPin => self.pin = false,
            DeclineCode::BillingPin => {
                self.billing_pin = false;
                self.needs_billing_pin = true;
            }
            _ => {}
        }
    }

    /// Whether the command is possible; if so it is done.
    fn obey(&mut self, command: &Command) -> bool {
        let open = ["informationRequired", "pending", "requested", "declined"];
        let possible = match command {
            Command::Take(_) => self.status == "draft",
            Command::Save => self.editable(),
            Command::DisableProtection => self.status == "declined" && self.is_locked,
            Command::Submit => {
                ["informationRequired", "declined"].contains(&self.status) && self.complete()
            }
            Command::Accepted => self.status == "pending",
            Command::Delayed
            | Command::Schedule(_)
            | Command::Complete
            | Command::Decline { .. }
            | Command::Fail => self.status == "requested",
            Command::Cancel | Command::Expire => open.contains(&self.status),
        };
        if !possible {
            return false;
        }
        match command {
            Command::Take(_) if self.complete() => self.send(),
            Command::Take(_) => self.status = "informationRequired",
            Command::Submit => self.send(),
            Command::Accepted => self.status = "requested",
            Command::Decline { code, .. } => self.decline(code),
            Command::Complete => self.end("completed"),
            Command::Cancel => self.end("canceled"),
            Command::Expire => self.end("expired"),
            Command::Fail => self.end("failed"),
            Command::Save
            | Command::DisableProtection
            | Command::Delayed
            | Command::Schedule(_) => {}
        }
        true
    }
}

fn card_of(porting: &Porting) -> Card {
    let is_locked = match &porting.state {
        State::Declined(decline) => decline.code == DeclineCode::PortProtected,
        _ => false,
    };
    Card {
        status: porting.status().as_str(),
        attempt: porting.attempt,
        declines: porting.declined_attempts,
        pin: porting.details.account_pin.is_some(),
        billing_pin: porting.details.billing_pin.is_some(),
        account_number: porting.details.account_number.is_some(),
        needs_billing_pin: porting.required.contains(&Field::BillingPin),
        is_locked,
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let codes = prop::sample::select(vec![
        DeclineCode::Declined,
        DeclineCode::AccountNumber,
        DeclineCode::AccountPin,
        DeclineCode::BillingPin,
        DeclineCode::PortProtected,
        DeclineCode::from("portingOfTheFuture".to_owned()),
    ]);
    let command = prop_oneof![
        4 => Just(Command::Take(subscription())),
        2 => Just(Command::Save),
        2 => Just(Command::DisableProtection),
        6 => Just(Command::Submit),
        6 => Just(Command::Accepted),
        2 => Just(Command::Delayed),
        1 => Just(Command::Schedule(jiff::civil::date(2026, 3, 9))),
        1 => Just(Command::Complete),
        6 => codes.prop_map(decline),
        1 => Just(Command::Cancel),
        1 => Just(Command::Expire),
        1 => Just(Command::Fail),
    ];
    let step = prop_oneof![
        30 => command.prop_map(Step::Do),
        4 => Just(Step::TypePin),
        3 => Just(Step::TypeBillingPin),
        3 => Just(Step::TypeAccountNumber),
        1 => Just(Step::ClearAccountNumber),
    ];
    prop::collection::vec(step, 1..80)
}

/// Types something where that is allowed, on the card and in the porting.
fn type_in(step: &Step, card: &mut Card, porting: &mut Porting) {
    if !card.editable() {
        return;
    }
    let details = &mut porting.details;
    match step {
        Step::TypePin => {
            details.account_pin = Some(pin("0042"));
            card.pin = true;
        }
        Step::TypeBillingPin => {
            details.billing_pin = Some(pin("77"));
            card.billing_pin = true;
        }
        Step::TypeAccountNumber => {
            details.account_number = Some(account_number("12"));
            card.account_number = true;
        }
        Step::ClearAccountNumber => {
            details.account_number = None;
            card.account_number = false;
        }
        Step::Do(_) => {}
    }
}

proptest! {
    #[test]
    fn a_porting_lives_as_the_card_says(starts_complete in any::<bool>(), steps in steps()) {
        let mut porting = draft();
        if !starts_complete {
            porting.details.account_pin = None;
        }
        let mut card = card_of(&porting);
        for (second, step) in (1_i64..).zip(steps) {
            if let Step::Do(command) = &step {
                let was_possible = card.obey(command);
                let before = porting.clone();
                match porting.apply(command.clone(), at(second)) {
                    Ok(after) => {
                        prop_assert!(was_possible, "{} in {}", command.name(), before.status());
                        porting = after;
                    }
                    Err(_) => {
                        prop_assert!(!was_possible, "{} in {}", command.name(), before.status());
                        porting = before;
                    }
                }
            } else {
                type_in(&step, &mut card, &mut porting);
            }
            card.is_locked &= card.status == "declined";
            prop_assert_eq!(&card_of(&porting), &card);
            prop_assert!(porting.declined_attempts <= porting.attempt);
            prop_assert_eq!(porting.exclusive_number().is_some(), porting.status().is_open());
            prop_assert_eq!(porting.subscription.is_none(), card.status == "draft");
            prop_assert_eq!(porting.status().is_final(), card.is_final());
        }
    }
}
