//! The example of a backend for a carrier, as it stands in `examples/`, against the real server.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{
    integrator::Integrator,
    support::{Home, Lines, Server},
};

const SECRET: &str = "whsec_cG9ydGljbyB0ZXN0IHNlY3JldCwgbmV2ZXIgZm9yIHJlYWw=";
const EXAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../examples/http-carrier/backend.py"
);

/// The example, running. Dropping it kills it.
struct Backend {
    child: Child,
    lines: Lines,
    port: u16,
}

impl Backend {
    fn start(dir: &Path, port: u16, portico: &str, key: &str) -> Self {
        let mut child = Command::new("python3")
            .arg(EXAMPLE)
            .current_dir(dir)
            .env("PORTICO_CARRIER_SECRET", SECRET)
            .env("PORTICO_URL", portico)
            .env("PORTICO_API_KEY", key)
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        let lines = Lines::of(child.stdout.take().expect("it is piped"));
        let line = lines.wait_for("listening on port");
        let port = line.rsplit(' ').next().and_then(|port| port.parse().ok());
        let port = port.expect("a port");
        Self { child, lines, port }
    }

    fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago: one of the two sides has to know the other's before it starts.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("an address").port()
}

/// A server whose recipient `acme` is behind the example, which is not running yet.
fn connected() -> (Home, Server, u16) {
    let port = free_port();
    let home = Home::migrated()
        .with("PORTICO_CARRIERS_ACME_KIND", "http")
        .with("PORTICO_CARRIERS_ACME_RECIPIENT_COUNTRIES", "US")
        .with(
            "PORTICO_CARRIERS_ACME_URL",
            &format!("http://127.0.0.1:{port}/"),
        )
        .with("PORTICO_CARRIERS_ACME_SECRET", SECRET)
        .with("PORTICO_OUTGOING_ALLOW_NETWORKS", "127.0.0.1/32");
    let server = home.serve();
    (home, server, port)
}

#[tokio::test]
async fn the_example_moves_a_number_and_tells_of_a_refusal() {
    let (home, server, port) = connected();
    let integrator = Integrator::of(&home);
    let backend = Backend::start(home.path(), port, &server.url(""), &integrator.key);
    assert_eq!(backend.port, port);
    let moved = integrator.bring_to("acme", &server, "+19595550143").await;
    integrator.wait_for(&server, &moved, "completed").await;

    let to = ("acme", &server);
    let refused = integrator
        .bring_from("8830014470", to, "+19595550144")
        .await;
    integrator.wait_for(&server, &refused, "declined").await;
    let refused = integrator.porting(&server, &refused).await;
    assert_eq!(
        refused["declinedCode"],
        "portingAccountPinRequiredOrInvalid"
    );
}

/// The backend is killed with a request on its disk, and again with something to tell.
#[tokio::test]
async fn the_example_loses_nothing_when_it_is_killed() {
    let (home, server, port) = connected();
    let integrator = Integrator::of(&home);
    // Nobody is there yet: the porting waits, and is sent when somebody is.
    let porting = integrator.bring_to("acme", &server, "+19595550143").await;
    assert_eq!(integrator.status(&server, &porting).await, "pending");
    // What it is to tell goes nowhere, and stays on its disk.
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let mut backend = Backend::start(home.path(), port, &nowhere, &integrator.key);
    backend.lines.wait_for(&format!("{porting}-1: kept"));
    backend.kill();
    let _backend = Backend::start(home.path(), port, &server.url(""), &integrator.key);
    integrator.wait_for(&server, &porting, "completed").await;
}
