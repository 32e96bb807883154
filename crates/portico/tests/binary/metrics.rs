//! What `/metrics` tells, and that dashboard, alerts and guide speak of the same things.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::{
    integrator::Integrator,
    support::{Home, Server},
};

const GUIDE: &str = include_str!("../../../../docs/OPERATIONS.md");
const ALERTS: &str = include_str!("../../../../deploy/prometheus/alerts.yml");
const DASHBOARD: &str = include_str!("../../../../deploy/grafana/portico.json");

const SECRET: &str = "whsec_cG9ydGljbyB0ZXN0IHNlY3JldCwgbmV2ZXIgZm9yIHJlYWw=";

/// A server with metrics, and where they are.
pub fn serve(home: Home) -> (Home, Server, String) {
    let home = home
        .with("PORTICO_METRICS_LISTEN", "127.0.0.1:0")
        .with("PORTICO_SIMULATOR_TIME_SCALE", "0.01")
        .with("PORTICO_CARRIERS_HARBOR_KIND", "manual")
        .with("PORTICO_CARRIERS_HARBOR_RECIPIENT_COUNTRIES", "US")
        .with("PORTICO_CARRIERS_BLUE_KIND", "http")
        .with("PORTICO_CARRIERS_BLUE_RECIPIENT_COUNTRIES", "US")
        .with("PORTICO_CARRIERS_BLUE_URL", "https://ports.shop.example/")
        .with("PORTICO_CARRIERS_BLUE_SECRET", SECRET);
    let mut server = Server::start(home.command(&["serve"]));
    let address_in = |line: &str| {
        let line = server.errors.wait_for(line);
        let address = line.split("address=").nth(1).expect("an address");
        let address = address.split_whitespace().next().expect("a word");
        address.to_owned()
    };
    let metrics = address_in("metrics are served");
    server.address = address_in("listening");
    (home, server, format!("http://{metrics}/metrics"))
}

pub async fn scrape(url: &str) -> String {
    let answer = reqwest::get(url).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().expect("text");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    answer.text().await.expect("text")
}

/// The value of the series that begins with `series`.
pub fn value(page: &str, series: &str) -> Option<f64> {
    let line = page.lines().find(|line| line.starts_with(series))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Metrics with their types, named as queries name them.
fn told(page: &str) -> BTreeMap<String, String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let named = types.map(|line| {
        let (name, kind) = line.split_once(' ').expect("name and type");
        let suffix = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        (format!("{name}{suffix}"), kind.to_owned())
    });
    named.collect()
}

/// The names of metrics in a text, without what a histogram's series add.
fn mentioned(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c));
    let ours = words.filter(|word| word.starts_with("portico_"));
    let base = |word: &str| {
        let histogram = ["_bucket", "_count", "_sum"]
            .iter()
            .find_map(|suffix| word.strip_suffix(suffix));
        histogram.unwrap_or(word).to_owned()
    };
    ours.map(base).collect()
}

/// Lets everything happen once that is counted.
async fn let_things_happen(integrator: &Integrator, server: &Server) {
    let completed = integrator.bring(server, "+19595550121").await;
    let declined = integrator.bring(server, "+19595550102").await;
    integrator.wait_for(server, &completed, "completed").await;
    integrator.wait_for(server, &declined, "declined").await;
}

/// Lets one request wait for an operator, and one be refused in words that no row of the mapping knows.
async fn let_a_queue_fill(home: &Home, integrator: &Integrator, server: &Server) {
    let refused = integrator.bring_to("harbor", server, "+19595550143").await;
    integrator.bring_to("harbor", server, "+19595550144").await;
    let case = format!("{refused}-1");
    let queued = || home.must(&["carrier", "queue"]);
    while queued().lines().count() < 3 {
        tokio::task::yield_now().await;
    }
    let ada = ["--operator", "Ada"];
    home.must(&[&["carrier", "take", &case][..], &ada].concat());
    let words = ["declined", "--code", "ZZ", "--text", "unheard of"];
    home.must(&[&["carrier", "record", &case][..], &words, &ada].concat());
    integrator.wait_for(server, &refused, "declined").await;
}

