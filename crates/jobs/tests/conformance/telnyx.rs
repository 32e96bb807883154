//! The gateway `telnyx`, on a carrier that speaks its API.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use portico_carrier::{
    Gateway, Kind,
    mapping::Mapper,
    telnyx::{Options, Telnyx},
};
use portico_domain::{connected, country::Country, decline::DeclineCode, porting::Porting};
use portico_outgoing::{AddressPolicy, Client, Target};
use portico_store::Db;
use portico_testkit::telnyx::{API_KEY, FakeTelnyx, Mishap};

use crate::{
    script::Script,
    world::{Carrier, Decline, Story, World},
};

pub struct FakeCarrier {
    fake: FakeTelnyx,
    /// Where the API is: the carrier itself, or a proxy in front of it.
    url: String,
    script: Script<Word>,
}

/// What the carrier says next.
enum Word {
    Delay,
    FixTheDay,
    Decline(Decline),
    Port,
}

impl FakeCarrier {
    pub async fn start() -> Self {
        let fake = FakeTelnyx::start().await;
        let url = fake.url();
        Self::behind(fake, url)
    }

    pub fn behind(fake: FakeTelnyx, url: String) -> Self {
        connected::connect("telnyx", &[Country::US], None).expect("the US are known");
        Self {
            fake,
            url,
            script: Script::from(2_000_000),
        }
    }
}

/// Every exception that is a decline, as the carrier lists them, and what it means.
const EXCEPTIONS: [(&str, DeclineCode); 18] = [
    ("PASSCODE_PIN_INVALID", DeclineCode::AccountPin),
    ("ACCOUNT_NUMBER_MISMATCH", DeclineCode::AccountNumber),
    ("AUTH_PERSON_MISMATCH", DeclineCode::UserInformation),
    ("BTN_ATN_MISMATCH", DeclineCode::AccountNumber),
    ("ENTITY_NAME_MISMATCH", DeclineCode::UserInformation),
    ("FOC_EXPIRED", DeclineCode::Declined),
    ("LOCATION_MISMATCH", DeclineCode::Address),
    ("LSR_PENDING", DeclineCode::PendingOtherProvider),
    ("MAIN_BTN_PORTING", DeclineCode::Declined),
    ("OTHER", DeclineCode::PortProtected),
    (
        "PHONE_NUMBER_HAS_SPECIAL_FEATURE",
        DeclineCode::Administrative,
    ),
    ("PHONE_NUMBER_MISMATCH", DeclineCode::NotFound),
    ("PHONE_NUMBER_NOT_PORTABLE", DeclineCode::Administrative),
    ("PORT_TYPE_INCORRECT", DeclineCode::Prepaid),
    ("PORTING_ORDER_SPLIT_REQUIRED", DeclineCode::Declined),
    ("POSTAL_CODE_MISMATCH", DeclineCode::ZipCode),
    ("RATE_CENTER_NOT_PORTABLE", DeclineCode::Administrative),
    ("SV_UNKNOWN_FAILURE", DeclineCode::Declined),
];

/// The gateway of the carrier at `url`.
pub fn gateway(url: &str, public_key: [u8; 32], db: &Db) -> Arc<dyn Gateway> {
    let policy = AddressPolicy::with_loopback();
    let options = Options {
        base: Target::parse(url, &policy).expect("a good URL"),
        api_key: API_KEY.into(),
        public_key: Some(public_key),
        notice_url: Some("https://portico.example/carriers/telnyx/notices".to_owned()),
        requirement_group: None,
        poll: Duration::from_secs(60),
        timeout: Duration::from_secs(1),
    };
    let mapper = Mapper::new("telnyx", Kind::Telnyx, Vec::new());
    let telnyx = Telnyx::new(Client::new(policy), options, mapper, db.ambient().clone());
    Arc::new(telnyx)
}

#[async_trait]
impl Carrier for FakeCarrier {
    fn provider(&self) -> &'static str {
        "telnyx"
    }

    fn gateway(&self, db: &Db) -> Arc<dyn Gateway> {
        gateway(&self.url, self.fake.public_key(), db)
    }

    fn number(&self, story: Story) -> String {
        let words = match story {
            Story::Completes => vec![Word::Port],
            Story::Delays => vec![Word::Delay, Word::Port],
            Story::FixesADay => vec![Word::FixTheDay, Word::Port],
            Story::Declines(decline) => vec![Word::Decline(decline), Word::Port],
            Story::NeverEnds | Story::Expires => vec![],
            Story::SilentBefore => {
                self.fake.next("POST confirm", Mishap::Silence);
                vec![Word::Port]
            }
            Story::SilentAfter => {
                self.fake.next("POST confirm", Mishap::DoneButSilence);
                vec![Word::Port]
            }
        };
        self.script.number(words)
    }

    fn declines(&self) -> Vec<Decline> {
        let decline = |(code, means): (&str, DeclineCode)| Decline {
            code: code.to_owned(),
            text: match code {
                "OTHER" => "The account has a Number Lock".to_owned(),
                _ => "Rejected by the losing carrier".to_owned(),
            },
            means,
        };
        EXCEPTIONS.into_iter().map(decline).collect()
    }

    async fn go_on(&self, _: &World, porting: &Porting) {
        let reference = porting.reference();
        match self.script.next(porting) {
            Some(Word::Delay) => {
                let reason = [("OSP_IRRESPONSIVE", "No answer of the losing carrier")];
                self.fake.decline(&reference, &reason);
            }
            Some(Word::FixTheDay) => self.fake.fix_date(&reference, "2026-03-09T15:00:00Z"),
            Some(Word::Decline(decline)) => {
                let reason = [(decline.code.as_str(), decline.text.as_str())];
                self.fake.decline(&reference, &reason);
            }
            Some(Word::Port) => self.fake.set_status(&reference, "ported"),
            None => {}
        }
    }

    async fn taken(&self, _: &World, reference: &str) -> usize {
        self.fake.handed_in(reference)
    }

    async fn called_off(&self, _: &World, reference: &str) -> bool {
        let status = self.fake.status(reference);
        status.is_some_and(|status| status == "cancel-pending")
    }

    fn requests(&self, number: &str) -> Option<usize> {
        Some(self.fake.orders_for(number))
    }
}
