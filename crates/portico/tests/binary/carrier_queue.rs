//! A carrier that is served by hand, worked while the server runs.

use serde_json::Value as Json;

use crate::{
    integrator::Integrator,
    support::{Home, Server},
};

/// What [`Integrator::bring`] gives the donor to check.
const SECRETS: [&str; 4] = ["4711-SECRET", "9021047119", "SECRETname", "SECRET Street"];

struct Office {
    home: Home,
    server: Server,
    backend: Integrator,
}

impl Office {
    fn open() -> Self {
        let home = Home::migrated()
            .with("PORTICO_CARRIERS_HARBOR_KIND", "manual")
            .with("PORTICO_CARRIERS_HARBOR_RECIPIENT_COUNTRIES", "US");
        let server = home.serve();
        let backend = Integrator::of(&home);
        Self {
            home,
            server,
            backend,
        }
    }

    /// Brings a number; its porting and the reference under which it waits.
    async fn bring(&self, number: &str) -> (String, String) {
        let porting = self.backend.bring_to("harbor", &self.server, number).await;
        let reference = format!("{porting}-1");
        while self.case(&reference).is_none() {
            tokio::task::yield_now().await;
        }
        (porting, reference)
    }

    fn carrier(&self, args: &[&str]) -> String {
        self.home.must(&[&["carrier"], args].concat())
    }

    fn refused(&self, args: &[&str]) -> String {
        self.home.must_fail(&[&["carrier"], args].concat())
    }

    fn queue(&self) -> Vec<Json> {
        let text = self.carrier(&["queue", "--json"]);
        let queue: Json = serde_json::from_str(&text).expect("JSON");
        queue["cases"].as_array().expect("a list").clone()
    }

    fn case(&self, reference: &str) -> Option<Json> {
        let mut queue = self.queue().into_iter();
        queue.find(|case| case["reference"] == reference)
    }

    async fn wait_for(&self, porting: &str, status: &str) {
        self.backend.wait_for(&self.server, porting, status).await;
    }
}

#[tokio::test]
async fn a_request_is_handed_in_by_whoever_took_it() {
    let office = Office::open();
    let (porting, reference) = office.bring("+19595550143").await;
    let reference = reference.as_str();
    let case = office.case(reference).expect("it waits");
    assert_eq!(
        (&case["state"], &case["operator"]),
        (&"waiting".into(), &Json::Null)
    );
    assert_eq!(case["phoneNumber"], "+19595550143");
    assert!(case["ageSeconds"].as_i64() >= Some(0));
    assert_eq!(
        office.backend.status(&office.server, &porting).await,
        "pending"
    );
    let listed = office.carrier(&["queue", "--provider", "harbor"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert_eq!(
        office
            .carrier(&["queue", "--provider", "other"])
            .lines()
            .count(),
        1
    );

    let ada = ["--operator", "Ada"];
    let bob = ["--operator", "Bob"];
    let of = |command: &'static str, operator: [&'static str; 2]| {
        [&[command, reference][..], &operator].concat()
    };
    assert!(
        office
            .refused(&of("show", ada))
            .contains("nobody has taken the case")
    );
    let taken = office.carrier(&of("take", ada));
    let shown = office.carrier(&[&of("show", ada)[..], &["--json"]].concat());
    for secret in SECRETS {
        assert!(taken.contains(secret), "{secret}: {taken}");
        assert!(shown.contains(secret), "{secret}: {shown}");
        assert!(!listed.contains(secret) && !case.to_string().contains(secret));
    }
    for command in ["take", "show", "release"] {
        let why = office.refused(&of(command, bob));
        assert!(
            why.contains(reference) && why.contains("Ada has taken"),
            "{why}"
        );
    }
    let forced = office.carrier(&[&of("take", bob)[..], &["--force"]].concat());
    assert!(forced.contains("9021047119"));
    assert!(office.refused(&of("show", ada)).contains("Bob has taken"));

    office.carrier(&["record", reference, "accepted", "--operator", "Bob"]);
    office.wait_for(&porting, "requested").await;
    let said = ["--code", "8C", "--text", "Transfer PIN incorrect"];
    let record = [&["record", reference, "declined"][..], &bob, &said].concat();
    assert_eq!(
        office.carrier(&record).trim(),
        format!("{reference}: closed")
    );
    office.wait_for(&porting, "declined").await;
    let declined = office.backend.porting(&office.server, &porting).await;
    assert_eq!(
        declined["declinedCode"],
        "portingAccountPinRequiredOrInvalid"
    );
    assert!(office.case(reference).is_none());
    assert!(office.refused(&record).contains("the case is closed"));
    let log = office.server.stop();
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_porting_canceled_in_the_queue_asks_to_be_called_off_if_somebody_has_it() {
    let office = Office::open();
    let (untaken, first) = office.bring("+19595550144").await;
    let (taken, second) = office.bring("+19595550145").await;
    let (first, second) = (first.as_str(), second.as_str());
    office.carrier(&["take", second, "--operator", "Ada"]);
    for porting in [&untaken, &taken] {
        let path = format!("portings/{porting}/cancel");
        let body = serde_json::json!({});
        office.backend.post(&office.server, &path, &body).await;
    }
    let state = |case: Option<Json>| case.map(|case| case["state"].clone());
    while office.case(first).is_some() {
        tokio::task::yield_now().await;
    }
    while state(office.case(second)) != Some("callOff".into()) {
        tokio::task::yield_now().await;
    }
    let shown = office.carrier(&["show", second, "--operator", "Ada"]);
    assert!(shown.contains("call it off in the portal"), "{shown}");
    assert!(
        !shown.contains("9021047119"),
        "nothing is to be typed any more"
    );
    office.carrier(&["record", second, "calledOff", "--operator", "Ada"]);
    assert_eq!(office.queue().len(), 0);
    office.server.stop();
}

#[tokio::test]
async fn a_mistake_is_told_in_one_line() {
    let office = Office::open();
    let (_, reference) = office.bring("+19595550146").await;
    let reference = reference.as_str();
    office.carrier(&["take", reference, "--operator", "Ada"]);
    let ada = ["--operator", "Ada"];
    let cases: [(&[&str], &str); 9] = [
        (
            &["take", "prt_nobody-1", "--operator", "Ada"],
            "REFERENCE: there is no case",
        ),
        (&["take", reference], "--operator"),
        (&["take", reference, "--operator", " "], "--operator"),
        (
            &["record", reference, "moved", "--operator", "Ada"],
            "moved",
        ),
        (
            &[&["record", reference, "foc"], &ada[..]].concat(),
            "--date: is required",
        ),
        (
            &[&["record", reference, "foc", "--date", "soon"], &ada[..]].concat(),
            "--date",
        ),
        (
            &[
                &["record", reference, "completed", "--date", "2026-03-09"],
                &ada[..],
            ]
            .concat(),
            "--date: is for foc",
        ),
        (
            &[&["record", reference, "declined", "--code", ""], &ada[..]].concat(),
            "--code: must have",
        ),
        (
            &[&["record", reference, "calledOff"], &ada[..]].concat(),
            "nothing to call off",
        ),
    ];
    for (args, at_fault) in cases {
        let why = office.refused(args);
        assert!(why.contains(at_fault), "{args:?}: {why}");
    }
    office.carrier(&["release", reference, "--operator", "Ada"]);
    let case = office.case(reference).expect("it waits again");
    assert_eq!(case["state"], "waiting");
}
