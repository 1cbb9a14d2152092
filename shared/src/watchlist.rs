//! Watchlists and their items.

use crate::text::{ListName, Note, Section};
use crate::{Currency, Patch, Quote, Symbol, WatchlistId, patch, whole};
use chrono::{DateTime, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// The most watchlists of one account.
pub const MAX_LISTS: usize = 50;
/// The most items of one watchlist.
pub const MAX_ITEMS: usize = 1000;

/// The most bytes of notes and sections on one watchlist.
pub const MAX_LIST_TEXT_BYTES: usize = 512 * 1024;

/// A coloured mark on an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "a colour is its own description")]
pub enum Flag {
    Red,
    Orange,
    Yellow,
    Green,
    Blue,
    Purple,
}

impl Flag {
    /// Every flag, in the order of the rainbow.
    pub const ALL: [Self; 6] = [Self::Red, Self::Orange, Self::Yellow, Self::Green, Self::Blue, Self::Purple];

    /// The colour's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Purple => "purple",
        }
    }
}

/// A watchlist without its items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WatchlistSummary {
    /// Names the list.
    pub id: WatchlistId,
    /// Its name, unique for its owner.
    pub name: ListName,
    /// Its place among its owner's lists, from 0.
    pub position: u32,
    /// Counts its changes; the list's `ETag`.
    pub version: u64,
    /// How many items it has.
    pub item_count: u32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A watchlist with its items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watchlist {
    /// The list itself.
    #[serde(flatten)]
    pub summary: WatchlistSummary,
    /// Its items, in its owner's order.
    pub items: Vec<WatchlistItem>,
}

/// A watchlist that contains a security, with its item alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContainingWatchlist {
    /// The list itself.
    #[serde(flatten)]
    pub summary: WatchlistSummary,
    /// The security's item.
    pub item: WatchlistItem,
}

/// One symbol on a watchlist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WatchlistItem {
    /// Which security.
    pub symbol: Symbol,
    /// The security's name.
    #[cfg_attr(feature = "openapi", schema(example = "Apple Inc."))]
    pub name: String,
    /// The market identifier code of its exchange; null where unknown.
    #[cfg_attr(feature = "openapi", schema(example = "XNAS"))]
    pub mic: Option<String>,
    /// What its prices are counted in.
    pub currency: Currency,
    /// Whether the catalogue no longer has it; left out where it has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub delisted: bool,
    /// Its place on the list, from 0.
    pub position: u32,
    /// What its owner noted.
    pub note: Option<Note>,
    /// Its coloured mark.
    pub flag: Option<Flag>,
    /// The heading it stands under.
    pub section: Option<Section>,
    /// When it was put on the list.
    pub added_at: DateTime<Utc>,
    /// Its last values, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// How many active alerts its owner has of the symbol, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u32, required = false, example = 1))]
    pub alert_count: Option<u32>,
}

/// Makes a watchlist.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewWatchlist {
    /// Its name, unique for its owner.
    pub name: ListName,
}

/// Changes a watchlist (JSON merge patch).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WatchlistPatch {
    /// A new name.
    #[serde(default, deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = ListName, required = false))]
    pub name: Option<ListName>,
    /// A new place among the owner's lists; past the end means the end.
    #[serde(default, deserialize_with = "whole::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u32, required = false))]
    pub position: Option<u32>,
}

/// An item to be put on a watchlist. Its symbol is any text by which a security is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewItem {
    /// Which security of the catalogue: its symbol, also as other products write it (`BRK-B`, `BRK/B`, `NYSE:BRK.B`), or its
    /// ISIN.
    #[cfg_attr(feature = "openapi", schema(example = "AAPL"))]
    pub symbol: String,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// A coloured mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// A heading to stand under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<Section>,
    /// The symbol to stand after; null is the top. Where it is not on the list, nor among those added before, `position` counts.
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Symbol>, example = json!(null)))]
    pub after: Patch<Symbol>,
    /// The place to stand at; the end by default, and where it is past the end.
    #[serde(default, deserialize_with = "whole::optional", skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}

/// An item whose security has been found. The app sends it; a server reads [`NewItem`].
#[derive(Clone, Debug, Serialize)]
pub struct AddItem {
    /// Which security.
    pub symbol: Symbol,
    /// A note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// A coloured mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// A heading to stand under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Section>,
    /// The symbol to stand after, or the top.
    #[serde(skip_serializing_if = "Patch::is_absent")]
    pub after: Patch<Symbol>,
    /// The place to stand at, where `after` is not on the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}

impl AddItem {
    /// Puts a symbol at the end, with nothing noted.
    pub fn at_end(symbol: Symbol) -> Self {
        Self { symbol, note: None, flag: None, section: None, after: Patch::Absent, position: None }
    }

    /// The bytes of its note and section, which count toward [`MAX_LIST_TEXT_BYTES`].
    pub fn text_bytes(&self) -> usize {
        text_bytes(self.note.as_ref(), self.section.as_ref())
    }
}

/// The bytes of a note and a section, which count toward [`MAX_LIST_TEXT_BYTES`].
pub fn text_bytes(note: Option<&Note>, section: Option<&Section>) -> usize {
    note.map_or(0, |note| note.as_str().len()) + section.map_or(0, |section| section.as_str().len())
}

/// Changes an item (JSON merge patch): null takes away.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemPatch {
    /// The note.
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Note>))]
    pub note: Patch<Note>,
    /// The coloured mark.
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Flag>))]
    pub flag: Patch<Flag>,
    /// The heading.
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Section>))]
    pub section: Patch<Section>,
    /// The symbol to stand after; null is the top. Where it is not on the list, `position` counts.
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Symbol>, example = json!(null)))]
    pub after: Patch<Symbol>,
    /// A new place; past the end means the end.
    #[serde(default, deserialize_with = "whole::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u32, required = false))]
    pub position: Option<u32>,
}

/// Moves items of a watchlist together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MoveItems {
    /// What to move, in the order in which they are to stand. Each is on the list.
    #[serde(deserialize_with = "symbols_to_move")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
    pub symbols: Vec<Symbol>,
    /// The symbol to stand after, which is not among them; null is the top.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, example = json!(null)))]
    pub after: Option<Symbol>,
}

fn symbols_to_move<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Symbol>, D::Error> {
    let symbols: Vec<Symbol> = Vec::deserialize(deserializer)?;
    if (1..=MAX_ITEMS).contains(&symbols.len()) { Ok(symbols) } else { Err(D::Error::custom("symbols are 1 to 1,000")) }
}

/// The whole order of a watchlist.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Every symbol of the list, each once.
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub symbols: Vec<Symbol>,
}
