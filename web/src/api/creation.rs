//! Requests that create something: sent again with the same key where it is not known whether they were carried out.

use super::call::{Answer, Call};
use super::{Api, Failure, IdempotencyKey};
use crate::view::pause::pause;
use std::time::Duration;

/// How often one is sent again.
const MAX_REPEATS: u32 = 2;
/// How long to wait before.
const REPEAT_WAIT: Duration = Duration::from_secs(1);

impl Api {
    /// Sends what creates something, until it is known whether it was carried out.
    pub(super) async fn create(self, call: Call, key: &IdempotencyKey) -> Result<Answer, Failure> {
        let call = call.once(key);
        let mut repeats = 0;
        loop {
            match self.send(&call).await {
                Err(failure) if repeats < MAX_REPEATS && may_be_done(&failure) => {
                    repeats += 1;
                    pause(REPEAT_WAIT).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Whether what failed like this may have been carried out, or is being carried out.
fn may_be_done(failure: &Failure) -> bool {
    match failure {
        Failure::TimedOut | Failure::Unreachable => true,
        Failure::Refused(problem) => problem.code == "idempotency_in_progress",
        // A proxy that has had no answer either.
        Failure::Unexpected { status, .. } => matches!(status, 502 | 504),
        Failure::SignedOut => false,
    }
}
