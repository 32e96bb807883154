//! What an operator does with the data: keys, erasure, backups.

use std::os::unix::fs::PermissionsExt;

use portico_domain::id::EventId;
use serde_json::{Value, json};

use crate::{
    backend::{Backend, id_of},
    support::{ENCRYPTION_KEY, Home, Server},
};

const NEW_KEY: &str = "YW5vdGhlciB0ZXN0IGtleSwgbmV2ZXIgZm9yIHJlYWw=";

fn keys(home: &Home, command: &str) -> Value {
    let printed = home.must(&["keys", command, "--json"]);
    serde_json::from_str::<Value>(&printed).expect("JSON")["keys"].clone()
}

#[tokio::test]
async fn keys_are_rotated_beside_a_running_server() {
    let home = Home::migrated();
    let server = home.serve();
    let backend = Backend::new(&home, &server);
    let user = backend.user("first").await;
    let draft = backend.draft(&user).await;
    let before = keys(&home, "status");
    assert_eq!(before.as_array().map(Vec::len), Some(1), "{before}");
    assert!(before[0]["values"].as_u64() > Some(3), "{before}");
    server.stop();

    // The next key alone does not open what is there, and says so at once.
    let home = home.with("PORTICO_ENCRYPTION_KEY", NEW_KEY);
    let error = home.must_fail(&["keys", "status"]);
    let old = before[0]["id"].as_str().expect("an id");
    assert!(
        error.starts_with("encryption_key: ") && error.contains(old),
        "{error}"
    );
    assert!(
        home.must_fail(&["serve"])
            .contains("PORTICO_ENCRYPTION_KEYS_OLD")
    );

    let home = home.with("PORTICO_ENCRYPTION_KEYS_OLD", ENCRYPTION_KEY);
    let server = home.serve();
    let backend = Backend::with_key(&server, &backend.key);
    backend.user("second").await;
    let mixed = keys(&home, "status");
    assert_eq!(
        (&mixed[0]["role"], &mixed[1]["role"]),
        (&json!("current"), &json!("old"))
    );
    assert!(
        mixed
            .as_array()
            .expect("keys")
            .iter()
            .all(|key| key["values"].as_u64() > Some(0))
    );
    let printed = home.must(&["keys", "rotate"]);
    assert!(printed.contains("the old keys may go"), "{printed}");
    let after = keys(&home, "status");
    assert_eq!(after[1]["values"], 0, "{after}");
    let porting = backend.get(&format!("portings/{draft}")).await;
    assert_eq!(porting["accountNumber"], "8830014477");
    assert_eq!(porting["accountPinExists"], true);
    server.stop();

    // The old key is not needed any more.
    let home = home.without("PORTICO_ENCRYPTION_KEYS_OLD");
    let server = home.serve();
    let backend = Backend::with_key(&server, &backend.key);
    assert_eq!(
        backend.get(&format!("users/{user}")).await["fullName"],
        "Rosalind Quimby"
    );
    home.must(&["keys", "rotate"]);
}

#[tokio::test]
async fn what_was_answered_before_a_rotation_is_answered_after_it() {
    let home = Home::migrated();
    let server = home.serve();
    let backend = Backend::new(&home, &server);
    let send = async |server: &Server| {
        let request = backend.http.post(server.url("/projects/acme/users"));
        let request = request
            .bearer_auth(&backend.key)
            .header("idempotency-key", "k-1");
        let body = json!({ "email": "once@subscriber.example" });
        let answer = request.json(&body).send().await.expect("an answer");
        id_of(&answer.json().await.expect("JSON"))
    };
    let first = send(&server).await;
    server.stop();
    let home = home
        .with("PORTICO_ENCRYPTION_KEY", NEW_KEY)
        .with("PORTICO_ENCRYPTION_KEYS_OLD", ENCRYPTION_KEY);
    home.must(&["keys", "rotate"]);
    let home = home.without("PORTICO_ENCRYPTION_KEYS_OLD");
    let server = home.serve();
    assert_eq!(send(&server).await, first);
}

#[tokio::test]
async fn a_rotation_that_was_killed_is_finished_by_the_next() {
    let home = Home::migrated();
    let server = home.serve();
    let backend = Backend::new(&home, &server);
    for n in 0..120 {
        backend.user(&format!("user{n}")).await;
    }
    server.stop();
    let home = home
        .with("PORTICO_ENCRYPTION_KEY", NEW_KEY)
        .with("PORTICO_ENCRYPTION_KEYS_OLD", ENCRYPTION_KEY);
    for line in ["secrets.value_sealed", "users.personal_sealed"] {
        let mut rotating = Server::start(home.command(&["keys", "rotate"]));
        rotating.errors.wait_for(line);
        rotating.kill();
    }
    home.must(&["keys", "rotate"]);
    let after = keys(&home, "status");
    assert_eq!(after[1]["values"], 0, "{after}");
    let home = home.without("PORTICO_ENCRYPTION_KEYS_OLD");
    let server = home.serve();
    let backend = Backend::with_key(&server, &backend.key);
    let users = backend.get("users?limit=200").await;
    assert_eq!(
        users["items"].as_array().map(Vec::len),
        Some(120),
        "{users}"
    );
}

