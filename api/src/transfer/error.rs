//! Errors that concern a whole file. A line that cannot be added is a `Rejection`, and does not stop the others.

use crate::json;
use watchtape_shared::transfer::MAX_FILE_LINES;

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("Line {line} is not UTF-8, nor does the file begin with the mark of UTF-16: save it as UTF-8")]
    NotUnicode {
        /// The first line that is not, from 1.
        line: u32,
    },
    /// The same of a file that is to be JSON, which it then is not.
    #[error("Line {line} is not UTF-8, which JSON is in")]
    NotJson {
        /// The first line that is not, from 1.
        line: u32,
    },
    /// No line names a column of symbols.
    #[error("No line of the file names a column symbol")]
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
