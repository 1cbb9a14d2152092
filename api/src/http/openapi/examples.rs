//! An example for every body, built from the examples of its schema.

use serde_json::{Map, Value, json};

/// Adds an example to every request and response body that has none.
pub(super) fn add(operation: &mut Value, schemas: &Value) {
    let request = operation.get_mut("requestBody").and_then(|body| body.get_mut("content"));
    let mut contents: Vec<&mut Value> = Vec::new();
    let mut rest = Vec::new();
    if let Some(request) = request {
        contents.push(request);
        fill(&mut contents, schemas);
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        rest.extend(responses.values_mut().filter_map(|response| response.get_mut("content")));
        fill(&mut rest, schemas);
    }
}

fn fill(contents: &mut [&mut Value], schemas: &Value) {
    for content in contents.iter_mut().filter_map(|content| content.as_object_mut()) {
        for media in content.values_mut().filter_map(Value::as_object_mut) {
            let example = media.get("schema").map(|schema| example_of(schema, schemas));
            if let Some(example) = example.filter(|_| !media.contains_key("example")) {
                media.insert("example".to_owned(), example);
            }
        }
    }
}

fn example_of(schema: &Value, schemas: &Value) -> Value {
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return example_of(&schemas[name], schemas);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            whole.extend(example_of(part, schemas).as_object().cloned().unwrap_or_default());
        }
        return whole.into();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or(Value::Null, |choice| example_of(choice, schemas));
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].get(0)?.as_str());
    match kind {
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties
                .map(|(name, property)| (name.clone(), example_of(property, schemas)))
                .collect::<Map<_, _>>()
                .into()
        }
        Some("array") => json!([example_of(&schema["items"], schemas)]),
        Some("string") if schema["format"] == "date-time" => json!("2026-11-20T15:30:00Z"),
        Some("string") => json!("…"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        _ => Value::Null,
    }
}
