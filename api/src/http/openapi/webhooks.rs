//! The `webhooks` of the document: what is posted to destinations of type `webhook` and format `standard`.

use serde_json::{Value, json};

/// The header fields of each: name, description, pattern and example.
const FIELDS: [(&str, &str, &str, &str); 3] = [
    (
        "webhook-id",
        "Names the delivery: the same on every try of it.",
        "^[a-z0-9_]+$",
        "evt_01kaq2f8s5e8rvm0r2j5c4n6xt_dst_01kaq2f8s5e8rvm0r2j5c4n6xt",
    ),
    ("webhook-timestamp", "When it is tried, in Unix seconds.", "^[0-9]+$", "1795378891"),
    (
        "webhook-signature",
        "`v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`; two, separated by a blank, \
         while the secret is being replaced (standardwebhooks.com).",
        "^v1,[A-Za-z0-9+/]+=*( v1,[A-Za-z0-9+/]+=*)*$",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
];

/// Both webhooks.
pub(super) fn all() -> Value {
    json!({
        "alert.triggered": { "post": operation(
            "alert_triggered",
            "An alert has triggered",
            "Posted to each destination of the alert, within seconds.",
            &json!({ "$ref": "#/components/schemas/AlertEvent" }),
        ) },
        "alert.test": { "post": operation(
            "alert_test",
            "A test",
            "Posted when the owner asks for it.",
            &json!({
                "type": "object", "required": ["message"],
                "properties": { "message": {
                    "type": "string", "description": "What it is.", "example": "This is a test: your alerts arrive here.",
                } },
            }),
        ) },
    })
}

fn operation(id: &str, summary: &str, description: &str, data: &Value) -> Value {
    let parameters = FIELDS.map(|(name, description, pattern, example)| {
        json!({
            "name": name, "in": "header", "required": true, "description": description,
            "schema": { "type": "string", "pattern": pattern }, "example": example,
        })
    });
    let kind = id.replace('_', ".");
    json!({
        "operationId": id, "summary": summary, "description": description, "tags": ["account"], "security": [{}],
        "parameters": parameters,
        "requestBody": { "required": true, "content": { "application/json": { "schema": {
            "type": "object", "required": ["type", "timestamp", "data"],
            "properties": {
                "type": { "type": "string", "enum": [kind], "description": "What it is." },
                "timestamp": { "type": "string", "format": "date-time", "description": "When it happened." },
                "data": data,
            },
        } } } },
        "responses": {
            "2XX": { "description": "It has arrived. Anything else is tried again for 17 hours" },
            "410": { "description": "The destination is gone: it is disabled" },
        },
    })
}
