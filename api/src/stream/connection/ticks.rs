//! The price half of a connection: encodes one frame of the newest values when the socket has room and the client's
//! interval has passed.

use crate::stream::hub::{ConnectionKey, Position, Rows};
use crate::stream::worker::Worker;
use crate::stream::ws_frame;
use actix_web::web::Bytes;
use bytes::BufMut;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The end of every `ticks` message.
const SUFFIX: &[u8] = b"]}";

/// The `ticks` frames of one connection. Its drop removes the connection from the worker.
pub(super) struct Ticks {
    worker: Rc<Worker>,
    key: ConnectionKey,
    interval: Rc<Cell<Duration>>,
    sent_at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Ticks {
    pub(super) fn new(worker: Rc<Worker>, key: ConnectionKey, interval: Rc<Cell<Duration>>) -> Self {
        Self { worker, key, interval, sent_at: None, timer: None }
    }

    /// The worker of its thread.
    pub(super) fn worker(&self) -> Rc<Worker> {
        self.worker.clone()
    }

    /// The next frame; pending without dirty rows, and until the interval has passed.
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        if !self.worker.hub.borrow_mut().poll_dirty(self.key, context.waker()) {
            return Poll::Pending;
        }
        if self.poll_interval(context).is_pending() {
            self.worker.hub.borrow_mut().set_paced(self.key);
            return Poll::Pending;
        }
        Poll::Ready(self.frame())
    }

    /// Ready when the client's interval has passed since the previous frame.
    fn poll_interval(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let interval = self.interval.get();
        if interval.is_zero() {
            self.timer = None;
            return Poll::Ready(());
        }
        let now = Instant::now();
        let due = self.sent_at.map_or(now, |sent_at| sent_at + interval);
        if due > now {
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            std::task::ready!(timer.as_mut().poll(context));
        }
        self.timer = None;
        self.sent_at = Some(Instant::now());
        Poll::Ready(())
    }

    fn frame(&self) -> Bytes {
        self.worker.metrics.stream.frames.inc();
        self.worker.hub.borrow_mut().take_frame(self.key, encode_prefix, encode)
    }
}

fn encode_prefix(Position { epoch, term, seq }: &Position, published_at_us: i64) -> Vec<u8> {
    // An epoch's name needs no escaping: it is letters and digits.
    format!(r#"{{"type":"ticks","epoch":"{epoch}","term":{term},"seq":{seq},"ts":{published_at_us},"d":["#).into_bytes()
}

/// Encodes a `ticks` message as a frame, in one allocation.
fn encode(rows: &Rows<'_>) -> Bytes {
    let (count, bytes) = rows.iter().fold((0, 0), |(count, bytes), row| (count + 1, bytes + row.len()));
    let len = rows.prefix.len() + bytes + usize::saturating_sub(count, 1) + SUFFIX.len();
    let mut frame = ws_frame::begin_text(len);
    frame.extend_from_slice(rows.prefix);
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            frame.put_u8(b',');
        }
        frame.extend_from_slice(row);
    }
    frame.extend_from_slice(SUFFIX);
    frame.freeze()
}

impl Drop for Ticks {
    fn drop(&mut self) {
        self.worker.remove_connection(self.key);
    }
}
