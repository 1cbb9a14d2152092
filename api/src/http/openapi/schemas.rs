//! Corrections of the derived schemas, so that clients and requests generated from the document match what the server
//! accepts exactly.

use crate::http::error_codes::Code;
use serde_json::{Value, json};

/// A list of entity tags, or `*` (RFC 9110, 8.8.3).
pub(super) const ENTITY_TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#;

/// Gives non-negative integers the formats `uint32` and `uint64`, in the whole document.
pub(super) fn refine(value: &mut Value) {
    if value["minimum"] == 0 {
        let (format, maximum) = match value["format"].as_str() {
            Some("int32") => ("uint32", Some(u32::MAX)),
            Some("int64") => ("uint64", None),
            _ => return,
        };
        value["format"] = json!(format);
        if let Some(maximum) = maximum.filter(|_| value.get("maximum").is_none()) {
            value["maximum"] = json!(maximum);
        }
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(refine),
        Value::Array(items) => items.iter_mut().for_each(refine),
        _ => {}
    }
}

/// Patches name at least one member.
pub(super) fn require_members(schemas: &mut Value) {
    for (name, schema) in schemas.as_object_mut().into_iter().flatten() {
        if name.ends_with("Patch") {
            schema["minProperties"] = json!(1);
        }
    }
}

/// Names what generators would otherwise make up names for: the elements of pages, and the codes of problems.
pub(super) fn name_parts(schemas: &mut Value) {
    let elements: Vec<(String, Value)> = schemas
        .as_object_mut()
        .into_iter()
        .flatten()
        .filter_map(|(name, schema)| {
            let element = name.strip_prefix("Page_")?.to_owned();
            let reference = json!({ "$ref": format!("#/components/schemas/{element}") });
            let inlined = schema.pointer_mut("/properties/items/items")?;
            Some((element, std::mem::replace(inlined, reference)))
        })
        .collect();
    for (name, schema) in elements {
        // Whose schema is there already refers to it.
        if schemas.get(&name).is_none() && schema.get("$ref").is_none() {
            schemas[name] = schema;
        }
    }
    schemas["Problem"]["properties"]["code"]["enum"] = Code::ALL.iter().map(|code| code.as_str()).collect();
}

/// Removes schemas that nothing refers to.
pub(super) fn prune(document: &mut Value) {
    let text = document.to_string();
    let is_used = |name: &str| text.contains(&format!("\"#/components/schemas/{name}\""));
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let before = schemas.len();
    schemas.retain(|name, _| is_used(name));
    if schemas.len() < before {
        // Again, for schemas that only removed ones referred to.
        prune(document);
    }
}

/// Removes `null` from the types of optional parameters and bodies: headers and queries cannot express it, and a body of
/// `null` is refused. Also describes `If-Match`.
pub(super) fn drop_nulls(operation: &mut Value) {
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        without_null(&mut parameter["schema"]);
        // Swagger UI would send the example of an optional header with every request.
        if parameter["in"] == "header" && parameter["required"] != true {
            without_example(parameter);
        }
        if parameter["name"] == "If-Match" {
            parameter["schema"]["format"] = json!("entity-tags");
            parameter["schema"]["pattern"] = json!(ENTITY_TAGS);
        }
    }
    let body = operation.get_mut("requestBody").and_then(|body| body["content"].as_object_mut());
    for media in body.into_iter().flatten().map(|(_, media)| media) {
        without_null(&mut media["schema"]);
    }
}

fn without_example(parameter: &mut Value) {
    for pointer in ["", "/schema"] {
        if let Some(members) = parameter.pointer_mut(pointer).and_then(Value::as_object_mut) {
            members.remove("example");
            members.remove("examples");
        }
    }
}

fn without_null(schema: &mut Value) {
    if let Some(kinds) = schema["type"].as_array()
        && let Some(kind) = kinds.iter().find(|kind| **kind != "null").cloned()
    {
        schema["type"] = kind;
    }
    if let Some(choices) = schema["oneOf"].as_array()
        && let [choice] = choices.iter().filter(|choice| choice["type"] != "null").collect::<Vec<_>>()[..]
    {
        *schema = choice.clone();
    }
}
