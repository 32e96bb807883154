//! Which part of a list is asked for, and the list that answers.

use portico_domain::id::{Id, Kind};
use portico_store::{Page, PageRequest};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Object, ObjectBuilder, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::{
    fields::{Fields, Parsed, wrong},
    parse::{parsed, text},
};

/// Items of a page when nobody says how many.
const DEFAULT_LIMIT: u32 = 10;
/// Items of a page at the most.
pub const MAX_LIMIT: u32 = 200;

/// Reads `after`, `before` and `limit`; the ids are of kind `K`.
pub fn paging<K: Kind>(query: &mut Fields) -> PageRequest {
    paging_by(query, |value| {
        parsed::<Id<K>>(value).map(|id| id.to_string())
    })
}

/// Reads `after`, `before` and `limit`, with `id` to read an id.
pub fn paging_by(query: &mut Fields, id: impl Fn(&Json) -> Parsed<String>) -> PageRequest {
    let after = query.optional("after", &id);
    let before = query.optional("before", &id);
    if after.is_some() && before.is_some() {
        query.refuse("before", "cannot be combined with after.");
    }
    let limit = query.optional("limit", limit).unwrap_or(DEFAULT_LIMIT);
    PageRequest {
        after,
        before,
        limit,
    }
}

fn limit(value: &Json) -> Parsed<u32> {
    let text = text(value)?;
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    match text.parse() {
        Ok(limit) if digits && limit <= MAX_LIMIT => Ok(limit),
        _ => wrong("must be a whole number from 0 to 200."),
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    /// Always `list`.
    pub object: &'static str,
    /// The items, newest first.
    pub items: Vec<T>,
    /// Give it as `after` to get older items; null when there are none.
    #[schema(required)]
    pub more_items_after: Option<String>,
    /// Give it as `before` to get newer items; null when there are none.
    #[schema(required)]
    pub more_items_before: Option<String>,
}

impl<T> From<Page<T>> for List<T> {
    fn from(page: Page<T>) -> Self {
        Self {
            object: "list",
            items: page.items,
            more_items_after: page.more_after,
            more_items_before: page.more_before,
        }
    }
}

/// The three parameters of every list, for the document.
pub enum Paging {}

impl IntoParams for Paging {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = || text_schema("^[a-z]{3}_[0-9A-Za-z]{22,28}$");
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .maximum(Some(MAX_LIMIT))
            .default(Some(DEFAULT_LIMIT.into()));
        vec![
            parameter(
                "after",
                "Items older than this id. Not with `before`.",
                id(),
            ),
            parameter(
                "before",
                "Items newer than this id. Not with `after`.",
                id(),
            ),
            parameter("limit", "How many items at the most.", limit.build()),
        ]
    }
}

fn parameter(name: &str, description: &str, schema: Object) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// A string of that pattern, for the document.
pub fn text_schema(pattern: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .build()
}
