//! From a body's bytes to a typed request, for the fuzz targets alone: what a call does with its
//! body before it opens a transaction.

use jiff::civil::Date;
use portico_app::AppError;
use serde_json::Value as Json;

use crate::{
    ApiError, error::sentence, plans, portings::input as portings, projects, request::call,
    request::fields::Fields, request::json, request::parse, sessions, subscriptions, users,
    webhooks,
};

/// The calls whose bodies are read.
pub const READERS: [Reader; 14] = [
    |body, _| sessions::read_new(body).map(drop),
    |body, _| Some(drop(sessions::read_patch(body))),
    |body, today| portings::read_new(body, today).map(drop),
    |body, today| Some(drop(portings::read_patch(body, today))),
    |body, _| plans::read_new(body).map(drop),
    |body, _| Some(drop(plans::read_patch(body))),
    |body, _| subscriptions::read_new(body).map(drop),
    |body, _| Some(drop(subscriptions::read_patch(body))),
    |body, today| users::read_new(body, today).map(drop),
    |body, today| Some(drop(users::read_patch(body, today))),
    |body, _| webhooks::read_new(body, "com.portico.").map(drop),
    |body, _| Some(drop(webhooks::read_change(body, "com.portico."))),
    |body, _| Some(drop(projects::read_patch(body))),
    |body, _| parse::address(body).map(drop),
];

/// Reads the body of one call.
pub type Reader = fn(&mut Fields, Date) -> Option<()>;

/// What is wrong with a property.
pub struct Problem {
    /// Its path.
    pub property: String,
    /// Whether it was missing.
    pub is_missing: bool,
    /// A sentence on it.
    pub message: String,
}

/// Reads JSON.
///
/// # Errors
/// Why it is none.
pub fn json(bytes: &[u8]) -> Result<Json, String> {
    json::parse(bytes).map_err(|error| error.to_string())
}

/// Reads the body of a call.
///
/// # Errors
/// The properties that are wrong.
///
/// # Panics
/// A body was answered with anything but its properties.
pub fn read(reader: Reader, body: &Json, today: Date) -> Result<(), Vec<Problem>> {
    match call::read_object(body, Vec::new(), |fields| reader(fields, today)) {
        Ok(()) => Ok(()),
        Err(ApiError::App(AppError::Invalid(problems))) => Err(problems
            .into_iter()
            .map(|problem| Problem {
                message: sentence(&problem),
                is_missing: problem.code.as_str().ends_with("Required")
                    || problem.code.as_str().ends_with("Incomplete"),
                property: problem.property,
            })
            .collect()),
        Err(other) => panic!("a body was answered with: {other}"),
    }
}
