//! Why a file was not read or written as a whole. A line that is not taken is a `Rejection` and keeps no other from it.

use crate::json;
use watchtape_shared::transfer::MAX_FILE_LINES;

/// A refusal of a whole file.
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
    /// The file has more lines than are read.
    #[error("A file has at most {MAX_FILE_LINES} lines")]
    TooManyLines,
    /// The text is not a list as JSON.
    #[error(transparent)]
    NotAListFile(#[from] json::Error),
    /// The account, or the node, is reading as many files as it may.
    #[error("other files are being read")]
    Busy,
    /// The list cannot be written; a fault of the server's own.
    #[error("{0}")]
    Unwritable(String),
}
