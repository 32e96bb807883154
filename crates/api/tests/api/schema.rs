//! Compares answers with the document: the part of JSON Schema that the document uses.

use serde_json::Value as Json;

use crate::contract::DOCUMENT;

/// Fails when `value` does not fit `schema`; `at` says where it stands.
pub fn check(schema: &Json, value: &Json, at: &str) {
    if let Err(problem) = fit(schema, value, at) {
        panic!("{problem}");
    }
}

fn fit(schema: &Json, value: &Json, at: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = DOCUMENT.pointer(reference.trim_start_matches('#'));
        return fit(target.expect("references lead somewhere"), value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let failures: Vec<_> = choices
            .iter()
            .filter_map(|it| fit(it, value, at).err())
            .collect();
        return match failures.len() + 1 == choices.len() {
            true => Ok(()),
            false => Err(failures.join("; ")),
        };
    }
    fit_type(&schema["type"], value).map_err(|wanted| format!("{at} is not {wanted}: {value}"))?;
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        return Err(format!("{at} is none of {allowed:?}: {value}"));
    }
    match value {
        Json::Object(_) => fit_object(schema, value, at),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| fit(&schema["items"], item, &format!("{at}[{index}]"))),
        _ => Ok(()),
    }
}

fn fit_object(schema: &Json, value: &Json, at: &str) -> Result<(), String> {
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        if value.get(name).is_none() {
            return Err(format!("{at} lacks {name}"));
        }
    }
    let known = schema["properties"].as_object();
    for (name, inner) in value.as_object().unwrap() {
        let at = format!("{at}.{name}");
        match known.and_then(|known| known.get(name)) {
            Some(schema) => fit(schema, inner, &at)?,
            // Answers hold nothing that is not documented.
            None if known.is_some() => return Err(format!("{at} is not documented")),
            None => fit(&schema["additionalProperties"], inner, &at)?,
        }
    }
    Ok(())
}

fn fit_type(wanted: &Json, value: &Json) -> Result<(), String> {
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    };
    let fits = match wanted {
        Json::Null => true,
        Json::String(name) => is(name),
        names => names
            .as_array()
            .unwrap()
            .iter()
            .any(|it| is(it.as_str().unwrap())),
    };
    if fits {
        Ok(())
    } else {
        Err(wanted.to_string())
    }
}

#[test]
fn answers_that_do_not_fit_are_found() {
    let list = serde_json::json!({ "$ref": "#/components/schemas/List_User" });
    let page = |items: Json, more: Json| {
        let mut page = serde_json::json!({ "object": "list", "items": items });
        page["moreItemsAfter"] = more;
        page["moreItemsBefore"] = Json::Null;
        page
    };
    let none = || Json::Array(Vec::new());
    assert!(fit(&list, &page(none(), Json::Null), "").is_ok());
    assert!(fit(&list, &page(none(), 5.into()), "").is_err());
    assert!(
        fit(
            &list,
            &page(serde_json::json!([{ "id": "usr_1" }]), Json::Null),
            ""
        )
        .is_err()
    );
    let mut unknown = page(none(), Json::Null);
    unknown["total"] = 0.into();
    assert!(fit(&list, &unknown, "").is_err());
}
