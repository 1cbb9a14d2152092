//! Destinations of alerts: where a trigger is sent, beside the app.

use crate::account::Email;
use crate::text::DestinationName;
use crate::{AlertEventId, DestinationId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most destinations of one account.
pub const MAX_DESTINATIONS: usize = 20;
/// The most characters of a URL.
pub const MAX_URL_CHARS: usize = 2_000;

/// What a webhook's body looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookFormat {
    /// JSON, signed by the Standard Webhooks specification.
    #[default]
    Standard,
    /// For an incoming webhook of Slack, and of what understands the same.
    Slack,
    /// For a webhook of a Discord channel.
    Discord,
    /// For a topic of ntfy.
    Ntfy,
}

impl WebhookFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Slack, Self::Discord, Self::Ntfy];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Ntfy => "ntfy",
        }
    }
}

/// What opens a browser's push subscription (RFC 8291).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushKeys {
    /// The browser's public key on P-256, uncompressed, in base64url.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "BLn9b-VR0ca83knDNZ32dCHGyjJp-1riX9ZTN40MqV8K_LpQmLqxC_DoHvqvFXO_nGdAB4W9dogZb_sM-uV4JbY")
    )]
    pub p256dh: String,
    /// The shared authentication secret, 16 bytes in base64url.
    #[cfg_attr(feature = "openapi", schema(example = "_ordMnz7uTCmrpBTeUV4Bw"))]
    pub auth: String,
}

/// Makes a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields, try_from = "AnyDestination")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NewDestination {
    /// A URL that each trigger is posted to.
    Webhook {
        /// What it is called; the URL's host unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = DestinationName, required = false))]
        name: Option<DestinationName>,
        /// An https URL, or an http one that the operator lets in.
        #[cfg_attr(feature = "openapi", schema(max_length = 2000, example = "https://example.com/hooks/watchtape"))]
        url: String,
        /// What the body looks like; `standard` unless said.
        #[serde(default)]
        format: WebhookFormat,
    },
    /// A mailbox. It is used once its owner has followed the link that is mailed to it.
    Email {
        /// What it is called; the address unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = DestinationName, required = false))]
        name: Option<DestinationName>,
        /// The address.
        address: Email,
    },
    /// A browser, by its push service.
    WebPush {
        /// What it is called; the push service's host unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = DestinationName, required = false))]
        name: Option<DestinationName>,
        /// The subscription's URL at the push service.
        #[cfg_attr(feature = "openapi", schema(max_length = 2000, example = "https://push.example.com/v2/abc"))]
        endpoint: String,
        /// The subscription's keys.
        keys: PushKeys,
    },
}

/// The members of all kinds. A tagged enum would be read from a buffer, and an error in it would name no member.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyDestination {
    r#type: DestinationKind,
    #[serde(default, deserialize_with = "crate::patch::present")]
    name: Option<DestinationName>,
    #[serde(default, deserialize_with = "crate::patch::present")]
    url: Option<String>,
    #[serde(default, deserialize_with = "crate::patch::present")]
    format: Option<WebhookFormat>,
    #[serde(default, deserialize_with = "crate::patch::present")]
    address: Option<Email>,
    #[serde(default, deserialize_with = "crate::patch::present")]
    endpoint: Option<String>,
    #[serde(default, deserialize_with = "crate::patch::present")]
    keys: Option<PushKeys>,
}

impl TryFrom<AnyDestination> for NewDestination {
    type Error = String;

    fn try_from(any: AnyDestination) -> Result<Self, Self::Error> {
        let AnyDestination { r#type, name, url, format, address, endpoint, keys } = any;
        let others = match r#type {
            DestinationKind::Webhook => [
                address.as_ref().map(|_| "address"),
                endpoint.as_ref().map(|_| "endpoint"),
                keys.as_ref().map(|_| "keys"),
                None,
            ],
            DestinationKind::Email => [
                url.as_ref().map(|_| "url"),
                format.map(|_| "format"),
                endpoint.as_ref().map(|_| "endpoint"),
                keys.as_ref().map(|_| "keys"),
            ],
            DestinationKind::WebPush => {
                [url.as_ref().map(|_| "url"), format.map(|_| "format"), address.as_ref().map(|_| "address"), None]
            }
        };
        if let Some(other) = others.into_iter().flatten().next() {
            return Err(format!("unknown field `{other}` of a destination of type {}", r#type.as_str()));
        }
        let missing = |field: &str| format!("missing field `{field}`");
        Ok(match r#type {
            DestinationKind::Webhook => {
                Self::Webhook { name, url: url.ok_or_else(|| missing("url"))?, format: format.unwrap_or_default() }
            }
            DestinationKind::Email => Self::Email { name, address: address.ok_or_else(|| missing("address"))? },
            DestinationKind::WebPush => Self::WebPush {
                name,
                endpoint: endpoint.ok_or_else(|| missing("endpoint"))?,
                keys: keys.ok_or_else(|| missing("keys"))?,
            },
        })
    }
}

/// The kind of a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DestinationKind {
    /// A URL that each trigger is posted to.
    Webhook,
    /// A mailbox.
    Email,
    /// A browser.
    WebPush,
}

impl DestinationKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Email, Self::WebPush];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Email => "email",
            Self::WebPush => "web_push",
        }
    }
}

/// Where a destination stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DestinationState {
    /// Triggers are sent to it.
    Active,
    /// Its mailbox is not confirmed yet.
    Unconfirmed,
    /// Its owner has paused it.
    Paused,
    /// It has failed for too long, or is gone: `reason` says which.
    Disabled,
}

