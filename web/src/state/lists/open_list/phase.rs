//! The loading phases of the open list.

use crate::api::Failure;

/// The phase of the open list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// No list is open, or its items are being read.
    Loading,
    Failed(Failure),
    /// There is no such list in this account.
    Missing,
    /// It was deleted while it was open.
    Deleted,
    Ready,
}
