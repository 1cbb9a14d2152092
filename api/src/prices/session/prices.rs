//! The price half of a connection: one frame of the newest values, made when the socket has room and the client's own
//! interval has passed.

use crate::prices::hub::Key;
use crate::prices::worker::Worker;
use actix_http::ws::{OpCode, Parser};
use actix_web::web::{Bytes, BytesMut};
use std::cell::Cell;
use std::fmt::Write;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Makes the `ticks` frames of one connection.
pub(super) struct Prices {
    worker: Rc<Worker>,
    key: Key,
    interval: Rc<Cell<Duration>>,
    sent_at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Prices {
    pub(super) fn new(worker: Rc<Worker>, key: Key, interval: Rc<Cell<Duration>>) -> Self {
        Self { worker, key, interval, sent_at: None, timer: None }
    }

    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        if !self.worker.hub.borrow_mut().poll_dirty(self.key, context.waker()) {
            return Poll::Pending;
        }
        if self.poll_pace(context).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(self.frame())
    }

    /// Ready when the client's interval has passed since the last frame.
    fn poll_pace(&mut self, context: &mut Context<'_>) -> Poll<()> {
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
        let mut payload = BytesMut::with_capacity(256);
        self.worker.hub.borrow_mut().take_rows(self.key, &mut payload, |payload, seq, published_at| {
            // Writing to a buffer that grows cannot fail.
            let _ = write!(payload, r#"{{"type":"ticks","seq":{seq},"ts":{published_at},"d":["#);
        });
        payload.extend_from_slice(b"]}");
        let mut frame = BytesMut::with_capacity(payload.len() + 10);
        Parser::write_message(&mut frame, payload, OpCode::Text, true, false);
        frame.freeze()
    }
}

impl Drop for Prices {
    fn drop(&mut self) {
        self.worker.leave(self.key);
    }
}
