//! How a connection is to end, where that is not for its actor to say: the worker sets it, the socket's body reads it.

/// Whether a connection is open, and how it is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseState {
    /// It is open.
    Open,
    /// Its client does not read.
    TooSlow,
    /// A message for it could not be delivered: it knows less than it should, and must start over.
    OutOfStep,
    /// Its close frame is out.
    Closed,
}
