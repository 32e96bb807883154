//! What may stand in a log.

use crate::support::Home;

#[tokio::test]
async fn one_line_per_request_and_nothing_secret_in_it() {
    let home = Home::migrated();
    let server = home.serve();
    let client = reqwest::Client::new();
    let get = async |path: &str| {
        client
            .get(server.url(path))
            .send()
            .await
            .expect("an answer")
    };
    get("/portal/entry?session=csn_SECRETsession&token=SECRETtoken").await;
    get("/portal/s/csn_SECRETsession/review?x=SECRETquery").await;
    get("/projects/acme/portings/prt_SECRETid?phoneNumber=SECRETnumber").await;
    get("/SECRETpath").await;
    let post = client
        .post(server.url("/portal/entry"))
        .header("cookie", "portico=SECRETcookie");
    post.form(&[("token", "SECRETbody")])
        .send()
        .await
        .expect("an answer");
    let post = client
        .post(server.url("/projects/acme/users"))
        .bearer_auth("portico_SECRETkey");
    post.header("x-request-id", "from-the-test")
        .json(&"SECRETjson")
        .send()
        .await
        .expect("an answer");
    let log = server.stop();
    assert!(!log.contains("SECRET"), "{log}");
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("portico::access"))
        .collect();
    assert_eq!(lines.len(), 6, "{log}");
    assert!(
        lines[1].contains("route=\"/portal/s/{session}/review\""),
        "{}",
        lines[1]
    );
    assert!(
        lines[3].contains("route=\"-\"") && lines[3].contains("status=404"),
        "{}",
        lines[3]
    );
    assert!(lines[5].contains("from-the-test"), "{}", lines[5]);
}

#[test]
fn logs_can_be_json() {
    let home = Home::migrated().with("PORTICO_LOG_FORMAT", "json");
    let mut command = home.command(&["serve"]);
    let mut child = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("a process");
    let errors = std::io::BufReader::new(child.stderr.take().expect("a pipe"));
    let line = std::io::BufRead::lines(errors)
        .next()
        .expect("a line")
        .expect("text");
    child.kill().expect("killed");
    child.wait().expect("ended");
    let entry: serde_json::Value = serde_json::from_str(&line).expect("a line of JSON");
    assert_eq!(entry["message"], "listening");
    assert_eq!(entry["level"], "INFO");
}
