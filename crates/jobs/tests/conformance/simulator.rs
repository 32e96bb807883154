//! The simulator: the number decides.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use portico_carrier::{Gateway, simulator::Simulator};
use portico_domain::{decline::DeclineCode, porting::Porting};
use portico_store::Db;

use crate::world::{Carrier, Decline, Story, World};

pub struct Simulated;

/// Last four digits, code and meaning of every number that is declined.
const DECLINES: [(&str, &str, DeclineCode); 12] = [
    ("0110", "8C", DeclineCode::AccountPin),
    ("0103", "6G", DeclineCode::Declined),
    ("0105", "6P", DeclineCode::PortProtected),
    ("0107", "6A", DeclineCode::NotFound),
    ("0108", "6D", DeclineCode::NotActive),
    ("0109", "6M", DeclineCode::PendingOtherProvider),
    ("0111", "8A", DeclineCode::AccountNumber),
    ("0112", "8D", DeclineCode::Address),
    ("0113", "8E", DeclineCode::FirstName),
    ("0114", "8F", DeclineCode::LastName),
    ("0116", "6K", DeclineCode::NotEligible),
    ("0118", "6C", DeclineCode::UserInformation),
];

#[async_trait]
impl Carrier for Simulated {
    fn provider(&self) -> &'static str {
        "test"
    }

    fn gateway(&self, db: &Db) -> Arc<dyn Gateway> {
        Arc::new(Simulator::new(db.clone(), 0.1))
    }

    fn number(&self, story: Story) -> String {
        match story {
            Story::Completes => "0100".to_owned(),
            Story::Delays => "0122".to_owned(),
            Story::SilentBefore => "0121".to_owned(),
            Story::SilentAfter => "0120".to_owned(),
            Story::Declines(decline) => {
                let case = DECLINES.iter().find(|(_, code, _)| *code == decline.code);
                case.expect("one of ours").0.to_owned()
            }
            Story::Expires => "0124".to_owned(),
            Story::FixesADay | Story::NeverEnds => panic!("no number does that"),
        }
    }

    fn declines(&self) -> Vec<Decline> {
        let declines = DECLINES.into_iter();
        declines
            .map(|(_, code, means)| Decline {
                code: code.to_owned(),
                text: String::new(),
                means,
            })
            .collect()
    }

    async fn go_on(&self, world: &World, _: &Porting) {
        world.test.advance(SignedDuration::from_millis(210));
    }

    async fn taken(&self, world: &World, reference: &str) -> usize {
        let calls = |result| world.test.simulator_calls(reference, "submit", result);
        (calls("received").await + calls("duplicate").await) as usize
    }

    async fn called_off(&self, world: &World, reference: &str) -> bool {
        let canceled = world.test.simulator_calls(reference, "cancel", "received");
        canceled.await > 0
    }
}
