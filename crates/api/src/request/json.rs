//! From bytes to JSON.
//!
//! Guarantee: what comes out of here is at most 64 KiB of valid JSON, nested at most 32 deep. How long
//! a client may take, and reading on after a refusal so that it can read the answer, is the business
//! of the server below: only the owner of the connection can do both.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde_json::Value as Json;

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
    if depth(bytes) > MAX_DEPTH {
        return Err(malformed("The body is nested more than 32 deep."));
    }
    // The parser's own message would repeat parts of the body.
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        malformed(format!(
            "The body is not valid JSON: see line {line}, column {column}."
        ))
    })
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::Malformed(message.into())
}

/// How deep brackets nest outside of strings.
fn depth(bytes: &[u8]) -> u32 {
    let (mut depth, mut deepest) = (0_u32, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        assert_eq!(depth(br#"{"a":[{"b":"]]}}[[["}]}"#), 3);
        assert_eq!(depth(br#"["\"[[["]"#), 1);
        assert_eq!(depth(&[b'['; 40]), 40);
        assert_eq!(depth(b"]]]["), 1);
    }
}
