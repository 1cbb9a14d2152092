//! Lists as files: CSV, TradingView's text and JSON, each of which gives back on import what was exported.
//!
//! Reading is in three steps, in the order of these modules: a file becomes lines, a line's texts an item of the
//! catalogue or a rejection, and the items find room on a list or not. Pure, but for [`Transfers`].

mod csv;
mod draft;
mod exchange;
mod json;
mod listing;
mod room;
mod text;

#[cfg(test)]
mod properties;

pub use json::File as JsonFile;
pub use listing::find;
pub use room::Room;

use crate::error::{Code, Error};
use crate::search::TickerIndex;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use watchtape_shared::UserId;
use watchtape_shared::transfer::{Format, MAX_FILE_LINES, RejectedLine, RejectionCode};
use watchtape_shared::watchlist::{AddItem, Watchlist};

/// How many files are taken in at a time.
const MOST_AT_A_TIME: usize = 8;
/// How much of a line is said back.
const MOST_SAID: usize = 100;

/// Why something is not put on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Why.
    pub code: RejectionCode,
    /// The same in words.
    pub detail: String,
}

impl Rejection {
    fn new(code: RejectionCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A line of a file that means something, and what.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it stands.
    pub source: Source,
    /// The item that it is.
    pub item: Result<AddItem, Rejection>,
}

impl Line {
    fn new(number: u32, text: &str, item: Result<AddItem, Rejection>) -> Self {
        Self { source: Source { number, text: text.trim().chars().take(MOST_SAID).collect() }, item }
    }
}

/// Where in a file a line stands.
#[derive(Clone, Debug)]
pub struct Source {
    /// Which line, from 1; of a JSON file, which item.
    pub number: u32,
    /// What it says, cut short.
    pub text: String,
}

impl Source {
    /// Names the line, with why it was not taken.
    pub fn rejected(self, Rejection { code, detail }: Rejection) -> RejectedLine {
        RejectedLine { line: self.number, text: self.text, code, detail }
    }
}

/// Reads a file. An error is about the file as a whole.
pub fn read(format: Format, file: &[u8], catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    match format {
        Format::Csv => csv::read(text_of(file)?, catalogue),
        Format::Txt => text::read(text_of(file)?, catalogue),
        Format::Json => json::read(file, catalogue),
    }
}

/// Writes a list as a file.
pub fn write(format: Format, list: &Watchlist, catalogue: &TickerIndex) -> Result<String, Error> {
    match format {
        Format::Csv => csv::write(list),
        Format::Txt => Ok(text::write(list, catalogue)),
        Format::Json => json::write(list),
    }
}

fn text_of(file: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(file);
    let text = text.map_err(|cause| Error::new(Code::BadRequest, format!("The file is not UTF-8: {cause}.")))?;
    // Spreadsheets begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn too_many_lines() -> Error {
    Error::new(Code::Invalid, format!("A file has at most {MAX_FILE_LINES} lines."))
}

/// The turns at taking in a file: each may hold all of one in memory. An account has one.
pub struct Transfers {
    turns: Semaphore,
    accounts: Mutex<HashSet<UserId>>,
}

/// A turn, until it is dropped.
pub struct Turn<'a> {
    transfers: &'a Transfers,
    account: UserId,
    _permit: SemaphorePermit<'a>,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { turns: Semaphore::new(MOST_AT_A_TIME), accounts: Mutex::default() }
    }
}

impl Transfers {
    /// A turn for this account.
    pub fn enter(&self, account: &UserId) -> Result<Turn<'_>, Error> {
        let busy = || Error::new(Code::Unavailable, "Other files are being taken in at this moment.");
        let permit = self.turns.try_acquire().map_err(|_| busy())?;
        if !self.lock().insert(account.clone()) {
            return Err(busy());
        }
        Ok(Turn { transfers: self, account: account.clone(), _permit: permit })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.transfers.lock().remove(&self.account);
    }
}
