//! Commands beside a running server, on the same database.

use serde_json::Value;

use crate::support::Home;

#[tokio::test]
async fn commands_take_effect_on_a_running_server() {
    let home = Home::migrated();
    let server = home.serve();
    let status = async |project: &str, key: &str| {
        let request = reqwest::Client::new().get(server.url(&format!("/projects/{project}")));
        let answer = request.bearer_auth(key).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.expect("JSON"))
    };
    home.must(&["project", "create", "acme", "--type", "test"]);
    let key = home.must(&["api-key", "create", "--project", "acme"]);
    let key = key.trim();
    let (answer, project) = status("acme", key).await;
    assert_eq!((answer, project["name"].as_str()), (200, Some("acme")));
    home.must(&["project", "set", "acme", "name=Acme Mobile"]);
    assert_eq!(status("acme", key).await.1["name"], "Acme Mobile");
    let id = key
        .trim_start_matches("portico_")
        .split('_')
        .next()
        .expect("an id");
    home.must(&["api-key", "revoke", &format!("apk_{id}")]);
    let (answer, error) = status("acme", key).await;
    assert_eq!(
        (answer, error["type"].as_str()),
        (401, Some("unauthenticated"))
    );
}

#[tokio::test]
async fn the_printed_curl_makes_another_link() {
    let home = Home::new();
    let (_server, samples) = home.dev(&[]);
    for sample in samples["samples"].as_array().expect("samples") {
        let curl = sample["curl"].as_str().expect("a command");
        let quoted: Vec<&str> = curl.split('\'').collect();
        let (authorization, body) = (quoted[1], quoted[5]);
        let url = curl
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .expect("a URL");
        let request = reqwest::Client::new()
            .post(url)
            .header(
                "authorization",
                authorization.trim_start_matches("Authorization: "),
            )
            .header("content-type", "application/json")
            .body(body.to_owned());
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let session: Value = answer.json().await.expect("JSON");
        assert_eq!(status, 201, "{session}");
        assert_eq!(session["callbackUrl"], "https://example.com");
        assert!(
            session["url"]
                .as_str()
                .expect("a link")
                .contains("/portal/entry?session=csn_")
        );
    }
}
