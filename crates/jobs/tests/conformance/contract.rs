//! The gateway, and the carrier that its tests run on, against the carrier's own document. Run by
//! `scripts/carrier-contract`, which brings what knows the document: Prism.

mod document;
mod prism;
mod relay;

use std::{sync::Arc, time::Duration};

use portico_ambient::Ambient;
use portico_carrier::{
    Gateway, GatewayError, Kind, Outcome, PortRequest, Submitted,
    mapping::Mapper,
    telnyx::{Options, Telnyx},
};
use portico_domain::porting::{Behavior, Details};
use portico_outgoing::{AddressPolicy, Client, Target};
use portico_testkit::{
    sample,
    telnyx::{API_KEY, FakeTelnyx},
};

use crate::{suite, telnyx::FakeCarrier, world::World};
use document::Document;
use prism::Prism;
use relay::Relay;

/// The mock's orders have the reference that a document without examples gives them.
const MOCKED_REFERENCE: &str = "string";

fn gateway(url: &str) -> Arc<dyn Gateway> {
    let policy = AddressPolicy::with_loopback();
    let options = Options {
        base: Target::parse(url, &policy).expect("a good URL"),
        api_key: API_KEY.into(),
        public_key: Some([0; 32]),
        notice_url: Some("https://portico.example/carriers/telnyx/notices".to_owned()),
        requirement_group: Some("de748d99-06fa-4d90-9f9a-f4b62696bada".to_owned()),
        poll: Duration::from_secs(60),
        timeout: Duration::from_secs(8),
    };
    let mapper = Mapper::new("telnyx", Kind::Telnyx, Vec::new());
    Arc::new(Telnyx::new(
        Client::new(policy),
        options,
        mapper,
        Ambient::system(),
    ))
}

fn request(reference: &str) -> PortRequest {
    let mut details = Details::default();
    sample::details().apply(&mut details);
    PortRequest {
        reference: reference.to_owned(),
        porting: Ambient::system().id(),
        provider: "telnyx".to_owned(),
        phone_number: sample::number("+12125550100"),
        behavior: Behavior::PortIn,
        details,
    }
}

/// Every call of a port's life is one that the document describes, to the last property.
#[tokio::test]
async fn every_call_fits_the_document() {
    let prism = Prism::mock().await;
    let relay = Relay::to(&prism.url()).await;
    let telnyx = gateway(&relay.url());
    let number = sample::number("+12125550100");
    telnyx.check("telnyx", &number).await.expect("an answer");
    // One that is not there yet is made, one that is there is continued.
    for reference in ["not-there-1", MOCKED_REFERENCE] {
        let submitted = telnyx.submit(&request(reference)).await;
        assert_eq!(submitted, Ok(Submitted::Accepted), "{reference}");
    }
    assert_eq!(telnyx.has("not-there-1").await, Ok(false));
    telnyx.progress(MOCKED_REFERENCE).await.expect("an answer");
    telnyx.cancel(MOCKED_REFERENCE).await.expect("an answer");
    let document = Document::read();
    let calls = relay.calls();
    assert!(calls.len() > 8, "the whole life was told");
    for call in calls {
        assert_eq!(
            document.strangers_in(&call),
            [""; 0],
            "{} {}",
            call.method,
            call.path
        );
    }
}

/// Whatever error comes, and with whatever body, it is an error: neither success nor failure.
#[tokio::test]
async fn forced_errors_are_survived() {
    let prism = Prism::mock().await;
    let relay = Relay::to(&prism.url()).await;
    let telnyx = gateway(&relay.url());
    for code in [401, 404, 422, 429, 500, 503] {
        relay.prefer(&format!("code={code}"));
        let number = sample::number("+12125550100");
        let checked = telnyx.check("telnyx", &number).await;
        assert!(checked.is_err() || code == 422, "{code}: {checked:?}");
        let answers = [
            telnyx.submit(&request("mine-1")).await.map(drop),
            telnyx.has("mine-1").await.map(drop),
            telnyx.progress("mine-1").await.map(drop),
            telnyx.cancel("mine-1").await,
        ];
        for answer in answers {
            let error = answer.expect_err("no answer was one");
            assert_ne!(error, GatewayError::TimedOut, "{code}");
        }
    }
}

/// Answers that fit the document and make no sense have a meaning or are unreadable.
#[tokio::test]
async fn answers_made_up_by_the_document_are_survived() {
    let prism = Prism::mock().await;
    let relay = Relay::to(&prism.url()).await;
    relay.prefer("dynamic=true");
    let telnyx = gateway(&relay.url());
    let mut said = 0;
    for _ in 0..60 {
        if let Ok(progress) = telnyx.progress("mine-1").await {
            said += progress.answers.len();
            let leads = progress.answers.first().map(|it| &it.outcome);
            if let Some(Outcome::Declined { message, .. }) = leads {
                assert!(!message.is_empty());
            }
        }
        let _ = telnyx.submit(&request("mine-1")).await;
    }
    assert!(said > 0, "some answers had a meaning");
}

/// The carrier of our tests answers as the document says: a proxy that finds otherwise answers 500, and
/// then no story ends well.
#[tokio::test]
async fn the_carrier_of_our_tests_is_like_the_document() {
    macro_rules! tell {
        ($($story:ident),*) => {
            $(
                let fake = FakeTelnyx::start().await;
                let prism = Prism::proxy_of(&fake.url()).await;
                let carrier = FakeCarrier::behind(fake, prism.url());
                suite::$story(&World::of(carrier).await).await;
            )*
        };
    }
    tell!(
        it_is_accepted_and_completes,
        a_delay_changes_nothing_but_what_is_known,
        a_fixed_day_is_told_and_waited_for,
        each_decline_is_told_and_what_can_be_repaired_completes,
        a_declined_port_that_is_canceled_is_called_off,
        silence_before_the_carrier_acted_loses_nothing
    );
}
