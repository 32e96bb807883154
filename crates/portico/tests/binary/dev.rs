//! `portico dev`: what an integrator has after one command.

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{Home, Server};

const NAMES: [&str; 8] = [
    "fresh",
    "halfEntered",
    "declinedPin",
    "declinedAccountNumber",
    "declinedAddress",
    "declinedProtected",
    "declinedForGood",
    "nothingToPort",
];

fn texts<'a>(samples: &'a Value, key: &str) -> Vec<&'a str> {
    let all = samples["samples"].as_array().expect("samples");
    all.iter()
        .filter_map(|sample| sample[key].as_str())
        .collect()
}

/// A link of an earlier start, where the server listens now.
fn moved(server: &Server, url: &str) -> String {
    let path = url.find("/portal").expect("a path");
    server.url(&url[path..])
}

async fn step_of(url: String) -> String {
    let page = reqwest::get(url)
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a page");
    let step = page.split("data-step=\"").nth(1).expect("a step");
    step.split('"').next().expect("its name").to_owned()
}

fn statuses(home: &Home, samples: &Value) -> Vec<String> {
    let path = home.path().join("portico-data/portico.db");
    let database = Connection::open(path).expect("a database");
    let sql = "SELECT COALESCE(declined_code, status) FROM portings WHERE id = $1";
    let status = |id| database.query_row(sql, [id], |row| row.get(0));
    texts(samples, "porting")
        .into_iter()
        .map(|id| status(id).expect("a porting"))
        .collect()
}

#[tokio::test]
async fn it_starts_twice_on_the_same_data_and_keeps_the_old_samples() {
    let home = Home::new();
    let (first_server, first) = home.dev(&[]);
    assert_eq!(texts(&first, "name"), NAMES);
    let expected = [
        "informationRequired",
        "informationRequired",
        "portingAccountPinRequiredOrInvalid",
        "portingAccountNumberRequiredOrInvalid",
        "portingAddressRequiredOrInvalid",
        "portingPhoneNumberPortProtected",
        "portingDeclined",
    ];
    assert_eq!(statuses(&home, &first), expected);
    for url in texts(&first, "url") {
        assert_eq!(step_of(url.to_owned()).await, "intro");
    }
    let log = first_server.stop();
    assert!(log.is_empty(), "quiet unless something is wrong: {log}");

    let (server, second) = home.dev(&[]);
    assert_eq!(first["apiKey"], second["apiKey"]);
    assert_eq!(statuses(&home, &second), expected);
    assert_eq!(statuses(&home, &first), expected);
    let links = [texts(&first, "url"), texts(&second, "url")].concat();
    let sessions: BTreeSet<&str> = links
        .iter()
        .filter_map(|url| url.split('?').nth(1))
        .collect();
    assert_eq!(sessions.len(), 16);
    for url in links {
        assert_eq!(step_of(moved(&server, url)).await, "intro", "{url}");
    }
}

#[test]
fn its_encryption_key_is_for_its_owner_only() {
    let home = Home::new();
    let (server, _) = home.dev(&["--data-dir", "data"]);
    let data = home.path().join("data");
    let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode();
    assert_eq!(mode(&data) & 0o777, 0o700);
    assert_eq!(mode(&data.join("encryption.key")) & 0o777, 0o600);
    drop(server);
    std::fs::write(data.join("encryption.key"), "spoiled").expect("written");
    let error = home.must_fail(&["dev", "--data-dir", "data", "--listen", "127.0.0.1:0"]);
    assert!(error.contains("encryption.key"), "{error}");
}

#[test]
fn it_says_what_to_do_next_to_people() {
    let home = Home::new();
    let server =
        Server::start(home.command(&["dev", "--listen", "127.0.0.1:0", "--time-scale", "0"]));
    server
        .output
        .wait_for("portico_000000000000000000PorticoDev_");
    let about = server.output.wait_for("A fresh port");
    assert!(!about.contains("http"), "{about}");
    let link = server.output.wait_for("/portal/entry?session=");
    assert!(link.trim().starts_with("http://127.0.0.1:"), "{link}");
    server.output.wait_for("curl -sS http://127.0.0.1:");
    server.output.wait_for("Nothing to port");
    server.output.wait_for("Ctrl-C");
}

#[test]
fn another_api_key_can_be_chosen() {
    let mine = "portico_0000000000000000000000000000_abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq";
    let home = Home::new().with("PORTICO_DEV_API_KEY", mine);
    let (_server, samples) = home.dev(&[]);
    assert_eq!(samples["apiKey"], mine);
    let other = format!("{mine}other");
    for wrong in ["short", &other] {
        let error = home.must_fail_with(
            "PORTICO_DEV_API_KEY",
            wrong,
            &["dev", "--listen", "127.0.0.1:0"],
        );
        assert!(error.starts_with("PORTICO_DEV_API_KEY: "), "{error}");
        assert!(!error.contains(wrong), "{error}");
    }
}

#[tokio::test]
async fn the_test_clock_is_there_when_asked_for_only() {
    let home = Home::new();
    let advance = async |server: &Server, body: Value| {
        let request = reqwest::Client::new()
            .post(server.url("/testing/clock"))
            .json(&body);
        request.send().await.expect("an answer")
    };
    let (server, samples) = home.dev(&["--test-clock"]);
    let moment = async |seconds: i64| {
        let answer = advance(&server, json!({ "advanceSeconds": seconds })).await;
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.expect("JSON");
        let now = answer["now"]
            .as_str()
            .expect("a time")
            .parse::<jiff::Timestamp>();
        now.expect("RFC 3339")
    };
    let before = moment(0).await;
    let after = moment(3_600).await;
    assert!(after.duration_since(before).as_secs() >= 3_600);
    // Links live 30 minutes.
    let url = texts(&samples, "url")[0];
    assert_eq!(step_of(url.to_owned()).await, "expired");
    server.stop();
    let (server, _) = home.dev(&[]);
    assert_eq!(
        advance(&server, json!({ "advanceSeconds": 1 }))
            .await
            .status(),
        404
    );
}
