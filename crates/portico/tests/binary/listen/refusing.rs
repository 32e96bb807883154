//! What `portico listen` does not begin with.

use crate::{developer::Developer, support::Home};

#[test]
fn what_is_wrong_is_said_in_one_line_that_names_it() {
    let developer = Developer::new();
    let to = "http://127.0.0.1:9/hooks";
    let cases: [(i32, &[&str], &str); 8] = [
        (2, &[], "--forward-to"),
        (1, &["--forward-to", "127.0.0.1:9"], "--forward-to: "),
        (
            1,
            &["--forward-to", "http://shop.example/hooks"],
            "--forward-to: must be https",
        ),
        (
            1,
            &["--forward-to", to, "--types", "porting.decline"],
            "--types: porting.decline ",
        ),
        (2, &["--forward-to", to, "--since", "yesterday"], "--since"),
        (
            2,
            &["--forward-to", to, "--exit-after", "0"],
            "--exit-after",
        ),
        (2, &["--forward-to", to, "--timeout", "soon"], "--timeout"),
        (
            2,
            &[
                "--print-secret",
                "--endpoint",
                "whe_0000000000000000000000000000",
            ],
            "--endpoint",
        ),
    ];
    for (code, args, name) in cases {
        let error = developer.listen_fails(code, args);
        assert!(error.contains(name), "{args:?}: {error}");
    }
}

#[test]
fn a_server_or_key_that_is_not_right_is_told_at_the_start() {
    let developer = Developer::new();
    let listen = ["listen", "--forward-to", "http://127.0.0.1:9/hooks"];
    let fails = |server: &str, project: &str, key: Option<&str>| {
        let home = Home::sqlite();
        let args = [&listen[..], &["--server", server, "--project", project]].concat();
        let mut command = home.command(&args);
        command.envs(key.map(|key| ("PORTICO_API_KEY", key)));
        let output = command.output().expect("a process");
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty(), "printed something");
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(
            key.is_none_or(|key| !error.contains(key)),
            "a key in an error"
        );
        error
    };
    let (here, key) = (developer.server.url(""), Some(developer.key.as_str()));
    let cases = [
        ("http://127.0.0.1:9", "acme", key, "--server: no connection"),
        (
            "http://portico.example",
            "acme",
            key,
            "--server: must be https",
        ),
        (
            "https://portico.example/api",
            "acme",
            key,
            "--server: must be scheme, host",
        ),
        (&here, "acme", None, "PORTICO_API_KEY: is required"),
        (
            &here,
            "dev",
            None,
            "PORTICO_API_KEY: the server does not know",
        ),
        (
            &here,
            "acme",
            Some("portico_wrong"),
            "PORTICO_API_KEY: the server does not know",
        ),
        (&here, "other", key, "--project: "),
    ];
    for (server, project, key, expected) in cases {
        let error = fails(server, project, key);
        assert!(error.contains(expected), "{server} {project}: {error}");
    }
}
