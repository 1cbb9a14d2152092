//! OpenAPI links from operations that create a resource to those that read, change and delete it, for people and for
//! generated test sequences.

use serde_json::{Value, json};

/// The creating operation, the runtime expression of the new id, and the operations with that id in their path.
type Links = (&'static str, &'static str, &'static [&'static str]);

const CREATED: &[Links] = &[
    (
        "create_watchlist",
        "$response.body#/id",
        &["get_watchlist", "update_watchlist", "delete_watchlist", "add_item", "set_watchlist_order"],
    ),
    (
        "create_destination",
        "$response.body#/id",
        &["get_destination", "update_destination", "delete_destination", "list_deliveries"],
    ),
    ("create_api_key", "$response.body#/id", &["revoke_api_key"]),
];

/// An item is identified by the list's id and the symbol.
const CREATE_ITEM: &str = "add_item";
const ITEM_OPERATIONS: &[&str] = &["update_item", "remove_item"];

/// Adds the links of an operation to its 201 response. `operation_ids` are all operation ids.
pub(super) fn add(operation: &mut Value, operation_ids: &[String]) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let Some(created) = operation["responses"].get_mut("201") else { return };
    let mut link = |to: &str, parameters: Value| {
        if operation_ids.iter().any(|one| one == to) {
            created["links"][to] = json!({ "operationId": to, "parameters": parameters });
        }
    };
    for (_, name, to) in CREATED.iter().filter(|(operation_id, _, _)| *operation_id == id) {
        for to in *to {
            link(to, json!({ "id": name }));
        }
    }
    if id == CREATE_ITEM {
        for to in ITEM_OPERATIONS {
            link(to, json!({ "id": "$request.path.id", "symbol": "$response.body#/symbol" }));
        }
    }
}
