//! Why a call to a vendor gave nothing.

use std::time::Duration;

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The vendor's limit is exhausted; come back after so long, where it says.
    #[error("the rate limit is exhausted")]
    Limited(Option<Duration>),
    /// The key is missing, wrong or not allowed to ask this: asking again will not help soon.
    #[error("refused: {0}")]
    Refused(String),
    /// The vendor could not be reached in time, or failed.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The answer is not of the vendor's documented shape, or larger than it may be.
    #[error("malformed: {0}")]
    Malformed(String),
}
