//! Errors that concern a whole file. A line that cannot be added is a `Rejection`, and does not stop the others.

use crate::json;
use watchtape_shared::transfer::MAX_FILE_LINES;

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not UTF-8.
    #[error("The file is not UTF-8: {0}")]
    NotUtf8(std::str::Utf8Error),
    /// The text is not CSV.
    #[error("The file is not CSV: {0}")]
    NotCsv(csv::Error),
    /// The header line has no column `symbol`.
    #[error("The file's first line names no column symbol")]
    NoSymbolColumn,
    /// The file has more than `MAX_FILE_LINES` lines.
    #[error("A file has at most {MAX_FILE_LINES} lines")]
    TooManyLines,
    /// A line has too many columns.
    #[error("A line has at most 256 columns")]
    TooManyColumns,
    /// The JSON is malformed, or not a list.
    #[error(transparent)]
    NotAListFile(#[from] json::Error),
    /// The account imports another file, or the node has reached its limit of concurrent imports.
    #[error("other files are being read")]
    Busy,
    /// The list cannot be written: an internal error.
    #[error("{0}")]
    Unwritable(String),
}
