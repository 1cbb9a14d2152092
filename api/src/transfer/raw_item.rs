//! An item as the texts of a file, and its parsing.

use super::{Rejection, symbol_lookup};
use crate::search::TickerIndex;
use std::borrow::Cow;
use watchtape_shared::text::{Note, Section};
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::{AddItem, Flag};

/// The texts of an item, not parsed yet. Blank means absent.
///
/// An exchange and an ISIN help to find the security where the symbol alone is another's, or none of ours.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RawItem<'a> {
    pub(super) symbol: &'a str,
    pub(super) isin: &'a str,
    pub(super) exchange: &'a str,
    pub(super) section: &'a str,
    pub(super) flag: &'a str,
    pub(super) note: &'a str,
}

impl RawItem<'_> {
    /// Parses the item, without a position: it is appended.
    pub(super) fn parse(self, catalogue: &TickerIndex) -> Result<AddItem, Rejection> {
        let symbol = symbol_lookup::find_listed(catalogue, self.symbol, self.exchange, self.isin)?;
        Ok(AddItem {
            note: parse_unless_blank(self.note, parse_note)?,
            flag: parse_unless_blank(self.flag, parse_flag)?,
            section: parse_unless_blank(self.section, parse_section)?,
            ..AddItem::at_end(symbol)
        })
    }
}

fn parse_unless_blank<T>(text: &str, parse: fn(&str) -> Result<T, Rejection>) -> Result<Option<T>, Rejection> {
    if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// Parses a note. CR LF becomes LF, and so does a CR alone.
pub(super) fn parse_note(text: &str) -> Result<Note, Rejection> {
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    Note::parse(&text).map_err(|cause| Rejection::new(RejectionCode::InvalidNote, cause.to_string()))
}

/// Parses a flag: the name of its colour, in any case.
pub(super) fn parse_flag(text: &str) -> Result<Flag, Rejection> {
    let found = Flag::ALL.into_iter().find(|flag| flag.as_str().eq_ignore_ascii_case(text.trim()));
    found.ok_or_else(|| {
        let colours = Flag::ALL.map(Flag::as_str).join(", ");
        Rejection::new(RejectionCode::InvalidFlag, format!("a flag is one of {colours}"))
    })
}

/// Parses the name of a section.
pub(super) fn parse_section(text: &str) -> Result<Section, Rejection> {
    Section::parse(text).map_err(|cause| Rejection::new(RejectionCode::InvalidSection, cause.to_string()))
}
