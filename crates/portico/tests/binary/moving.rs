//! Moving a database from one engine to the other.

use portico_testkit::TestDatabase;
use serde_json::Value;

use crate::{
    backend::Backend,
    support::{Home, Server},
};

/// The rows of a table, by what `move --json` printed.
fn rows(printed: &str, table: &str) -> i64 {
    let printed: Value = serde_json::from_str(printed).expect("JSON");
    let tables = printed["tables"].as_array().expect("tables");
    let found = tables.iter().find(|it| it["table"] == table);
    found.expect("the table")["rows"]
        .as_i64()
        .expect("a number")
}

#[tokio::test]
async fn a_pilot_moves_to_postgresql_and_back() {
    let home = Home::sqlite();
    home.must(&["migrate"]);
    let server = home.serve();
    let backend = Backend::new(&home, &server);
    let user = backend.user("first").await;
    let draft = backend.draft(&user).await;
    let (old, new) = (home.database.url(), TestDatabase::postgres().await);
    let there = ["move", "--from", &old, "--to", &new.url(), "--json"];
    let error = home.must_fail(&there);
    assert!(
        error.starts_with("--from: ") && error.contains("in use"),
        "{error}"
    );
    server.stop();
    let printed = home.must(&there);
    assert_eq!(
        (rows(&printed, "users"), rows(&printed, "portings")),
        (1, 1)
    );

    for command in [&["serve"][..], &["project", "list"]] {
        let error = home.must_fail(command);
        assert!(error.contains("was moved"), "{error}");
    }
    let home = home.with("PORTICO_DATABASE_URL", &new.url());
    let server = home.serve();
    let backend = Backend::with_key(&server, &backend.key);
    let porting = backend.get(&format!("portings/{draft}")).await;
    assert_eq!(porting["accountNumber"], "8830014477");
    assert_eq!(porting["accountPinExists"], true);
    backend.user("second").await;
    server.stop();

    let back = format!("sqlite://{}", home.path().join("back.db").display());
    let printed = home.must(&["move", "--from", &new.url(), "--to", &back, "--json"]);
    assert_eq!(rows(&printed, "users"), 2);
    let home = home.with("PORTICO_DATABASE_URL", &back);
    let server = home.serve();
    let backend = Backend::with_key(&server, &backend.key);
    assert_eq!(
        backend.get(&format!("users/{user}")).await["fullName"],
        "Rosalind Quimby"
    );
    server.stop();

    // Whoever changes their mind takes the mark off.
    home.must(&["move", "--from", &old, "--release"]);
    let home = home.with("PORTICO_DATABASE_URL", &old);
    assert!(home.must(&["project", "list"]).contains("acme"));
}

#[tokio::test]
async fn a_move_that_was_killed_goes_on_where_it_was() {
    let home = Home::sqlite();
    home.must(&["migrate"]);
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 40000) \
                INSERT INTO rate_limits SELECT 'bucket/' || n, 0, n FROM n";
    home.database.by_hand(many).await.expect("rows");
    let target = TestDatabase::postgres().await;
    let (from, to) = (home.database.url(), target.url());
    let moving = ["move", "--from", &from, "--to", &to, "--json"];
    let mut cut = Server::start(home.command(&moving));
    cut.errors.wait_for("copied rate_limits");
    cut.kill();
    let half = target.counts("SELECT 'n', COUNT(*) FROM rate_limits").await[0].1;
    assert!((500..40_000).contains(&half), "{half}");
    let at_target = home.with("PORTICO_DATABASE_URL", &to);
    let error = at_target.must_fail(&["serve"]);
    assert!(
        error.contains("not whole") && !error.contains("search_path"),
        "{error}"
    );
    let output = at_target.run(&moving);
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{told}");
    let first = told
        .lines()
        .find(|line| line.starts_with("copied rate_limits"));
    let first = first.expect("the rest was copied").to_owned();
    let done: i64 = first
        .split_whitespace()
        .nth(2)
        .expect("a number")
        .parse()
        .expect("rows");
    assert!(done > half, "{first}: nothing is copied twice");
    assert_eq!(
        rows(
            &String::from_utf8(output.stdout).expect("text"),
            "rate_limits"
        ),
        40_000
    );
    at_target.must(&["project", "list"]);
}

#[test]
fn a_move_that_cannot_be_is_refused_by_name() {
    let home = Home::sqlite();
    home.must(&["migrate"]);
    home.must(&["project", "create", "acme", "--type", "test"]);
    let other = Home::sqlite();
    other.must(&["migrate"]);
    other.must(&["project", "create", "other", "--type", "test"]);
    let (from, to) = (home.database.url(), other.database.url());
    let missing = "sqlite:///no/such/folder/x.db";
    let cases: [(&[&str], &str); 7] = [
        (
            &["--from", &from, "--to", &to],
            "the target is not empty: projects has rows",
        ),
        (&["--from", &from, "--to", &from], "--to: "),
        (&["--from", missing, "--to", &to], "--from: "),
        (&["--from", &from, "--to", missing], "--to: "),
        (&["--from", "portico.db", "--to", &to], "--from: "),
        (&["--from", &from, "--to", "mysql://db/x"], "--to: "),
        (&["--from", &from], "--to"),
    ];
    for (args, start) in cases {
        let error = home.must_fail(&[&["move"], args].concat());
        assert!(error.contains(start), "{args:?}: {error}");
    }
    // Nothing came of it.
    home.must(&["project", "list"]);
    other.must(&["project", "list"]);
}
