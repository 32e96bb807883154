//! `portico serve`: start, probes, end.

use std::io::{BufRead, BufReader, Write};

use crate::support::{Home, read_all};

/// Leaves the trace of a migration that this version does not know.
const NEWER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
    execution_time) VALUES (9999, 'of tomorrow', TRUE, '\\x00', 0)";

#[test]
fn it_refuses_a_database_that_is_not_there_and_leaves_none_behind() {
    let home = Home::sqlite();
    let error = home.must_fail(&["serve"]);
    assert!(
        error.starts_with("database_url: ") && error.contains("portico migrate"),
        "{error}"
    );
    assert!(home.files().is_empty());
}

#[test]
fn it_refuses_an_older_schema_unless_told_to_migrate() {
    let home = Home::new();
    if !home.database.is_postgres() {
        std::fs::write(home.path().join("test.db"), []).expect("an empty database");
    }
    let error = home.must_fail(&["serve"]);
    assert!(
        error.starts_with("database_url: ") && error.contains("portico migrate"),
        "{error}"
    );
    let error = home.must_fail(&["project", "list"]);
    assert!(error.starts_with("database_url: "), "{error}");
    home.must(&["migrate"]);
    home.must(&["migrate"]);
    home.serve().stop();
}

#[test]
fn after_an_end_in_order_one_file_is_all_there_is() {
    let home = Home::sqlite();
    home.must(&["migrate"]);
    home.serve().stop();
    let names: Vec<String> = home.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[tokio::test]
async fn it_refuses_a_newer_schema_always() {
    let home = Home::migrated();
    home.database.by_hand(NEWER).await.expect("a row");
    for args in [
        &["serve"][..],
        &["serve", "--migrate"],
        &["migrate"],
        &["project", "list"],
    ] {
        let error = home.must_fail(args);
        assert!(
            error.starts_with("database_url: ") && error.contains("newer"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn probes_and_the_reference_need_no_key() {
    let home = Home::migrated();
    let server = home.serve();
    for path in ["/healthz", "/readyz"] {
        let answer = reqwest::get(server.url(path)).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.text().await.expect("a body"), r#"{"status":"ok"}"#);
    }
    // The next version's migration runs while this one still serves.
    home.database.by_hand(NEWER).await.expect("a row");
    let answer = reqwest::get(server.url("/readyz"))
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    // Somebody downgrades the database under the running server.
    let undo = "DELETE FROM _sqlx_migrations";
    home.database.by_hand(undo).await.expect("changed");
    let answer = reqwest::get(server.url("/readyz"))
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 503);
    let answer = reqwest::get(server.url("/healthz"))
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_visit_without_its_database_is_told_so_even_in_a_frame_and_a_stranger_is_not() {
    let home = Home::migrated();
    let server = home.serve();
    let session = "csn_00ERk46B3M4bnRNnl6eVuYygrZGc";
    let visit = async || {
        let request = reqwest::Client::new()
            .get(server.url(&format!("/portal/s/{session}/review")))
            .header("cookie", format!("portico-{session}={}", "x".repeat(43)));
        let answer = request.send().await.expect("an answer");
        let policy = answer.headers()["content-security-policy"].to_str();
        let ancestors = policy.expect("text").split("frame-ancestors ").nth(1);
        (answer.status().as_u16(), ancestors.map(str::to_owned))
    };
    assert_eq!(visit().await, (404, Some("'none'".to_owned())));
    let away = "ALTER TABLE connect_sessions RENAME TO connect_sessions_away";
    home.database.by_hand(away).await.expect("changed");
    assert_eq!(visit().await, (503, Some("*".to_owned())));
}

#[test]
fn told_to_stop_it_finishes_what_was_begun() {
    let home = Home::migrated();
    let mut server = home.serve();
    let mut stream = server.connect();
    let head = "POST /portal/entry HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("sent");
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("an answer");
    assert!(
        line.starts_with("HTTP/1.1 100"),
        "the request is being read: {line}"
    );
    server.terminate();
    server.errors.wait_for("stopping");
    let refused = || std::net::TcpStream::connect(&server.address).is_err();
    while !refused() {
        std::thread::yield_now();
    }
    stream.write_all(b"session=x").expect("sent");
    drop(reader);
    let answer = read_all(&mut stream);
    assert!(
        answer.contains("HTTP/1.1 4"),
        "the answer came all the same: {answer}"
    );
    assert!(server.wait().success());
}