impl DestinationState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Unconfirmed, Self::Paused, Self::Disabled];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unconfirmed => "unconfirmed",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }
}

/// A destination, without what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Destination {
    /// Names the destination.
    pub id: DestinationId,
    /// Its kind.
    pub r#type: DestinationKind,
    /// What it is called.
    pub name: DestinationName,
    /// A webhook's URL, or a push subscription's; null for a mailbox.
    #[cfg_attr(feature = "openapi", schema(example = "https://example.com/hooks/watchtape"))]
    pub url: Option<String>,
    /// A webhook's format; null for the others.
    pub format: Option<WebhookFormat>,
    /// A mailbox's address; null for the others.
    pub address: Option<Email>,
    /// Where it stands.
    pub state: DestinationState,
    /// Why it is disabled, in words; null where it is not.
    #[cfg_attr(feature = "openapi", schema(example = json!(null)))]
    pub reason: Option<String>,
    /// Since when every delivery has failed; null where the last has not.
    pub failing_since: Option<DateTime<Utc>>,
    /// When something last arrived; null: never.
    pub last_delivered_at: Option<DateTime<Utc>>,
    /// Counts its changes; its `ETag`.
    pub version: u64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A destination that was made just now, or whose secret was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationWithSecret {
    /// What a webhook of format `standard` is signed with. Shown this once; absent for the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"))]
    pub secret: Option<String>,
    /// What is known of it from now on.
    #[serde(flatten)]
    pub destination: Destination,
}

/// Changes a destination. Another URL or address needs a destination of its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationPatch {
    /// What it is called.
    #[serde(deserialize_with = "crate::patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = DestinationName, required = false))]
    pub name: Option<DestinationName>,
    /// Whether it is paused. `false` also ends a `disabled`, so that it is tried again.
    #[serde(deserialize_with = "crate::patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = bool, required = false))]
    pub paused: Option<bool>,
}

/// Confirms a mailbox.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationConfirmation {
    /// What the mailed link has after `#token=`.
    #[cfg_attr(feature = "openapi", schema(example = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"))]
    pub token: String,
}

/// How a delivery went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeliveryState {
    /// It is to be tried, or tried again.
    Pending,
    /// It has arrived.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// A delivery of a trigger, or of a test, to a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Names the delivery; the `webhook-id` of every try of it.
    #[cfg_attr(feature = "openapi", schema(example = "evt_01kaq2f8s5e8rvm0r2j5c4n6xt_dst_01kaq2f8s5e8rvm0r2j5c4n6xt"))]
    pub id: String,
    /// The trigger; null for a test, and for the mail that asks to confirm an address.
    pub event_id: Option<AlertEventId>,
    /// How it went.
    pub state: DeliveryState,
    /// How often it was tried.
    pub tries: u32,
    /// The HTTP status, or SMTP code, of the last try; null where there was no answer.
    pub status: Option<u16>,
    /// Why the last try failed, in words; null where it did not.
    #[cfg_attr(feature = "openapi", schema(example = "status 500"))]
    pub error: Option<String>,
    /// The first 200 bytes of the last answer; null where there was none.
    #[cfg_attr(feature = "openapi", schema(example = "Internal Server Error"))]
    pub answer: Option<String>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When it was last tried; null: not yet.
    pub tried_at: Option<DateTime<Utc>>,
    /// How long the last try took, in milliseconds.
    pub took_ms: Option<u32>,
    /// When it is tried again; null where it is not.
    pub due_at: Option<DateTime<Utc>>,
}

/// What a browser needs to subscribe to push messages of this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushKey {
    /// The server's VAPID key (RFC 8292): a public key on P-256, uncompressed, in base64url.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "BOXYZ0mJcZ5bNmTH1AjkXBu2QfG0t0lX3d9S0r8oT0mB8kYVZyqTq7VXm4h4jJv8mNw3l2pY9Q0rXcWv5bE1nqQ")
    )]
    pub public_key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_destination_has_the_members_of_its_type() {
        let parse = |json: &str| serde_json::from_str::<NewDestination>(json).map_err(|error| error.to_string());
        let webhook = parse(r#"{"type":"webhook","url":"https://example.com"}"#).expect("a webhook");
        assert!(matches!(&webhook, NewDestination::Webhook { name: None, format: WebhookFormat::Standard, .. }));
        let again = serde_json::to_string(&webhook).expect("plain data");
        assert_eq!(parse(&again), Ok(webhook));
        assert!(parse(r#"{"type":"email","name":"Mail","address":"ada@example.com"}"#).is_ok());
        let push = r#"{"type":"web_push","endpoint":"https://example.com","keys":{"p256dh":"a","auth":"b"}}"#;
        assert!(parse(push).is_ok());
        for (json, said) in [
            (r#"{"type":"webhook"}"#, "missing field `url`"),
            (
                r#"{"type":"webhook","url":"https://example.com","address":"ada@example.com"}"#,
                "unknown field `address`",
            ),
            (r#"{"type":"email","address":"ada@example.com","format":"slack"}"#, "unknown field `format`"),
            (r#"{"type":"pager"}"#, "unknown variant `pager`"),
            (r#"{"type":"webhook","url":"https://example.com","format":null}"#, "expected value"),
            (r#"{"url":"https://example.com"}"#, "missing field `type`"),
        ] {
            assert!(parse(json).expect_err("refused").contains(said), "{json}");
        }
    }
}
