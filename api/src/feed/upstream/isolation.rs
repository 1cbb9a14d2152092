//! Isolates the feed from a vendor's adapter that panics or hangs.

use crate::feed::vendors::error::VendorError;
use futures_util::FutureExt;
use std::time::Duration;

/// Runs the work of a vendor's adapter: a panic becomes `Malformed`, an exceeded deadline `Unavailable`.
pub(super) async fn isolate<T>(
    work: impl Future<Output = Result<T, VendorError>>,
    deadline: Option<Duration>,
) -> Result<T, VendorError> {
    let work = std::panic::AssertUnwindSafe(work).catch_unwind();
    let done = match deadline {
        Some(deadline) => tokio::time::timeout(deadline, work).await,
        None => Ok(work.await),
    };
    match done {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(VendorError::Malformed("the answer was not understood".to_owned())),
        Err(_) => Err(VendorError::Unavailable("no answer in time".to_owned())),
    }
}
