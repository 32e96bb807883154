//! Any body for any call: every answer is a documented one (which the client of these tests checks),
//! and nothing that is sent makes the server fail.

use http::Method;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value as Json};

use crate::{
    contract::{DOCUMENT, operations},
    support::{World, world},
};

const BODIES_PER_CALL: usize = 60;

/// Values of every type, hostile ones among them.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        "[0-9A-Za-z_+-]{0,40}".prop_map(Json::from),
        prop_oneof![
            Just("+19595550100"),
            Just("test"),
            Just("US"),
            Just("portIn"),
            Just("2026-02-29"),
            Just("viewSubscription"),
            Just("completePorting"),
            Just("jo@example.com"),
            Just("https://example.com"),
            Just("#000000"),
        ]
        .prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(name(), inner, 0..5)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// Names that the document knows, and others.
fn name() -> impl Strategy<Value = String> {
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let known: Vec<_> = schemas
        .values()
        .filter_map(|schema| schema["properties"].as_object())
        .flat_map(Map::keys)
        .cloned()
        .collect();
    prop_oneof![8 => prop::sample::select(known), 1 => any::<String>()]
}

/// A body that gives each documented property with a chance of one half.
fn body(schema: &Json) -> BoxedStrategy<Json> {
    let reference = schema["$ref"].as_str().unwrap().trim_start_matches('#');
    let properties = DOCUMENT.pointer(reference).unwrap()["properties"]
        .as_object()
        .unwrap();
    let names: Vec<_> = properties.keys().cloned().collect();
    let values = prop::collection::vec(prop::option::of(value()), names.len());
    values
        .prop_map(move |values| {
            let given = names.iter().cloned().zip(values);
            Json::Object(
                given
                    .filter_map(|(name, value)| Some((name, value?)))
                    .collect(),
            )
        })
        .boxed()
}

async fn send(world: &World, method: &Method, path: &str, body: String) {
    let request = world.request(method.clone(), path);
    let request = request.header("content-type", "application/json");
    let reply = world.send(request.body(body.clone().into()).unwrap()).await;
    assert_ne!(reply.status, 500, "{method} {path} {body}");
}

#[tokio::test]
async fn no_body_makes_the_server_fail() {
    let world = world().await;
    let (user, subscription, porting) = world.waiting().await;
    let plan = world.plan().await;
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    for (method, template, operation) in operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() || template.contains("{session}") {
            continue;
        }
        let path = template
            .replace("{project}", "acme")
            .replace("{user}", &user)
            .replace("{plan}", &plan)
            .replace("{subscription}", &subscription)
            .replace("{porting}", &porting);
        let bodies = body(schema);
        for _ in 0..BODIES_PER_CALL {
            let body = bodies.new_tree(&mut runner).unwrap().current();
            send(&world, &method, &path, body.to_string()).await;
        }
        let bytes = any::<String>().new_tree(&mut runner).unwrap().current();
        send(&world, &method, &path, bytes).await;
    }
}
