//! One process answers, another works; and how a node leaves.

use crate::{
    integrator::Integrator,
    support::{Home, Server},
};

async fn status_of(server: &Server, path: &str) -> (u16, String) {
    let answer = reqwest::get(server.url(path)).await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("a body"))
}

#[tokio::test]
async fn one_process_answers_and_another_does_the_work() {
    let home = Home::migrated().with("PORTICO_SIMULATOR_TIME_SCALE", "0.01");
    let integrator = Integrator::of(&home);
    let api = home.serve_with(&["--role", "api"]);
    let porting = integrator.bring(&api, "+19595550100").await;
    assert_eq!(integrator.status(&api, &porting).await, "pending");
    let worker = home.serve_with(&["--role", "worker"]);
    integrator.wait_for(&api, &porting, "completed").await;
    for server in [&api, &worker] {
        assert_eq!(status_of(server, "/healthz").await.0, 200);
        assert_eq!(status_of(server, "/readyz").await.0, 200);
    }
    for path in ["/openapi.json", "/projects/acme"] {
        assert_eq!(status_of(&worker, path).await.0, 404, "{path}");
        assert_ne!(status_of(&api, path).await.0, 404, "{path}");
    }
    worker.stop();
    api.stop();
}

#[tokio::test]
async fn told_to_stop_it_says_so_and_goes_on_answering_for_its_grace() {
    let home = Home::migrated().with("PORTICO_STOP_GRACE_SECONDS", "300");
    let mut server = home.serve();
    // A connection that a proxy keeps for later.
    let proxy = reqwest::Client::new();
    let answer = proxy.get(server.url("/readyz")).send().await;
    let answer = answer.expect("an answer");
    assert!(answer.status() == 200 && !answer.headers().contains_key("connection"));
    answer.bytes().await.expect("a body");
    server.terminate();
    server.errors.wait_for("stopping");
    let answer = proxy.get(server.url("/openapi.json")).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["connection"], "close");
    let (status, body) = status_of(&server, "/readyz").await;
    assert!(status == 503 && body.contains("about to stop"), "{body}");
    assert_eq!(status_of(&server, "/healthz").await.0, 200);
    server.terminate();
    assert!(server.wait().success(), "a second signal ends it at once");
}

#[test]
fn the_health_command_says_what_the_server_says() {
    let home = Home::migrated().with("PORTICO_STOP_GRACE_SECONDS", "300");
    let server = home.serve();
    let asks = |address: &str, args: &[&str]| {
        let mut command = home.command(args);
        command
            .env("PORTICO_LISTEN", address)
            .output()
            .expect("it runs")
    };
    let (_, port) = server.address.rsplit_once(':').expect("a port");
    let everywhere = format!("0.0.0.0:{port}");
    assert!(asks(&server.address, &["health"]).status.success());
    assert!(asks(&everywhere, &["health"]).status.success());
    server.terminate();
    server.errors.wait_for("stopping");
    let output = asks(&server.address, &["health"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        error.contains("503") && error.contains("about to stop"),
        "{error}"
    );
    assert!(
        asks(&server.address, &["health", "--live"])
            .status
            .success()
    );
    let address = server.address.clone();
    drop(server);
    assert!(!asks(&address, &["health", "--live"]).status.success());
}
