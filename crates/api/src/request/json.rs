//! From bytes to JSON.
//!
//! Guarantee: what comes out of here is at most 64 KiB of valid JSON, nested at most 32 deep. How long
//! a client may take, and reading on after a refusal so that it can read the answer, is the business
//! of the server below: only the owner of the connection can do both.

use std::fmt;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json, error::Category};

use crate::ApiError;

/// The largest body, in bytes.
pub const MAX_BODY: usize = 64 * 1_024;
/// The deepest nesting of objects and arrays.
const MAX_DEPTH: u32 = 32;

/// Reads a whole body.
///
/// # Errors
/// It is too large, or breaks off.
pub async fn read(mut body: Body) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| malformed("The body broke off."))?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > MAX_BODY {
                return Err(ApiError::TooLarge);
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes.freeze())
}

/// Reads JSON.
///
/// # Errors
/// It is none, is not UTF-8, or is nested too deep.
pub fn parse(bytes: &[u8]) -> Result<Json, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Plain { depth: 0 }.deserialize(&mut reader);
    // The parser's own message would repeat parts of the body.
    read.and_then(|value| reader.end().map(|()| value))
        .map_err(|error| match error.classify() {
            Category::Data => malformed("The body is nested more than 32 deep."),
            _ => malformed(format!(
                "The body is not valid JSON: see line {}, column {}.",
                error.line(),
                error.column()
            )),
        })
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::Malformed(message.into())
}

/// Any JSON value, inside of so many arrays and objects. serde_json's own reading of a `Value` gives
/// one property name a meaning of its own and would read JSON out of its text, past every check here.
#[derive(Clone, Copy)]
struct Plain {
    depth: u32,
}

impl Plain {
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Err(E::custom("too deep"));
        }
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Plain {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut values = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            values.insert(name, from.next_value_seed(inside)?);
        }
        Ok(values.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_too_deep(body: &[u8]) -> bool {
        parse(body).is_err_and(|error| error.to_string().contains("32 deep"))
    }

    #[test]
    fn depth_counts_arrays_and_objects_and_no_text() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(32).as_bytes()).is_ok());
        assert!(is_too_deep(nested(33).as_bytes()));
        assert!(is_too_deep(nested(10_000).as_bytes()));
        assert!(is_too_deep("{\"a\":".repeat(40).as_bytes()));
        assert!(parse(format!("[\"\\\"{}\"]", "[".repeat(50)).as_bytes()).is_ok());
    }

    #[test]
    fn json_is_read_as_it_stands() {
        let body = br#" {"a":[null,true,-1,18446744073709551615,0.5,"x\u00e9"],"a b":{}} "#;
        let read = parse(body).expect("it is JSON");
        assert_eq!(
            read,
            json!({ "a": [null, true, -1, u64::MAX, 0.5, "xé"], "a b": {} })
        );
        for body in [
            &b""[..],
            b"{",
            b"{} {}",
            b"[1,]",
            b"1e999",
            b"\"\xff\"",
            b"nul",
        ] {
            let error = parse(body).expect_err("it is no JSON").to_string();
            assert!(error.contains("not valid JSON"), "{error}");
        }
    }

    #[test]
    fn no_property_name_has_a_meaning_to_the_parser() {
        let text = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let body = json!({ "$serde_json::private::RawValue": text });
        let read = parse(body.to_string().as_bytes()).expect("it is JSON");
        assert_eq!(read, body);
    }
}
