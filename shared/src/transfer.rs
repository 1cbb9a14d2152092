//! Import and export of lists, and bulk changes: what was accepted, and why the rest was not.

use crate::text::{ListName, Note, Section};
use crate::watchlist::{Flag, NewItem};
use crate::{Invalid, Symbol};
use serde::{Deserialize, Serialize};

/// The most items of one bulk request.
pub const MAX_BULK: usize = 1000;
/// The most bytes of a file.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;
/// The most lines of a file, or items of a JSON file.
pub const MAX_FILE_LINES: usize = 10_000;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Format {
    /// A table: `symbol,name,exchange,section,flag,note`.
    Csv,
    /// TradingView's text: `EXCHANGE:SYMBOL`, one a line, under `###SECTION` lines.
    Txt,
    /// A [`ListFile`].
    Json,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Txt, Self::Json];

    /// The form's name, which also ends the names of its files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Txt => "txt",
            Self::Json => "json",
        }
    }

    /// The media type of such a file.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Txt => "text/plain",
            Self::Json => "application/json",
        }
    }
}

/// A list as a JSON file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListFile {
    /// The name of the list that was exported.
    pub name: ListName,
    /// Its items, in its owner's order.
    pub items: Vec<ListFileItem>,
}

/// An item in a JSON file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListFileItem {
    /// Which security.
    pub symbol: Symbol,
    /// What its owner noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// Its coloured mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// The heading it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<Section>,
}

/// Why something was not put on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = "unknown_symbol"))]
pub enum RejectionCode {
    /// It has not the form of a symbol.
    InvalidSymbol,
    /// The catalogue does not know the symbol, or several that may be meant.
    UnknownSymbol,
    /// The symbol is on the list, or came before in the same request.
    AlreadyOnList,
    /// The list is full.
    TooManyItems,
    /// The symbol to stand after is not on the list.
    NotOnList,
    /// The notes and sections of the list are too long together.
    TooMuchText,
    /// The note is too long, or has control or other hidden characters.
    InvalidNote,
    /// There is no such flag.
    InvalidFlag,
    /// The section's name is too long, or has control or other hidden characters.
    InvalidSection,
    /// The security is listed elsewhere.
    WrongExchange,
    /// It cannot be read at all.
    Malformed,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Imported {
    /// How many items were added.
    pub added: u32,
    /// Their symbols, in the file's order, as the catalogue spells them.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub symbols: Vec<Symbol>,
    /// What was not, in the file's order.
    pub rejected: Vec<RejectedLine>,
    /// The list's version now.
    pub version: u64,
}

/// A line of a file that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RejectedLine {
    /// Which line, from 1; of a JSON file, which item.
    #[cfg_attr(feature = "openapi", schema(example = 3))]
    pub line: u32,
    /// What it says, cut to 100 characters.
    #[cfg_attr(feature = "openapi", schema(example = "NASDAQ:NOPE"))]
    pub text: String,
    /// Why it was not taken.
    pub code: RejectionCode,
    /// The same in words.
    #[cfg_attr(feature = "openapi", schema(example = "NOPE is not in the catalogue"))]
    pub detail: String,
}

/// Puts many symbols on a list at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkAdd {
    /// What to add, one after the other.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<NewItem>, min_items = 1, max_items = 1000))]
    pub items: BulkItems,
}

/// 1 to 1,000 items.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<NewItem>", into = "Vec<NewItem>")]
pub struct BulkItems(Vec<NewItem>);

impl TryFrom<Vec<NewItem>> for BulkItems {
    type Error = Invalid;

    fn try_from(items: Vec<NewItem>) -> Result<Self, Invalid> {
        if (1..=MAX_BULK).contains(&items.len()) { Ok(Self(items)) } else { Err(Invalid("items are 1 to 1,000")) }
    }
}

impl From<BulkItems> for Vec<NewItem> {
    fn from(items: BulkItems) -> Self {
        items.0
    }
}

/// What became of many items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkAdded {
    /// A result for each item, in the request's order.
    pub results: Vec<BulkResult>,
    /// The list's version now.
    pub version: u64,
}

/// Whether an item is on the list because of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BulkStatus {
    /// It is.
    Added,
    /// It is not.
    Rejected,
}

/// What became of one of many items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkResult {
    /// The symbol, as the catalogue spells it where it was added, else as it was sent.
    #[cfg_attr(feature = "openapi", schema(example = "AAPL"))]
    pub symbol: String,
    /// Whether it was added.
    pub status: BulkStatus,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = json!(null)))]
    pub code: Option<RejectionCode>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = json!(null)))]
    pub detail: Option<String>,
}
