//! What every number of the simulator does. The tables here are written from the specification and
//! know nothing of the simulator's own.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use portico_carrier::{Answer, Gateway, GatewayError, Outcome, PortRequest, Portability};
use portico_domain::{
    id::PortingId,
    porting::{Behavior, Details, Field},
};
use portico_testkit::{Options, TestApp, sample};

/// What the carrier says, and how many seconds after the request came.
type Script = &'static [(i64, &'static str)];

const COMPLETES: Script = &[(2, "completed SIM-00")];

/// Last three digits; what the first request of a porting hears; what the second one hears.
const SCRIPTS: [(&str, Script, Script); 26] = [
    ("100", COMPLETES, COMPLETES),
    (
        "102",
        &[(2, "portingDeclined 6G")],
        &[(2, "portingDeclined 6G")],
    ),
    ("103", &[(2, "portingDeclined 6G")], COMPLETES),
    ("104", COMPLETES, COMPLETES),
    (
        "105",
        &[(2, "portingPhoneNumberPortProtected 6P")],
        COMPLETES,
    ),
    ("106", COMPLETES, COMPLETES),
    (
        "107",
        &[(2, "portingPhoneNumberNotFound 6A")],
        &[(2, "portingPhoneNumberNotFound 6A")],
    ),
    (
        "108",
        &[(2, "portingPhoneNumberNotActive 6D")],
        &[(2, "portingPhoneNumberNotActive 6D")],
    ),
    (
        "109",
        &[(2, "portingPendingOtherProvider 6M")],
        &[(2, "portingPendingOtherProvider 6M")],
    ),
    (
        "110",
        &[(2, "portingAccountPinRequiredOrInvalid 8C")],
        COMPLETES,
    ),
    (
        "111",
        &[(2, "portingAccountNumberRequiredOrInvalid 8A")],
        COMPLETES,
    ),
    (
        "112",
        &[(2, "portingAddressRequiredOrInvalid 8D")],
        COMPLETES,
    ),
    (
        "113",
        &[(2, "portingFirstNameRequiredOrInvalid 8E")],
        COMPLETES,
    ),
    (
        "114",
        &[(2, "portingLastNameRequiredOrInvalid 8F")],
        COMPLETES,
    ),
    (
        "115",
        &[(300, "completed SIM-00")],
        &[(300, "completed SIM-00")],
    ),
    (
        "116",
        &[(2, "portingPhoneNumberNotEligible 6K")],
        &[(2, "portingPhoneNumberNotEligible 6K")],
    ),
    ("117", COMPLETES, COMPLETES),
    (
        "118",
        &[(2, "portingUserInformationMismatch 6C")],
        COMPLETES,
    ),
    ("119", COMPLETES, COMPLETES),
    (
        "122",
        &[(2, "delayed SIM-6H"), (4, "completed SIM-00")],
        &[(2, "delayed SIM-6H"), (4, "completed SIM-00")],
    ),
    (
        "123",
        &[(2, "completed SIM-00"), (2, "completed SIM-00")],
        &[(2, "completed SIM-00"), (2, "completed SIM-00")],
    ),
    ("124", &[(10, "expired SIM-99")], &[(10, "expired SIM-99")]),
    ("125", COMPLETES, COMPLETES),
    ("126", COMPLETES, COMPLETES),
    ("127", &[(2, "failed SIM-50")], &[(2, "failed SIM-50")]),
    ("999", COMPLETES, COMPLETES),
];

struct World {
    app: TestApp,
    gateway: Arc<dyn Gateway>,
}

async fn world(time_scale: f64) -> World {
    let app = TestApp::with(Options {
        time_scale,
        ..Options::default()
    })
    .await;
    let gateway = app
        .app
        .gateways
        .find("test")
        .expect("the test kit serves `test`")
        .clone();
    World { app, gateway }
}

fn porting(n: u16) -> PortingId {
    PortingId::from_parts(1, n, [0; 12])
}

fn request(porting: PortingId, nth: u32, number: &str) -> PortRequest {
    PortRequest {
        reference: format!("{porting}-{nth}"),
        porting,
        provider: "test".to_owned(),
        phone_number: sample::number(number),
        behavior: Behavior::PortIn,
        details: Details::default(),
    }
}

