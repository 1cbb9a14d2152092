//! Lists as JSON: a [`ListFile`]. An invalid item is rejected without refusing the others.

use super::raw_item::RawItem;
use super::{Error, Line, MAX_QUOTED_CHARS, Rejection};
use crate::json;
use crate::search::TickerIndex;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;
use watchtape_shared::transfer::{ListFile, ListFileItem, MAX_FILE_LINES, RejectionCode};
use watchtape_shared::watchlist::{AddItem, Watchlist};

/// Writes a list.
pub(super) fn write(list: &Watchlist) -> Result<String, Error> {
    let items = list.items.iter().cloned();
    let items =
        items.map(|item| ListFileItem { symbol: item.symbol, note: item.note, flag: item.flag, section: item.section });
    let file = ListFile { name: list.summary.name.clone(), items: items.collect() };
    serde_json::to_string_pretty(&file).map_err(|cause| Error::Unwritable(cause.to_string()))
}

/// Reads a file.
pub(super) fn read(file: &[u8], catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    let File { _name, items: Items(items) } = json::parse(file)?;
    let lines = (1..).zip(&items).map(|(number, item)| Line::new(number, item.get(), parse(item.get(), catalogue)));
    Ok(lines.collect())
}

fn parse(item: &str, catalogue: &TickerIndex) -> Result<AddItem, Rejection> {
    let item: Item = serde_json::from_str(item).map_err(|cause| {
        let cause = cause.to_string();
        let cause = cause.rsplit_once(" at line ").map_or(cause.as_str(), |(cause, _)| cause);
        // The message quotes the client's text, so it is cut.
        Rejection::new(RejectionCode::Malformed, cause.chars().take(MAX_QUOTED_CHARS).collect::<String>())
    })?;
    let [section, flag, note] = [&item.section, &item.flag, &item.note].map(|text| text.as_deref().unwrap_or_default());
    RawItem { symbol: &item.symbol, section, flag, note, ..RawItem::default() }.parse(catalogue)
}

/// A list as a JSON file, as it may come: what is no item is a rejected line, and no reason to refuse the others.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ListFileToImport, example = json!({ "name": "Tech", "items": [{ "symbol": "AAPL", "flag": "red" }] }))]
pub struct File {
    /// Whose items they were: said to people, not read.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    /// The items, each with `symbol` and maybe `note`, `flag` and `section`.
    #[schema(value_type = Vec<serde_json::Value>, max_items = 10_000)]
    items: Items,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    symbol: String,
    note: Option<String>,
    flag: Option<String>,
    section: Option<String>,
}

/// Unparsed items, at most `MAX_FILE_LINES`.
struct Items(Vec<Box<RawValue>>);

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self, A::Error> {
        while let Some(item) = items.next_element()? {
            if self.0.len() == MAX_FILE_LINES {
                return Err(serde::de::Error::custom(format_args!("a file has at most {MAX_FILE_LINES} items")));
            }
            self.0.push(item);
        }
        Ok(self)
    }
}
