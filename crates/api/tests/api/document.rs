//! The OpenAPI document.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::{
    contract::{DOCUMENT, needs_no_key, operations},
    support::world,
};

/// The committed document is the one the routes make. `UPDATE_OPENAPI=1` writes it anew.
#[test]
fn the_committed_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = serde_json::to_string_pretty(&*DOCUMENT).unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "run the tests with UPDATE_OPENAPI=1 and look at the difference"
    );
}

#[tokio::test]
async fn the_document_is_served_to_anybody() {
    let world = world().await;
    let request = world.request_as(None, http::Method::GET, "/openapi.json");
    let reply = world
        .send(request.body("".into()).unwrap())
        .await
        .expect(200);
    assert_eq!(reply.body, *DOCUMENT);
}

#[test]
fn every_call_of_the_contract_is_there() {
    let found: Vec<_> = operations()
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    for (path, methods) in [
        ("connectSessions", "POST"),
        ("connectSessions/{session}", "GET PATCH"),
        ("portings", "GET POST"),
        ("portings/{porting}", "GET PATCH DELETE"),
        ("portings/{porting}/cancel", "POST"),
        ("portings/{porting}/carrierUpdate", "POST"),
        ("portings/search", "POST"),
        ("subscriptions", "GET POST"),
        ("subscriptions/{subscription}", "GET PATCH"),
        ("subscriptions/{subscription}/cancel", "POST"),
        ("subscriptions/{subscription}/end", "POST"),
        ("subscriptions/{subscription}/portIn", "POST"),
        ("users", "GET POST"),
        ("users/{user}", "GET PATCH DELETE"),
        ("users/search", "POST"),
        ("users/{user}/addresses", "GET POST"),
        ("users/{user}/addresses/{address}", "GET DELETE"),
        ("plans", "GET POST"),
        ("plans/{plan}", "GET PATCH"),
        ("events", "GET"),
        ("events/{event}", "GET"),
        ("events/{event}/redeliver", "POST"),
        ("webhookEndpoints", "GET POST"),
        ("webhookEndpoints/{webhookEndpoint}", "GET PATCH DELETE"),
        ("webhookEndpoints/{webhookEndpoint}/rotateSecret", "POST"),
        ("webhookEndpoints/{webhookEndpoint}/deliveries", "GET"),
        ("webhookEndpoints/{webhookEndpoint}/redeliver", "POST"),
        ("webhookEndpoints/{webhookEndpoint}/sign", "POST"),
    ] {
        for method in methods.split(' ') {
            let call = format!("{method} /projects/{{project}}/{path}");
            assert!(found.contains(&call), "{call}");
        }
    }
    for call in [
        "POST /api/embeds/auth",
        "GET /projects",
        "GET /projects/{project}",
        "PATCH /projects/{project}",
        "GET /serviceProviders",
        "GET /serviceProviders/{serviceProvider}",
    ] {
        assert!(found.contains(&call.to_owned()), "{call}");
    }
}

#[test]
fn every_call_says_what_it_can_answer() {
    for (method, path, operation) in operations() {
        let responses = operation["responses"].as_object().unwrap();
        assert!(operation["summary"].is_string() && operation["operationId"].is_string());
        if needs_no_key(&operation) {
            continue;
        }
        let mut wanted = vec!["401", "403", "422", "500", "503"];
        if method != "GET" {
            wanted.extend(["400", "409", "413", "415"]);
        }
        if path.contains('{') {
            wanted.push("404");
        }
        for status in wanted {
            assert!(responses.contains_key(status), "{method} {path} {status}");
        }
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let has = |name: &str| parameters.iter().any(|it| it["name"] == name);
        let keyed = method == "POST" || method == "DELETE";
        assert_eq!(has("Idempotency-Key"), keyed, "{method} {path}");
        for name in path
            .split('/')
            .filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
        {
            assert!(has(name), "{method} {path} {name}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
        match value {
            Json::Object(map) => {
                found.extend(map.get("$ref").and_then(Json::as_str));
                map.values().for_each(|value| references(value, found));
            }
            Json::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&DOCUMENT, &mut found);
    assert!(found.len() > 100);
    for reference in found {
        let target = DOCUMENT.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some_and(|it| *it != json!(null)), "{reference}");
    }
}
