//! `portico trigger`: real events on demand.

mod faults;

use serde_json::Value;

use crate::{
    developer::Developer,
    support::{Home, Server},
};

/// What only time brings; see below.
const EXPIRED: &str = "connectSession.expired";

fn listed(home: &Home) -> Vec<String> {
    let lines = home.must(&["trigger", "--list", "--json"]);
    let lines = lines.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        assert!(line["how"].is_string(), "{line}");
        line["eventType"].as_str().expect("a type").to_owned()
    });
    lines.collect()
}

#[tokio::test]
async fn everything_that_is_listed_happens() {
    let developer = Developer::new();
    let backend = developer.backend();
    let kinds = listed(&developer.home);
    assert_eq!(kinds.len(), 25, "every type there is");
    for kind in kinds.iter().filter(|kind| *kind != EXPIRED) {
        let triggered = developer.trigger(kind);
        let id = triggered["event"].as_str().expect("an id");
        let event = backend.get(&format!("events/{id}")).await;
        assert_eq!(event["type"], format!("com.portico.{kind}"));
        assert_eq!(event["type"], triggered["eventType"]);
        assert_eq!(event["subject"], triggered["subject"]);
        assert_eq!(event["time"], triggered["time"]);
        let resource = kind.split('.').next().expect("a resource");
        assert_eq!(event["data"]["object"], resource, "{kind}");
    }
    let left = backend.get("webhookEndpoints").await;
    assert_eq!(left["items"], serde_json::json!([]), "it takes up no room");
}

#[tokio::test]
async fn a_link_that_nobody_opens_expires_when_its_time_is_over() {
    let developer = Developer::with_server(&["--role", "api"]);
    let output = developer.run(&["trigger", EXPIRED, "--no-wait", "--json"]);
    assert!(output.status.success());
    let triggered: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(triggered["event"], Value::Null, "it has not happened yet");
    let session = triggered["subject"].as_str().expect("an id");
    let past =
        format!("UPDATE connect_sessions SET expires_at = created_at WHERE id = '{session}'");
    developer
        .home
        .database
        .by_hand(past)
        .await
        .expect("changed");
    let _worker = developer.home.serve_with(&["--role", "worker"]);
    let path = format!("events?subject={session}");
    loop {
        let events = developer.backend().get(&path).await;
        if events["items"][0]["type"] == "com.portico.connectSession.expired" {
            break;
        }
        tokio::task::yield_now().await;
    }
}

/// `trigger` with no more than `dev` needs: on this machine its project and key are known.
fn trigger_in_dev(home: &Home, server: &Server, event: &str) -> String {
    let url = server.url("");
    home.must(&["trigger", event, "--server", &url])
}

#[test]
fn in_dev_it_needs_no_key_and_moves_the_clock_that_can_be_moved() {
    let home = Home::new();
    let (server, _) = home.dev(&["--test-clock"]);
    for event in [EXPIRED, "com.portico.porting.completed"] {
        let said = trigger_in_dev(&home, &server, event);
        let kind = event.trim_start_matches("com.portico.");
        assert!(
            said.starts_with(&format!("com.portico.{kind}  evt_")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
    }
}

#[test]
fn a_live_project_is_left_alone() {
    let developer = Developer::new();
    developer
        .home
        .must(&["project", "create", "real", "--type", "live"]);
    let key = developer
        .home
        .must(&["api-key", "create", "--project", "real"]);
    let url = developer.server.url("");
    let args = [
        "trigger",
        "user.created",
        "--server",
        &url,
        "--project",
        "real",
    ];
    let error = developer
        .home
        .must_fail_with("PORTICO_API_KEY", key.trim(), &args);
    assert!(
        error.starts_with("--project: real is a live project"),
        "{error}"
    );
    let mut list = developer.home.command(&args);
    list.args(["--no-wait"]).env("PORTICO_API_KEY", key.trim());
    assert!(!list.output().expect("a process").status.success());
}

#[test]
fn what_does_not_happen_in_time_is_an_error() {
    // Nobody does the durable work.
    let developer = Developer::with_server(&["--role", "api"]);
    let output = developer.run(&["trigger", "porting.completed", "--timeout", "1"]);
    assert!(!output.status.success() && output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).expect("text");
    assert!(
        error.starts_with("error: --timeout: porting.completed of prt_"),
        "{error}"
    );
    let error = developer.home.must_fail(&["trigger", "porting.done"]);
    assert!(
        error.starts_with("EVENT: ") && error.contains("--list"),
        "{error}"
    );
    let error = developer.home.must_fail(&["trigger"]);
    assert!(error.contains("EVENT"), "{error}");
}
