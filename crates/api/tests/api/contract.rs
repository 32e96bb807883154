//! What the document and the contract say of every answer.

use std::sync::LazyLock;

use http::Method;
use serde_json::{Value as Json, json};

use crate::{schema, support::Reply};

pub static DOCUMENT: LazyLock<Json> =
    LazyLock::new(|| serde_json::to_value(portico_api::openapi()).unwrap());

/// Every call of the document: method, path, description.
pub fn operations() -> Vec<(Method, String, Json)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Json)| {
        let found = item.as_object().unwrap().iter();
        found
            .map(|(method, operation)| {
                let method = method.to_uppercase().parse().unwrap();
                (method, path.clone(), operation.clone())
            })
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Whether a call is documented to need neither key nor token.
pub fn needs_no_key(operation: &Json) -> bool {
    operation["security"] == json!([{}])
}

/// Fails when the answer is not one that the document or the contract allows.
pub fn check(method: &Method, path: &str, reply: &Reply) {
    let status = reply.status;
    if status.is_client_error() || status.is_server_error() {
        match path {
            "/api/embeds/auth" => assert!(reply.body["error"].is_string(), "{}", reply.text),
            _ => check_error(reply),
        }
    }
    let found = operations()
        .into_iter()
        .filter(|(known, template, _)| known == method && fits(template, path))
        // A fixed segment wins over a name, as it does in the router.
        .min_by_key(|(_, template, _)| template.matches('{').count());
    if let Some((_, template, operation)) = found {
        let responses = &operation["responses"];
        assert!(
            responses.get(status.as_str()).is_some(),
            "{method} {template} answers {status}, which is not documented: {}",
            reply.text
        );
        if status.is_success() {
            let documented = &responses[status.as_str()];
            let schema = &documented["content"]["application/json"]["schema"];
            schema::check(schema, &reply.body, template.as_str());
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut names, mut parts) = (template.split('/'), path.split('/'));
    names
        .by_ref()
        .zip(parts.by_ref())
        .all(|(name, part)| name == part || name.starts_with('{'))
        && template.matches('/').count() == path.matches('/').count()
}

fn check_error(reply: &Reply) {
    let kind = match reply.status.as_u16() {
        400 | 405 | 413 | 415 => "malformed",
        401 => "unauthenticated",
        403 => "permissionDenied",
        404 => "notFound",
        409 => "conflict",
        422 => "invalid",
        429 => "tooManyRequests",
        500 => "internal",
        501 => "notImplemented",
        503 => "serviceUnavailable",
        other => panic!("no answer has status {other}"),
    };
    let body = &reply.body;
    assert_eq!(
        (&body["object"], &body["type"]),
        (&json!("error"), &json!(kind))
    );
    assert!(body["message"].as_str().is_some_and(|it| !it.is_empty()));
    for detail in body["details"].as_array().into_iter().flatten() {
        assert_eq!(detail["object"], "propertyErrorDetail");
        assert!(detail["message"].is_string() && detail["property"].is_string());
        assert!(detail.get("suggestion").is_some_and(Json::is_null));
    }
}
