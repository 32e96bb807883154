//! What is sent and read, against the document that describes it.

use std::sync::LazyLock;

use portico_domain::{
    id::PortingId,
    porting::{Behavior, Details},
};
use portico_testkit::sample;
use serde_json::{Value as Json, json};

use super::*;
use crate::PortRequest;

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| {
    let text = include_str!("../../../../../docs/carrier-protocol.openapi.json");
    serde_json::from_str(text).expect("the document is JSON")
});

fn schemas() -> &'static Json {
    &DOCUMENT["components"]["schemas"]
}

/// Whether the document says that `value` is a `name`.
fn fits(name: &str, value: &Json) -> bool {
    let schema = json!({
        "$ref": format!("#/components/schemas/{name}"),
        "components": DOCUMENT["components"],
    });
    jsonschema::is_valid(&schema, value)
}

/// Everything in `value` is described, at every depth.
fn assert_described(schema: &Json, value: &Json) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &schemas()[name.rsplit('/').next().expect("a name")],
        None => schema,
    };
    let schema = match &schema["oneOf"][0] {
        Json::Null => schema,
        first => return assert_described(first, value),
    };
    let Json::Object(fields) = value else { return };
    for (name, value) in fields {
        let described = &schema["properties"][name];
        assert!(!described.is_null(), "{name} is not described");
        assert_described(described, value);
    }
}

fn request(details: Details) -> PortRequest {
    PortRequest {
        reference: "prt_0000000000000000000000000001-1".to_owned(),
        porting: PortingId::from_parts(0, 0, [0; 12]),
        provider: "acme".to_owned(),
        phone_number: sample::number("0100"),
        behavior: Behavior::PortIn,
        details,
    }
}

#[test]
fn what_is_sent_is_what_the_document_says() {
    let mut details = Details::default();
    sample::details().apply(&mut details);
    let (full, empty) = (request(details), request(Details::default()));
    let submit = |request| Message::SubmitPorting {
        reference: "prt_0000000000000000000000000001-1",
        project: "shop",
        porting: Box::new(Handed::from(request)),
    };
    let reference = "prt_0000000000000000000000000001-1";
    let messages = [
        ("SubmitPorting", submit(&full)),
        ("SubmitPorting", submit(&empty)),
        ("LookUpPorting", Message::LookUpPorting { reference }),
        ("CancelPorting", Message::CancelPorting { reference }),
        (
            "CheckPortability",
            Message::check("acme", &full.phone_number),
        ),
    ];
    for (name, message) in &messages {
        let sent = serde_json::to_value(message).expect("text keys");
        assert!(fits(name, &sent), "{name}: {sent}");
        assert_described(&schemas()[name], &sent);
    }
    let sent = serde_json::to_value(&messages[0].1).expect("text keys");
    let pin = full.details.account_pin.as_ref().expect("a PIN");
    assert_eq!(sent["porting"]["accountPin"], pin.expose());
    assert_eq!(sent["type"], "submitPorting");
}

/// What the document allows is read, and what it forbids is not.
#[test]
fn answers_are_read_as_the_document_says() {
    let long = "x".repeat(101);
    let updates = [
        json!({ "type": "accepted" }),
        json!({ "type": "declined", "id": "1", "code": "8C", "text": "PIN", "reference": "r-1" }),
        json!({ "type": "foc", "date": "2026-03-09" }),
        json!({ "type": "moved" }),
        json!({ "type": "accepted", "colour": "red" }),
        json!({ "type": "accepted", "id": "" }),
        json!({ "type": "accepted", "id": long }),
        json!({ "type": "accepted", "code": "" }),
        json!({ "code": "8C" }),
        json!(["accepted"]),
    ];
    for body in &updates {
        let text = body.to_string();
        let is_read = update(text.as_bytes(), "r-1").is_ok();
        assert_eq!(is_read, fits("Update", body), "{body}");
        let body = json!({ "known": true, "updates": [body] });
        let is_read = looked_up(body.to_string().as_bytes(), "r-1").is_ok();
        assert_eq!(is_read, fits("LookedUp", &body), "{body}");
    }
    for body in [
        json!({ "known": false }),
        json!({ "updates": [] }),
        json!({ "known": 1 }),
    ] {
        let is_read = looked_up(body.to_string().as_bytes(), "r-1").is_ok();
        assert_eq!(is_read, fits("LookedUp", &body), "{body}");
    }
    for body in [
        json!({ "code": "8C" }),
        json!({ "text": "PIN incorrect" }),
        json!({}),
        json!({ "code": "8C", "message": "no" }),
    ] {
        let is_read = refusal(body.to_string().as_bytes()).is_ok();
        assert_eq!(is_read, fits("Refusal", &body), "{body}");
    }
    for body in [
        json!({ "portable": true, "required": ["donorProviderApproval"] }),
        json!({ "portable": false, "reason": "It is a landline." }),
        json!({ "portable": true, "required": ["shoeSize"] }),
        json!({ "portable": "yes" }),
    ] {
        let is_read = portability(body.to_string().as_bytes()).is_ok();
        assert_eq!(is_read, fits("Portability", &body), "{body}");
    }
}

#[test]
fn an_answer_about_something_else_is_not_read() {
    let other = br#"{"type": "completed", "reference": "r-2"}"#;
    assert!(update(other, "r-2").is_ok());
    assert!(update(other, "r-1").is_err());
    let without_day = br#"{"type": "foc"}"#;
    assert!(update(without_day, "r-1").is_err());
}

/// What was read may be about a person, and an error goes to the log.
#[test]
fn an_error_repeats_nothing_of_the_answer() {
    for body in [
        &br#"{"type": "Rosalind"}"#[..],
        b"Rosalind",
        br#"{"Rosalind": 1}"#,
    ] {
        let error = update(body, "r-1")
            .err()
            .expect("it is refused")
            .to_string();
        assert!(!error.contains("Rosalind"), "{error}");
    }
}
