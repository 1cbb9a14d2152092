//! API keys, by which programs call without a session.

use crate::KeyId;
use crate::text::KeyName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most API keys of one account.
pub const MAX_KEYS: usize = 50;

/// What a key may do. No key may manage the account or its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Read lists and prices, and open the stream.
    Read,
    /// Change lists, and all that `read` may do.
    Write,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The scope's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// Makes an API key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKey {
    /// What it is for.
    pub name: KeyName,
    /// What it may do; at least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub scopes: Vec<Scope>,
    /// When it ends; never by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "2036-01-01T00:00:00Z"))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// An API key, without what opens anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// Names the key.
    pub id: KeyId,
    /// What it is for.
    pub name: KeyName,
    /// Its last four characters.
    #[cfg_attr(feature = "openapi", schema(example = "q7x2"))]
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; null: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; null: never.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A key that was made just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedApiKey {
    /// The key itself, for the `Authorization: Bearer` header. Shown this once.
    #[cfg_attr(feature = "openapi", schema(example = "wt_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"))]
    pub key: String,
    /// What is known of it from now on.
    #[serde(flatten)]
    pub api_key: ApiKey,
}
