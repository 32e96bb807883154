//! Who writes a backend against Portico: a project on a running server, and the commands they type.

use std::process::{Command, Output};

use portico_testkit::receiver::{Received, Receiver};
use serde_json::Value;

use crate::{
    backend::Backend,
    support::{Home, Server},
};

pub struct Developer {
    pub home: Home,
    pub server: Server,
    pub key: String,
}

impl Developer {
    /// One with a test project, `acme`.
    pub fn new() -> Self {
        Self::with_server(&[])
    }

    /// The same with further arguments of `serve`.
    pub fn with_server(args: &[&str]) -> Self {
        let home = Home::migrated()
            .with("PORTICO_SIMULATOR_TIME_SCALE", "0.01")
            .with("PORTICO_OUTGOING_ALLOW_NETWORKS", "127.0.0.0/8");
        home.must(&["project", "create", "acme", "--type", "test"]);
        let key = home.must(&["api-key", "create", "--project", "acme"]);
        Self {
            server: home.serve_with(args),
            key: key.trim().to_owned(),
            home,
        }
    }

    /// Their backend's calls.
    pub fn backend(&self) -> Backend {
        Backend::with_key(&self.server, &self.key)
    }

    /// A command that knows the server, the project and the key.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.home.command(args);
        command.args(["--server", &self.server.url(""), "--project", "acme"]);
        command.env("PORTICO_API_KEY", &self.key);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("a process")
    }

    /// Makes an event happen, and waits for it.
    pub fn trigger(&self, event: &str) -> Value {
        let output = self.run(&["trigger", event, "--json"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{event}: {errors}");
        serde_json::from_slice(&output.stdout).expect("one line of JSON")
    }

    /// Starts `portico listen --json` and waits until it listens.
    pub fn listen(&self, to: &str, args: &[&str]) -> Listener {
        let all = [&["listen", "--json", "--forward-to", to], args].concat();
        Listener::start(self.command(&all))
    }

    /// What `portico listen` says when it cannot begin: one line.
    pub fn listen_fails(&self, with: i32, args: &[&str]) -> String {
        let output = self.run(&[&["listen"], args].concat());
        assert_eq!(output.status.code(), Some(with), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?} printed something");
        let errors = String::from_utf8(output.stderr).expect("text");
        assert_eq!(errors.lines().count(), 1, "{args:?}: {errors}");
        errors.trim().trim_start_matches("error: ").to_owned()
    }
}

/// A running `portico listen`.
pub struct Listener {
    pub process: Server,
    /// What signs, if this process does.
    pub secret: Option<String>,
}

impl Listener {
    pub fn start(command: Command) -> Self {
        let process = Server::start(command);
        let begin = json_of(&process.output.wait_for("\"listening\""));
        let secret = begin["secret"].as_str().map(str::to_owned);
        Self { process, secret }
    }

    /// The next event that was forwarded.
    pub fn forwarded(&self) -> Value {
        json_of(&self.process.output.wait_for("\"forwarded\""))
    }

    /// Whether it ends well by itself, and its summary.
    pub fn end(mut self) -> (bool, Value) {
        let is_well = self.process.wait().success();
        (is_well, self.summary())
    }

    /// Ends it as a service manager does; its summary.
    pub fn stop(mut self) -> Value {
        self.process.terminate();
        assert!(self.process.wait().success());
        self.summary()
    }

    /// What it says when it gives up: one line, after everything else.
    pub fn error(mut self) -> String {
        assert_eq!(self.process.wait().code(), Some(1));
        let errors = self.process.errors.finish();
        let last = errors.lines().last().expect("an error");
        let error = last.strip_prefix("error: ");
        error.unwrap_or_else(|| panic!("{errors}")).to_owned()
    }

    fn summary(&mut self) -> Value {
        let output = self.process.output.finish();
        json_of(output.lines().last().expect("a summary"))
    }
}

fn json_of(line: &str) -> Value {
    serde_json::from_str(line).expect("a line of JSON")
}

/// Whether the independent implementation takes a request for one that `secret` signed.
pub fn is_signed(request: &Received, secret: &str) -> bool {
    let verifier = standardwebhooks::Webhook::new(secret).expect("a secret");
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, request.header(name).parse().expect("a header"));
    }
    verifier.verify(request.body.as_bytes(), &headers).is_ok()
}

/// The ids of what a receiver was sent, in order.
pub fn ids(receiver: &Receiver) -> Vec<String> {
    let received = receiver.received();
    let ids = received.iter().map(|it| it.header("webhook-id").to_owned());
    ids.collect()
}
