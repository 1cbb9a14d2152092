//! The error of a vendor's call or stream. Its text is shown to clients as the health of the source, so that it never
//! contains text of the vendor.

use std::time::Duration;

/// Why a call or a stream failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// The vendor's rate limit is exhausted (429), with the wait that it asks for.
    #[error("the rate limit is exhausted")]
    Limited(Option<Duration>),
    /// The request was refused (400, 401, 403, 404, …): for a symbol that the vendor or the plan does not have, or, where
    /// different symbols are refused, for a key that is wrong, which only an operator can fix.
    #[error("refused: {0}")]
    Refused(String),
    /// The vendor could not be reached in time, or failed.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The answer is not the documented JSON, or is too large.
    #[error("malformed: {0}")]
    Malformed(String),
}
