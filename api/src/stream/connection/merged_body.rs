//! The response body of a connection: control messages and ticks, merged when the socket asks for more.

use super::ticks::Ticks;
use crate::limits::connection_limits::Slot;
use crate::stream::close_state::CloseState;
use crate::stream::worker::Worker;
use crate::stream::ws_frame;
use actix_web::web;
use futures_util::Stream;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use watchtape_shared::stream::close;

/// Bytes that are given to the HTTP connection at once: its write buffer grows with them, and never shrinks.
const MAX_CHUNK_BYTES: usize = 2048;

/// Messages of the control half, as frames. They bypass the actor's context, which would keep the buffer of a large snapshot.
/// Bounded by what one poll of the actor sends: it is not polled again before all are taken.
pub(super) type Outbox = Rc<RefCell<VecDeque<web::Bytes>>>;

/// The two halves as one body. Control goes first, so that a snapshot is sent before the ticks that follow it.
pub(super) struct MergedBody<S> {
    control: Pin<Box<S>>,
    control_waker: Arc<ControlWaker>,
    /// `control_waker` as a waker.
    waker: Waker,
    /// The waker of the HTTP connection's task, as last seen; `control_waker` has a copy.
    task: Waker,
    outbox: Outbox,
    /// A frame of the actor's context (ping, pong, close), to be sent after the outbox.
    control_frame: Option<Result<web::Bytes, actix_web::Error>>,
    is_actor_stopped: bool,
    ticks: Ticks,
    close_state: Rc<Cell<CloseState>>,
    worker: Rc<Worker>,
    /// The code of the close frame that was sent.
    close_code: Option<u16>,
    /// The rest of a message that is sent in chunks.
    remainder: web::Bytes,
    /// Its slot among the connections of its address, released when the connection ends.
    #[expect(dead_code, reason = "released by its drop")]
    address_slot: Slot,
}

/// Wakes the HTTP connection's task, and notes that the control half is to be polled. A price wakes the task without it:
/// polling the actor would cost more than sending the price.
struct ControlWaker {
    is_woken: AtomicBool,
    task: Mutex<Waker>,
}

impl Wake for ControlWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.task.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
    }
}

impl<S: Stream<Item = Result<web::Bytes, actix_web::Error>>> MergedBody<S> {
    /// The body of one connection, from its control half and its ticks.
    pub(super) fn new(
        control: S,
        outbox: Outbox,
        ticks: Ticks,
        close_state: Rc<Cell<CloseState>>,
        address_slot: Slot,
    ) -> Self {
        let control_waker =
            Arc::new(ControlWaker { is_woken: AtomicBool::new(true), task: Mutex::new(Waker::noop().clone()) });
        Self {
            control: Box::pin(control),
            waker: control_waker.clone().into(),
            task: Waker::noop().clone(),
            control_waker,
            outbox,
            worker: ticks.worker(),
            close_code: None,
            control_frame: None,
            is_actor_stopped: false,
            ticks,
            close_state,
            remainder: web::Bytes::new(),
            address_slot,
        }
    }

    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<web::Bytes, actix_web::Error>>> {
        let (code, reason) = match self.close_state.get() {
            CloseState::Open => (None, ""),
            CloseState::TooSlow => (Some(close::TOO_SLOW), "the client does not read"),
            CloseState::EventLost => (Some(close::TRY_AGAIN_LATER), "the connection fell out of step"),
            CloseState::TooMany => (Some(close::TOO_MANY), "too many frames"),
            CloseState::Closed => return Poll::Ready(None),
        };
        if let Some(code) = code {
            self.close_state.set(CloseState::Closed);
            return Poll::Ready(Some(Ok(ws_frame::encode_close(code, reason))));
        }
        // The task rarely changes: this comparison avoids the lock.
        if !self.task.will_wake(context.waker()) {
            self.task.clone_from(context.waker());
            self.task.clone_into(&mut self.control_waker.task.lock().unwrap_or_else(PoisonError::into_inner));
            self.control_waker.is_woken.store(true, Ordering::Release);
        }
        if self.outbox.borrow().is_empty()
            && self.control_frame.is_none()
            && self.control_waker.is_woken.load(Ordering::Relaxed)
            && self.control_waker.is_woken.swap(false, Ordering::Acquire)
        {
            match self.control.as_mut().poll_next(&mut Context::from_waker(&self.waker)) {
                Poll::Pending => {}
                Poll::Ready(None) => self.is_actor_stopped = true,
                Poll::Ready(Some(frame)) => self.control_frame = Some(frame),
            }
            // It may have more.
            if self.control_frame.is_some() || !self.outbox.borrow().is_empty() {
                self.control_waker.is_woken.store(true, Ordering::Release);
            }
        }
        let message = {
            let mut outbox = self.outbox.borrow_mut();
            let message = outbox.pop_front();
            if outbox.is_empty() {
                *outbox = VecDeque::new();
            }
            message
        };
        if let Some(message) = message {
            return Poll::Ready(Some(Ok(message)));
        }
        if let Some(frame) = self.control_frame.take() {
            return Poll::Ready(Some(frame));
        }
        if self.is_actor_stopped {
            return Poll::Ready(None);
        }
        self.ticks.poll_frame(context).map(|frame| Some(Ok(frame)))
    }
}

impl<S: Stream<Item = Result<web::Bytes, actix_web::Error>>> Stream for MergedBody<S> {
    type Item = Result<web::Bytes, actix_web::Error>;

    /// Sends messages in chunks of at most `MAX_CHUNK_BYTES`.
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.remainder.is_empty() {
            let message = std::task::ready!(self.poll_message(context));
            if let Some(Ok(frame)) = &message {
                self.worker.metrics.stream.sent_bytes.inc_by(frame.len() as u64);
                self.close_code = self.close_code.or_else(|| ws_frame::close_code(frame));
            }
            match message {
                Some(Ok(message)) if message.len() > MAX_CHUNK_BYTES => self.remainder = message,
                other => return Poll::Ready(other),
            }
        }
        let len = self.remainder.len().min(MAX_CHUNK_BYTES);
        Poll::Ready(Some(Ok(self.remainder.split_to(len))))
    }
}

impl<S> Drop for MergedBody<S> {
    fn drop(&mut self) {
        self.worker.metrics.stream.record_close(self.close_code);
    }
}