#[tokio::test]
async fn dashboard_alerts_and_guide_speak_of_what_is_told() {
    let (home, server, url) = serve(Home::migrated());
    let integrator = Integrator::of(&home);
    let_things_happen(&integrator, &server).await;
    let_a_queue_fill(&home, &integrator, &server).await;
    let told = told(&scrape(&url).await);
    let names: BTreeSet<_> = told.keys().cloned().collect();
    let rows = GUIDE.lines().filter(|line| line.starts_with("| `portico_"));
    let guide: BTreeMap<_, _> = rows
        .map(|row| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`').to_owned(), cells[2].to_owned())
        })
        .collect();
    assert_eq!(guide, told, "the guide's table and what is told");
    let shown: BTreeSet<_> = mentioned(DASHBOARD);
    assert_eq!(shown, names, "the dashboard shows everything");
    let watched = mentioned(ALERTS);
    assert!(watched.is_subset(&names), "{watched:?}");
    let text: BTreeSet<_> = mentioned(GUIDE)
        .into_iter()
        .filter(|name| name != "portico_jobs_" && name != "portico_api")
        .collect();
    assert!(text.is_subset(&names), "{text:?}");
}

#[test]
fn every_alert_has_its_advice() {
    let alerts = ALERTS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let advice = GUIDE
        .lines()
        .filter_map(|line| line.strip_prefix("### Portico"));
    let advice: Vec<_> = advice.map(|name| format!("Portico{name}")).collect();
    assert_eq!(alerts.collect::<Vec<_>>(), advice);
    let json: serde_json::Value = serde_json::from_str(DASHBOARD).expect("the dashboard is JSON");
    assert_eq!(json["title"], "Portico");
}

#[tokio::test]
async fn what_happens_is_counted_and_nothing_personal_is_told() {
    let (home, server, url) = serve(Home::migrated());
    let integrator = Integrator::of(&home);
    let_things_happen(&integrator, &server).await;
    for secret in [
        "/projects/acme/portings/prt_SECRETid",
        "/SECRETpath?q=SECRETquery",
    ] {
        reqwest::get(server.url(secret)).await.expect("an answer");
    }
    let page = scrape(&url).await;
    assert!(page.ends_with("# EOF\n"));
    for (series, expected) in [
        (
            r#"portico_http_requests_total{route="/projects/{project}/subscriptions",method="POST",status="2xx"}"#,
            2.0,
        ),
        (
            r#"portico_http_requests_total{route="-",method="GET",status="4xx"}"#,
            1.0,
        ),
        (
            r#"portico_gateway_call_duration_seconds_count{provider="test",call="submit",result="unavailable"}"#,
            2.0,
        ),
        (
            r#"portico_gateway_call_duration_seconds_count{provider="test",call="check",result="ok"}"#,
            2.0,
        ),
        (
            r#"portico_job_put_backs_total{kind="porting.submit",reason="unavailable"}"#,
            2.0,
        ),
        (r#"portico_events_total{type="porting.requested"}"#, 2.0),
        (r#"portico_events_total{type="porting.completed"}"#, 1.0),
        (r#"portico_events_total{type="porting.expired"}"#, 0.0),
        (
            r#"portico_porting_declines_total{provider="test",code="portingDeclined"}"#,
            1.0,
        ),
    ] {
        assert_eq!(value(&page, series), Some(expected), "{series} in\n{page}");
    }
    for personal in ["SECRET", "prt_", "sub_", "5550102", "Thora", "acme"] {
        assert!(!page.contains(personal), "{personal} in\n{page}");
    }
    let refused = reqwest::get(server.url("/metrics"))
        .await
        .expect("an answer");
    assert_eq!(refused.status(), 404, "never on the public listener");
}

/// What was refused or undone did not happen.
#[tokio::test]
async fn what_was_not_kept_is_not_counted() {
    let (home, server, url) = serve(Home::migrated());
    let integrator = Integrator::of(&home);
    let user = json!({ "email": "a@example.com", "fullName": "A" });
    let user = integrator.create(&server, "users", &user).await;
    let twice = json!({ "email": user["email"], "fullName": "A" });
    let created = r#"portico_events_total{type="user.created"}"#;
    let status = integrator.refused(&server, "users", &twice).await;
    assert_eq!(status, 422);
    assert_eq!(value(&scrape(&url).await, created), Some(1.0));
}