#[tokio::test]
async fn a_person_is_redacted_beside_a_running_server() {
    let home = Home::migrated();
    let server = home.serve();
    let backend = Backend::new(&home, &server);
    let user = backend.user("quimby-4711").await;
    let draft = backend.draft(&user).await;
    home.must(&["redact", "--user", &user]);
    let left = backend.get(&format!("users/{user}")).await;
    assert_eq!(left["fullName"], Value::Null);
    assert_ne!(left["email"], "quimby-4711@subscriber.example");
    let gone = backend.get(&format!("portings/{draft}")).await;
    assert_eq!(
        gone["type"], "notFound",
        "a draft goes with the person: {gone}"
    );
    home.must(&["redact", "--user", &user]);
    server.stop();
    if !home.database.is_postgres() {
        // PostgreSQL keeps old row versions until it vacuums.
        for (name, bytes) in home.files() {
            let clear = bytes.windows(11).any(|text| text == b"quimby-4711");
            assert!(!clear, "{name} holds the e-mail address");
        }
    }
    let error = home.must_fail(&["redact", "--user", "usr_0000000000000000000000000000"]);
    assert!(error.starts_with("--user: "), "{error}");
    assert!(
        home.must_fail(&["redact", "--user", "quimby"])
            .contains("--user")
    );
    assert!(home.must_fail(&["redact"]).contains("--user"));
}

#[tokio::test]
async fn a_backup_is_made_beside_a_running_server_and_restored() {
    let home = Home::sqlite();
    home.must(&["migrate"]);
    let server = home.serve();
    let backend = Backend::new(&home, &server);
    let user = backend.user("first").await;
    let file = home.path().join("copy.db");
    let printed = home.must(&["backup", "copy.db", "--json"]);
    let made: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(made["rows"].as_i64() > Some(5), "{made}");
    let metadata = std::fs::metadata(&file).expect("the file");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(made["bytes"].as_u64(), Some(metadata.len()));
    let left = home
        .files()
        .into_iter()
        .filter(|(name, _)| name.contains("partial"));
    assert_eq!(left.count(), 0);

    let error = home.must_fail(&["backup", "copy.db"]);
    assert!(error.starts_with("FILE: copy.db: exists"), "{error}");
    let error = home.must_fail(&["backup", "no/such/folder/copy.db"]);
    assert!(error.starts_with("FILE: "), "{error}");
    assert_eq!(
        std::fs::metadata(&file).expect("the file").len(),
        metadata.len()
    );

    let later = backend.user("later").await;
    server.stop();
    for name in ["test.db", "test.db-wal", "test.db-shm"] {
        let _ = std::fs::remove_file(home.path().join(name));
    }
    std::fs::rename(&file, home.path().join("test.db")).expect("restored");
    let server = home.serve();
    let backend = Backend::with_key(&server, &backend.key);
    assert_eq!(
        backend.get(&format!("users/{user}")).await["id"],
        user.as_str()
    );
    assert_eq!(
        backend.get(&format!("users/{later}")).await["type"],
        "notFound"
    );
    backend.user("later").await;
}

#[test]
fn a_backup_of_postgresql_is_its_own_tools_work() {
    let url = "postgres://me:secret@db.example/portico";
    let home = Home::new().with("PORTICO_DATABASE_URL", url);
    let error = home.must_fail(&["backup", "copy.db"]);
    assert!(
        error.starts_with("database_url: ") && error.contains("pg_dump"),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
}

#[tokio::test]
async fn ids_go_on_after_the_last_event_whatever_the_clock_says() {
    let home = Home::migrated();
    let server = home.serve();
    let backend = Backend::new(&home, &server);
    server.stop();
    // As if the clock had been in 2100 when the last process ran.
    let event = EventId::from_parts(4_102_444_800_000, 0, [0; 12]);
    let time = if home.database.is_postgres() {
        "now()"
    } else {
        "0"
    };
    let sql = format!(
        "INSERT INTO events (id, project, type, subject, sequence, actor_type, time, data_sealed) \
         VALUES ('{event}', 'acme', 'user.created', 'usr_x', 1, 'system', {time}, '')"
    );
    let sql = if home.database.is_postgres() {
        sql
    } else {
        sql.replace("'')", "X'')")
    };
    home.database.by_hand(sql).await.expect("a row");
    let server = home.serve();
    let backend = Backend::with_key(&server, &backend.key);
    let user = backend.user("later").await;
    assert!(
        user.trim_start_matches("usr_") > event.body(),
        "{user} after {event}"
    );
    server.stop();
    home.must(&["project", "create", "other", "--type", "test"]);
    let key = home.must(&["api-key", "create", "--project", "other"]);
    assert!(
        key.trim_start_matches("portico_") > event.body(),
        "{key} after {event}"
    );
}
