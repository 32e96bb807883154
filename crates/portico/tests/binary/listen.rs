//! `portico listen`: webhooks while one develops.

mod ending;
mod refusing;

use portico_testkit::receiver::{Received, Receiver};
use serde_json::{Value, json};

use crate::{
    backend::id_of,
    developer::{Developer, ids, is_signed},
    support::Server,
};

fn header_names(request: &Received) -> Vec<&str> {
    let mut names: Vec<_> = request.headers.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_arrives_as_the_webhook_it_would_be() {
    let developer = Developer::new();
    let (deployed, local) = (Receiver::start().await, Receiver::start().await);
    let endpoint = json!({ "url": deployed.url(), "types": ["*"] });
    let endpoint = developer.backend().post("webhookEndpoints", endpoint).await;
    let before = developer.trigger("user.created");
    let listener = developer.listen(&local.url(), &[]);

    let declined = developer.trigger("porting.declined");
    let told = loop {
        let told = listener.forwarded();
        if told["event"] == declined["event"] {
            break told;
        }
    };
    assert_eq!(told["eventType"], "com.portico.porting.declined");
    assert_eq!(
        (&told["statusCode"], &told["error"]),
        (&json!(200), &Value::Null)
    );
    assert!(
        told["durationMs"].is_u64() && told["at"].is_string(),
        "{told}"
    );

    let sent = local.received();
    assert!(
        !ids(&local).contains(&id_at(&before, "event")),
        "from now on"
    );
    let own = endpoint["secret"].as_str().expect("a secret");
    let secret = listener.secret.as_deref().expect("a secret");
    deployed.arrived(sent.len() + 1).await;
    for request in &sent {
        let id = request.header("webhook-id");
        let mut all = deployed.received().into_iter();
        let same = all
            .find(|it| it.header("webhook-id") == id)
            .expect("told too");
        assert_eq!(request.body, same.body, "byte for byte");
        assert_eq!(request.line, same.line);
        assert_eq!(header_names(request), header_names(&same));
        for name in ["content-type", "user-agent"] {
            assert_eq!(request.header(name), same.header(name));
        }
        assert!(is_signed(request, secret));
        assert!(!is_signed(request, own), "its secret is nobody else's");
    }
    let summary = listener.stop();
    assert_eq!(summary["forwarded"], sent.len());
    assert_eq!(
        (&summary["taken"], &summary["notTaken"]),
        (&json!(sent.len()), &json!(0))
    );
}

fn id_at(value: &Value, key: &str) -> String {
    value[key].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_a_line_for_each_event() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let to = local.url();
    let command = developer.command(&["listen", "--forward-to", &to]);
    let mut listening = Server::start(command);
    let first = listening.output.wait_for("Forwarding events");
    assert!(first.contains("acme") && first.ends_with(&to), "{first}");
    let signed = listening.output.wait_for("They are signed with whsec_");
    let secret = signed.split_whitespace().last().expect("a secret");
    let event = id_at(&developer.trigger("user.created"), "event");
    let line = listening.output.wait_for("user.created");
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(
        (words[1], words[2], words[3]),
        ("user.created", &*event, "200")
    );
    assert!(is_signed(&local.received()[0], secret));

    listening.signal("INT");
    assert!(listening.wait().success(), "Ctrl-C is how a person ends it");
    let said = listening.output.finish();
    let summary = format!("1 forwarded, 1 taken, 0 not taken. --since {event} goes on here.");
    assert_eq!(said.lines().last(), Some(&*summary));
    assert_eq!(listening.errors.finish(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_types_that_were_asked_for_are_forwarded() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let types = "porting.created,com.portico.subscription.*";
    let listener = developer.listen(&local.url(), &["--types", types, "--exit-after", "4"]);
    let porting = developer.trigger("porting.created");
    developer.trigger("user.created");
    developer.trigger("subscription.updated");
    let (is_well, summary) = listener.end();
    assert!(is_well, "{summary}");
    let kinds = local.received().into_iter();
    let kinds: Vec<_> = kinds.map(|it| id_at(&it.json(), "type")).collect();
    let expected = [
        "com.portico.porting.created",
        "com.portico.subscription.created",
        "com.portico.subscription.activated",
        "com.portico.subscription.updated",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(ids(&local)[0], porting["event"]);
}

#[test]
fn the_secret_is_the_same_at_every_start_and_can_be_asked_for() {
    let developer = Developer::new();
    let nowhere = "http://127.0.0.1:9/hooks";
    let secrets: Vec<_> = (0..2)
        .map(|_| {
            let listener = developer.listen(nowhere, &[]);
            let secret = listener.secret.clone().expect("a secret");
            listener.stop();
            secret
        })
        .collect();
    let output = developer.run(&["listen", "--print-secret"]);
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).expect("text");
    assert_eq!(
        printed,
        format!("{}\n", secrets[0]),
        "alone on standard output"
    );
    assert_eq!(secrets[0], secrets[1]);
    let another = developer
        .home
        .must(&["api-key", "create", "--project", "acme"]);
    let mut command = developer.command(&["listen", "--print-secret"]);
    let output = command.env("PORTICO_API_KEY", another.trim()).output();
    assert_ne!(
        String::from_utf8(output.expect("a process").stdout).expect("text"),
        printed
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoints_own_secret_signs_and_never_leaves_the_server() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let endpoint = json!({ "url": "https://shop.example/hooks", "types": ["com.portico.user.*"],
                           "status": "disabled" });
    let endpoint = developer.backend().post("webhookEndpoints", endpoint).await;
    let id = id_of(&endpoint);
    let as_endpoint = ["--endpoint", &id, "--exit-after", "1"];

    let listener = developer.listen(&local.url(), &as_endpoint);
    assert_eq!(listener.secret, None);
    developer.trigger("porting.created");
    assert!(listener.end().0);
    let old = id_at(&endpoint, "secret");
    assert!(is_signed(&local.received()[0], &old));
    assert_eq!(
        local.received()[0].json()["type"],
        "com.portico.user.created"
    );

    let path = format!("webhookEndpoints/{id}/rotateSecret");
    let rotated = developer.backend().post(&path, json!({})).await;
    let listener = developer.listen(&local.url(), &as_endpoint);
    developer.trigger("user.created");
    assert!(listener.end().0);
    let both = &local.received()[1];
    assert!(is_signed(both, &old) && is_signed(both, &id_at(&rotated, "secret")));

    let unknown = "whe_0000000000000000000000000000";
    let error = developer.listen_fails(1, &["--forward-to", &local.url(), "--endpoint", unknown]);
    assert!(error.starts_with("--endpoint: "), "{error}");
}

/// A transaction that drew its event's id has not committed yet.
async fn hide(developer: &Developer, event: &str) {
    move_to(developer, event, "acme-later").await;
}

/// Now it has.
async fn show(developer: &Developer, event: &str) {
    move_to(developer, event, "acme").await;
}

async fn move_to(developer: &Developer, event: &str, project: &str) {
    let sql = format!("UPDATE events SET project = '{project}' WHERE id = '{event}'");
    let done = developer.home.database.by_hand(sql).await;
    done.expect("changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_appears_behind_another_is_forwarded_too() {
    let developer = Developer::new();
    let local = Receiver::start().await;
    let first = id_at(&developer.trigger("user.created"), "event");
    let second = id_at(&developer.trigger("user.created"), "event");
    hide(&developer, &second).await;
    let third = [
        "--since",
        &first,
        "--types",
        "user.created",
        "--exit-after",
        "2",
    ];
    let listener = developer.listen(&local.url(), &third);
    let third = id_at(&developer.trigger("user.created"), "event");
    assert_eq!(listener.forwarded()["event"], third);
    show(&developer, &second).await;
    assert!(listener.end().0);
    assert_eq!(ids(&local), [third, second]);
}
