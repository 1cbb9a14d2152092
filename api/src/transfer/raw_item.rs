//! The texts of an item as a file has them, and the item that they are.

use super::{Rejection, symbol_lookup};
use crate::search::TickerIndex;
use std::borrow::Cow;
use watchtape_shared::text::{Note, Section};
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::{AddItem, Flag};

/// An item in texts; a blank one is as good as none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Draft<'a> {
    pub(super) symbol: &'a str,
    pub(super) section: &'a str,
    pub(super) flag: &'a str,
    pub(super) note: &'a str,
}

impl Draft<'_> {
    /// The item, to stand at the end.
    pub(super) fn parse(self, catalogue: &TickerIndex) -> Result<AddItem, Rejection> {
        Ok(AddItem {
            symbol: symbol_lookup::find(catalogue, self.symbol)?,
            note: parse_unless_blank(self.note, note)?,
            flag: parse_unless_blank(self.flag, flag)?,
            section: parse_unless_blank(self.section, section)?,
            position: None,
        })
    }
}

fn parse_unless_blank<T>(text: &str, parse: fn(&str) -> Result<T, Rejection>) -> Result<Option<T>, Rejection> {
    if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// A note, with its lines ended as ours are.
pub(super) fn note(text: &str) -> Result<Note, Rejection> {
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    Note::parse(&text).map_err(|cause| Rejection::new(RejectionCode::InvalidNote, cause.to_string()))
}

/// A flag by its colour.
pub(super) fn flag(text: &str) -> Result<Flag, Rejection> {
    let found = Flag::ALL.into_iter().find(|flag| flag.as_str().eq_ignore_ascii_case(text.trim()));
    found.ok_or_else(|| {
        let colours = Flag::ALL.map(Flag::as_str).join(", ");
        Rejection::new(RejectionCode::InvalidFlag, format!("a flag is one of {colours}"))
    })
}

/// A section by its name.
pub(super) fn section(text: &str) -> Result<Section, Rejection> {
    Section::parse(text).map_err(|cause| Rejection::new(RejectionCode::InvalidSection, cause.to_string()))
}
