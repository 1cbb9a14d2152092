//! What can be done with what an answer names: OpenAPI links from an operation that makes something to those that read,
//! change and take it away. People find their way by them, and so do the tests that follow one request with the next.

use serde_json::{Value, json};

/// The operation, where its answer has the id, and the operations that take it in the path, by the parameter's name.
type Links = (&'static str, &'static str, &'static [&'static str]);

const MADE: &[Links] = &[
    (
        "create_watchlist",
        "$response.body#/id",
        &["get_watchlist", "update_watchlist", "delete_watchlist", "add_item", "set_watchlist_order"],
    ),
    ("create_api_key", "$response.body#/id", &["revoke_api_key"]),
];

/// Of an item, which the list's id and the symbol name together.
const ITEM_MAKER: &str = "add_item";
const OF_AN_ITEM: &[&str] = &["update_item", "remove_item"];

/// Adds the links of an operation to the answer that names what was made. `known` are the operations there are.
pub(super) fn add(operation: &mut Value, known: &[String]) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let Some(made) = operation["responses"].get_mut("201") else { return };
    let mut link = |to: &str, parameters: Value| {
        if known.iter().any(|one| one == to) {
            made["links"][to] = json!({ "operationId": to, "parameters": parameters });
        }
    };
    for (_, name, to) in MADE.iter().filter(|(maker, _, _)| *maker == id) {
        for to in *to {
            link(to, json!({ "id": name }));
        }
    }
    if id == ITEM_MAKER {
        for to in OF_AN_ITEM {
            link(to, json!({ "id": "$request.path.id", "symbol": "$response.body#/symbol" }));
        }
    }
}
