//! Closing a connection from outside of its actor: the worker sets the state, the response body (`merged_body`) reads it.

/// Whether a connection is open, and why it is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseState {
    /// Open.
    Open,
    /// To be closed with 4008: its client does not read.
    TooSlow,
    /// To be closed with 1013: an event could not be delivered, so the client must reconnect.
    EventLost,
    /// To be closed with 4429: it sends more than its budgets have.
    TooMany,
    /// The close frame was handed to the socket.
    Closed,
}