fn in_words(answer: &Answer) -> String {
    assert!(answer.raw_text.is_some(), "a carrier has words of its own");
    let raw = answer.raw_code.as_deref().unwrap_or_default();
    match &answer.outcome {
        Outcome::Declined { code, message } => {
            assert!(!message.is_empty());
            format!("{code} {raw}")
        }
        other => format!("{} {raw}", other.name()),
    }
}

impl World {
    async fn said(&self, request: &PortRequest) -> (Vec<String>, Option<Timestamp>) {
        let progress = self
            .gateway
            .progress(&request.reference)
            .await
            .expect("the simulator answers");
        let words = progress.answers.iter().map(in_words).collect();
        (words, progress.ask_again_at)
    }

    /// Hands a request in and listens until the carrier has nothing more to say.
    async fn check_script(&self, request: &PortRequest, script: Script, scale: f64) {
        let number = request.phone_number.as_str();
        self.gateway
            .submit(request)
            .await
            .expect("the simulator takes the request");
        let received = self.app.now();
        let due = |seconds: i64| received + SignedDuration::from_secs(seconds).mul_f64(scale);
        let mut moments: Vec<_> = script.iter().map(|(seconds, _)| *seconds).collect();
        moments.dedup();
        for moment in moments {
            self.app.advance(
                due(moment).duration_since(self.app.now()) - SignedDuration::from_micros(1),
            );
            let before: Vec<_> = said_before(script, moment);
            let expected = (before, Some(due(moment)));
            assert_eq!(
                self.said(request).await,
                expected,
                "{number} before {moment} s"
            );
            self.app.advance(SignedDuration::from_micros(1));
            let (heard, _) = self.said(request).await;
            assert_eq!(
                heard,
                said_before(script, moment + 1),
                "{number} at {moment} s"
            );
        }
        let (_, ask_again_at) = self.said(request).await;
        assert_eq!(ask_again_at, None, "{number} has said everything");
    }
}

fn said_before(script: Script, moment: i64) -> Vec<String> {
    let said = script.iter().filter(|(seconds, _)| *seconds < moment);
    said.map(|(_, words)| (*words).to_owned()).collect()
}

#[tokio::test]
async fn every_number_follows_its_script_in_both_countries() {
    let world = world(1.0).await;
    let mut n = 0;
    for range in ["+19595550", "+447700900"] {
        for (digits, first, second) in SCRIPTS {
            n += 1;
            let number = format!("{range}{digits}");
            let first_request = request(porting(n), 1, &number);
            world.check_script(&first_request, first, 1.0).await;
            let second_request = request(porting(n), 2, &number);
            world.check_script(&second_request, second, 1.0).await;
            let third_request = request(porting(n), 3, &number);
            world.check_script(&third_request, second, 1.0).await;
        }
    }
}

#[tokio::test]
async fn once_counts_for_each_porting_on_its_own() {
    let world = world(1.0).await;
    let declined: Script = &[(2, "portingAccountPinRequiredOrInvalid 8C")];
    for n in 0..2 {
        let request = request(porting(n), 1, "0110");
        world.check_script(&request, declined, 1.0).await;
    }
}

#[tokio::test]
async fn any_other_number_completes() {
    let world = world(1.0).await;
    for (n, number) in (0..).zip(["+12015550110", "+19595559110", "+4915112345110"]) {
        world
            .check_script(&request(porting(n), 1, number), COMPLETES, 1.0)
            .await;
    }
}

#[tokio::test]
async fn every_time_is_scaled() {
    let world = world(0.1).await;
    let five_minutes: Script = &[(300, "completed SIM-00")];
    world
        .check_script(&request(porting(1), 1, "0115"), five_minutes, 0.1)
        .await;
    world
        .check_script(&request(porting(2), 1, "0100"), COMPLETES, 0.1)
        .await;
}

