//! What a client sends, cut at the boundaries of its WebSocket frames and counted before anything is buffered.
//!
//! actix-web-actors copies all that its payload has ready before it decodes a frame, so that a client that sends faster than
//! its frames are handled would fill the memory. This payload gives it one frame at a time, and ends the connection when a
//! budget is used up. Only the lengths of frames (RFC 6455, section 5.2) are read here; the decoder judges the rest.

use crate::limits::stream_budget::StreamPayer;
use crate::stream::close_state::CloseState;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use bytes::Buf;
use futures_util::Stream;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// The longest header: two bytes, eight of an extended length, four of a mask.
const MAX_HEADER_BYTES: usize = 14;

/// The payload of a connection, a frame at a time.
pub(super) struct FrameGate<S> {
    payload: S,
    /// What the payload has given and was not handed on.
    chunk: Bytes,
    header: Header,
    /// Bytes of the current frame's body that have not come yet.
    body_left: u64,
    /// Whether the decoder has had its part of this poll.
    has_given: bool,
    /// Whether a budget was used up: nothing more is read.
    is_cut: bool,
    payer: Rc<RefCell<StreamPayer>>,
    close_state: Rc<Cell<CloseState>>,
}

impl<S> FrameGate<S> {
    pub(super) fn new(payload: S, payer: Rc<RefCell<StreamPayer>>, close_state: Rc<Cell<CloseState>>) -> Self {
        Self {
            payload,
            chunk: Bytes::new(),
            header: Header::default(),
            body_left: 0,
            has_given: false,
            is_cut: false,
            payer,
            close_state,
        }
    }

    /// Takes from the chunk up to the end of the current frame; `None` if the frame is more than a budget has.
    fn take_part(&mut self) -> Option<Bytes> {
        let mut taken = 0;
        while self.body_left == 0 && taken < self.chunk.len() {
            let length = self.header.push(self.chunk[taken]);
            taken += 1;
            if let Some(length) = length {
                if !self.payer.borrow().take_frame(length) {
                    return None;
                }
                self.body_left = length;
                // An empty frame ends with its header.
                break;
            }
        }
        let body = usize::try_from(self.body_left).unwrap_or(usize::MAX).min(self.chunk.len() - taken);
        self.body_left -= body as u64;
        Some(self.chunk.split_to(taken + body))
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for FrameGate<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_cut {
            return Poll::Pending;
        }
        if std::mem::take(&mut self.has_given) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !self.chunk.has_remaining() {
            match ready!(Pin::new(&mut self.payload).poll_next(context)) {
                Some(Ok(chunk)) => self.chunk = chunk,
                other => return Poll::Ready(other),
            }
        }
        let Some(part) = self.take_part() else {
            self.close_state.set(CloseState::TooMany);
            self.is_cut = true;
            self.chunk = Bytes::new();
            // The close frame is the next that is sent, and ends the connection.
            context.waker().wake_by_ref();
            return Poll::Pending;
        };
        self.has_given = true;
        Poll::Ready(Some(Ok(part)))
    }
}

/// The bytes of a frame's header that have come.
#[derive(Default)]
struct Header {
    bytes: [u8; MAX_HEADER_BYTES],
    len: usize,
}

impl Header {
    /// Adds a byte; the length of the frame's body once the header is complete.
    fn push(&mut self, byte: u8) -> Option<u64> {
        self.bytes[self.len] = byte;
        self.len += 1;
        if self.len < 2 {
            return None;
        }
        let (short, is_masked) = (self.bytes[1] & 0x7F, self.bytes[1] & 0x80 != 0);
        let extended = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if self.len < 2 + extended + if is_masked { 4 } else { 0 } {
            return None;
        }
        let length = match extended {
            0 => short.into(),
            _ => self.bytes[2..2 + extended].iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        self.len = 0;
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::stream_budget::StreamBudgets;
    use actix_http::ws::{OpCode, Parser};
    use bytes::BytesMut;
    use futures_util::StreamExt;
    use futures_util::stream;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn gate(chunks: Vec<Vec<u8>>) -> FrameGate<impl Stream<Item = Result<Bytes, PayloadError>> + Unpin> {
        let payer = StreamPayer::new(&Arc::new(StreamBudgets::default()), 1, "192.0.2.1".to_owned());
        let chunks = stream::iter(chunks.into_iter().map(|chunk| Ok(Bytes::from(chunk))));
        FrameGate::new(chunks, Rc::new(RefCell::new(payer)), Rc::new(Cell::new(CloseState::Open)))
    }

    fn encode(body: &[u8]) -> Vec<u8> {
        let mut bytes = BytesMut::new();
        Parser::write_message(&mut bytes, body, OpCode::Binary, true, true);
        bytes.to_vec()
    }

    proptest! {
        #[test]
        fn bytes_pass_unchanged_and_no_part_has_more_than_one_frame(
            bodies in prop::collection::vec(prop_oneof![0usize..3, 120usize..130, 65_530usize..65_540], 1..6),
            chunk_len in 1usize..3_000,
        ) {
            let frames: Vec<Vec<u8>> = bodies.iter().map(|len| encode(&vec![7; *len])).collect();
            let sent = frames.concat();
            let chunks = sent.chunks(chunk_len).map(<[u8]>::to_vec).collect();
            let parts: Vec<Bytes> =
                futures_util::FutureExt::now_or_never(drain(gate(chunks))).expect("it never waits");
            prop_assert_eq!(parts.concat(), sent);
            // Every end of a frame is the end of a part.
            let ends = |parts: &mut dyn Iterator<Item = usize>| {
                parts.scan(0, |end, len| { *end += len; Some(*end) }).collect::<Vec<_>>()
            };
            let (part_ends, frame_ends) =
                (ends(&mut parts.iter().map(Bytes::len)), ends(&mut frames.iter().map(Vec::len)));
            prop_assert!(frame_ends.iter().all(|end| part_ends.contains(end)));
        }
    }

    /// Everything that the gate gives, polled again whenever it has woken its task.
    async fn drain<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin>(mut gate: FrameGate<S>) -> Vec<Bytes> {
        let mut parts = Vec::new();
        loop {
            gate.has_given = false;
            match gate.next().await {
                Some(part) => parts.push(part.expect("bytes")),
                None => return parts,
            }
        }
    }

    #[test]
    fn a_poll_gives_one_frame_and_then_waits() {
        let mut gate = gate(vec![[encode(b""), encode(b"")].concat()]);
        let mut context = Context::from_waker(std::task::Waker::noop());
        for _ in 0..2 {
            assert!(matches!(gate.poll_next_unpin(&mut context), Poll::Ready(Some(Ok(part))) if part.len() == 6));
            assert!(gate.poll_next_unpin(&mut context).is_pending());
        }
    }

    #[test]
    fn a_flood_of_empty_frames_ends_the_connection() {
        let mut gate = gate(vec![encode(b"").repeat(10_000)]);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let parts = (0..10_000).filter(|_| gate.poll_next_unpin(&mut context).is_ready()).count();
        assert_eq!(parts, 250);
        assert!(gate.close_state.get() == CloseState::TooMany);
    }
}
