//! Why a call failed.

use watchtape_shared::Problem;

/// The failures of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No response: no network, or no server.
    Unreachable,
    /// No response in time.
    TimedOut,
    /// The session has ended; the sign-in page follows.
    SignedOut,
    /// The server refused with a problem document.
    Refused(Problem),
    /// A response that is not the server's own, such as a proxy's error page.
    Unexpected { status: u16, request_id: Option<String> },
}

impl Failure {
    /// Whether nobody was there to answer: no network, no server, or a proxy that says so of the server behind it.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Unexpected { status: 502..=504, .. })
    }

    /// The status of the server's refusal.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            Self::Unexpected { status, .. } => Some(*status),
            _ => None,
        }
    }
}