#[tokio::test]
async fn the_portability_check_knows_its_numbers() {
    let world = world(1.0).await;
    let needs = |fields: &[Field]| Portability::Portable {
        also_required: fields.to_vec(),
    };
    for (number, also_required) in [
        ("0100", &[][..]),
        ("0104", &[Field::DonorProviderApproval]),
        ("0120", &[]),
        ("0125", &[Field::DonorProvider]),
        ("+12015550101", &[]),
    ] {
        let checked = world.gateway.check("test", &sample::number(number)).await;
        assert_eq!(checked, Ok(needs(also_required)), "{number}");
    }
    for range in ["+19595550", "+447700900"] {
        let number = |digits: &str| sample::number(&format!("{range}{digits}"));
        let refused = world.gateway.check("test", &number("101")).await;
        assert!(matches!(refused, Ok(Portability::NotPortable(_))));
        let down = world.gateway.check("test", &number("126")).await;
        assert!(matches!(down, Err(GatewayError::Unavailable(_))));
    }
}

#[tokio::test]
async fn a_request_that_comes_twice_is_taken_once_and_both_calls_are_noted() {
    let world = world(1.0).await;
    let request = request(porting(1), 1, "0110");
    assert_eq!(world.gateway.has(&request.reference).await, Ok(false));
    assert_eq!(world.said(&request).await, (Vec::new(), None));
    world.gateway.submit(&request).await.unwrap();
    assert_eq!(world.gateway.has(&request.reference).await, Ok(true));
    world.gateway.submit(&request).await.unwrap();

    let calls = |result| {
        world
            .app
            .simulator_calls(&request.reference, "submit", result)
    };
    assert_eq!((calls("received").await, calls("duplicate").await), (1, 1));
    world.app.advance(SignedDuration::from_secs(2));
    let (heard, _) = world.said(&request).await;
    assert_eq!(heard, ["portingAccountPinRequiredOrInvalid 8C"]);
}

#[tokio::test]
async fn a_request_that_was_called_off_gets_no_answer() {
    let world = world(1.0).await;
    let request = request(porting(1), 1, "0100");
    world.gateway.submit(&request).await.unwrap();
    world.gateway.cancel(&request.reference).await.unwrap();
    world.app.advance(SignedDuration::from_secs(60));
    assert_eq!(world.said(&request).await, (Vec::new(), None));
    assert_eq!(world.gateway.cancel("never handed in").await, Ok(()));
    let calls = world
        .app
        .simulator_calls(&request.reference, "cancel", "received");
    assert_eq!(calls.await, 1);
}

#[tokio::test]
async fn a_silent_number_is_received_although_nobody_says_so() {
    // 30 seconds become 1.5, and the caller has half a second.
    let world = world(0.05).await;
    let request = request(porting(1), 1, "0120");
    let patience = Duration::from_millis(500);
    let answer = tokio::time::timeout(patience, world.gateway.submit(&request)).await;
    assert!(answer.is_err(), "no answer in time");
    assert_eq!(world.gateway.has(&request.reference).await, Ok(true));
    assert_eq!(
        world.gateway.submit(&request).await,
        Ok(portico_carrier::Submitted::Accepted),
        "in the end it answers"
    );
}

#[tokio::test]
async fn a_refusing_number_refuses_twice_and_then_takes_the_request() {
    let world = world(1.0).await;
    let request = request(porting(1), 1, "0121");
    for _ in 0..2 {
        let refused = world.gateway.submit(&request).await;
        assert!(matches!(refused, Err(GatewayError::Unavailable(_))));
        assert_eq!(world.gateway.has(&request.reference).await, Ok(false));
    }
    world.check_script(&request, COMPLETES, 1.0).await;
}

#[tokio::test]
async fn its_books_outlive_the_process() {
    let World { app, gateway } = world(1.0).await;
    let request = request(porting(1), 1, "0100");
    gateway.submit(&request).await.unwrap();
    let app = app.reopen().await;
    let gateway = app.app.gateways.find("test").unwrap().clone();
    let world = World { app, gateway };
    assert_eq!(world.gateway.has(&request.reference).await, Ok(true));
    world.app.advance(SignedDuration::from_secs(2));
    assert_eq!(world.said(&request).await.0, ["completed SIM-00"]);
}
