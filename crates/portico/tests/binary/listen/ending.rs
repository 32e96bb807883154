//! How `portico listen` comes to its end, and what does not end it.

use portico_testkit::receiver::{Behavior, Receiver};
use serde_json::{Value, json};

use super::{hide, id_at, show};
use crate::{
    developer::{Developer, Listener, ids},
    support::Server,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_target_does_not_take_is_told_and_decides_how_it_ends() {
    let developer = Developer::new();
    let local = Receiver::that(Behavior::status(500)).await;
    let listener = developer.listen(&local.url(), &["--exit-after", "2"]);
    developer.trigger("user.created");
    assert_eq!(listener.forwarded()["statusCode"], 500);
    local.set(Behavior::status(204));
    developer.trigger("user.created");
    let (is_well, summary) = listener.end();
    assert!(!is_well);
    assert_eq!(
        (&summary["taken"], &summary["notTaken"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(local.count(), 2, "nothing is sent twice");

    let nobody = "http://127.0.0.1:9/hooks";
    let listener = developer.listen(nobody, &["--fail-fast"]);
    let event = developer.trigger("user.created");
    let told = listener.forwarded();
    assert_eq!(
        (&told["statusCode"], &told["error"]),
        (&Value::Null, &json!("unreachable"))
    );
    assert_eq!(told["event"], event["event"]);
    let (error, event) = (listener.error(), id_at(&event, "event"));
    assert!(
        error.starts_with("--forward-to: ") && error.contains(&event),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn its_time_can_be_limited() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let listener = developer.listen(&local.url(), &["--timeout", "1"]);
    assert!(listener.end().0, "to listen for a while is no error");
    let waits = ["--timeout", "1", "--exit-after", "1"];
    let error = developer.listen(&local.url(), &waits).error();
    assert!(error.starts_with("--timeout: 0 of 1 "), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_while_the_target_is_silent_it_says_where_to_go_on() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let listener = developer.listen(&local.url(), &["--types", "user.created"]);
    developer.trigger("user.created");
    listener.forwarded();
    local.set(Behavior::Silence);
    let second = developer.trigger("user.created");
    local.arrived(2).await;
    let summary = listener.stop();
    assert_eq!(
        (&summary["forwarded"], &summary["left"]),
        (&json!(1), &json!(1))
    );

    local.set(Behavior::status(200));
    let since = id_at(&summary, "lastEvent");
    let again = [
        "--types",
        "user.created",
        "--since",
        &since,
        "--exit-after",
        "1",
    ];
    assert!(developer.listen(&local.url(), &again).end().0);
    assert_eq!(ids(&local)[2], second["event"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_appeared_behind_others_and_is_left_is_forwarded_by_the_next_run() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let listen = |since: &str, more: &[&str]| {
        let args = ["--types", "user.created", "--since", since];
        developer.listen(&local.url(), &[&args[..], more].concat())
    };
    let trigger = || id_at(&developer.trigger("user.created"), "event");
    let (first, late) = (trigger(), trigger());
    hide(&developer, &late).await;
    let listener = listen(&first, &[]);
    let newest = trigger();
    assert_eq!(listener.forwarded()["event"], newest);
    local.set(Behavior::Silence);
    show(&developer, &late).await;
    local.arrived(2).await;
    let summary = listener.stop();
    assert_eq!(summary["left"], 1);

    local.set(Behavior::status(200));
    let since = id_at(&summary, "lastEvent");
    let (is_well, summary) = listen(&since, &["--exit-after", "2", "--timeout", "30"]).end();
    assert!(is_well, "{summary}");
    assert_eq!(summary["lastEvent"], newest);
    assert_eq!(ids(&local)[2..], [late, newest]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_started_again_loses_nothing_and_doubles_nothing() {
    let mut developer = Developer::new();
    let local = Receiver::start().await;
    let wanted = ["--types", "user.created", "--exit-after", "9"];
    let listener = developer.listen(&local.url(), &wanted);
    let mut made = Vec::new();
    for _ in 0..3 {
        for _ in 0..3 {
            made.push(id_at(&developer.trigger("user.created"), "event"));
        }
        if made.len() < 9 {
            restart(&mut developer, &listener);
        }
    }
    let (is_well, summary) = listener.end();
    assert!(is_well, "{summary}");
    assert_eq!(ids(&local), made);
}

/// A power cut, which the listener notices.
fn restart(developer: &mut Developer, listener: &Listener) {
    let address = developer.server.address.clone();
    developer.server.kill();
    listener.process.errors.wait_for("asking again");
    let mut command = developer.home.command(&["serve"]);
    command.env("PORTICO_LISTEN", &address);
    developer.server = Server::listening(command);
    listener.process.errors.wait_for("answers again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_ends_it() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let listener = developer.listen(&local.url(), &[]);
    let keys = developer.home.must(&["api-key", "list"]);
    let row = keys.lines().nth(1).expect("a key");
    let id = row.split_whitespace().next().expect("its id");
    developer.home.must(&["api-key", "revoke", id]);
    let error = listener.error();
    assert!(error.starts_with("PORTICO_API_KEY: "), "{error}");
    assert!(!error.contains(&developer.key), "a key in an error");
}
