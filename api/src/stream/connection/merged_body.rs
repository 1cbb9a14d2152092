//! The body of a connection's response: control messages and ticks, merged as the socket asks for more.

use super::ticks::Ticks;
use crate::limits::connection_limits::Slot;
use crate::stream::close_state::CloseState;
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

/// The most bytes that are handed to the connection at once.
const MAX_PIECE: usize = 2048;

/// The messages of the control half, as frames on their way to the socket. The actor's own context would keep the buffer
/// that it once needed for a snapshot. Bounded by what one step of the actor has to say: it takes none before all are out.
pub(super) type Outbox = Rc<RefCell<VecDeque<web::Bytes>>>;

/// The two halves as one body: control first, so that a snapshot is out before the ticks that follow it.
pub(super) struct MergedBody<S> {
    control: Pin<Box<S>>,
    waker: Arc<ControlWaker>,
    own_waker: Waker,
    /// The connection's waker, as `waker` has it.
    task: Waker,
    outbox: Outbox,
    /// What the actor's context control_message while there were messages: it is for after them.
    control_message: Option<Result<web::Bytes, actix_web::Error>>,
    /// The actor has stopped.
    has_ended: bool,
    ticks: Ticks,
    close_state: Rc<Cell<CloseState>>,
    /// What of a message is left to hand on.
    remainder: web::Bytes,
    /// Its slot among the connections of its address, given back when the connection ends.
    #[expect(dead_code, reason = "held for its drop")]
    address_slot: Slot,
}

/// Wakes the connection, and remembers that it was the control half that asked for it: on a price alone that half has
/// nothing to say, and polling it would cost more than the price.
struct ControlWaker {
    woken: AtomicBool,
    task: Mutex<Waker>,
}

impl Wake for ControlWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
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
        let waker = Arc::new(ControlWaker { woken: AtomicBool::new(true), task: Mutex::new(Waker::noop().clone()) });
        Self {
            control: Box::pin(control),
            own_waker: waker.clone().into(),
            task: Waker::noop().clone(),
            waker,
            outbox,
            control_message: None,
            has_ended: false,
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
            CloseState::OutOfStep => (Some(close::TRY_AGAIN_LATER), "the connection fell out of step"),
            CloseState::Closed => return Poll::Ready(None),
        };
        if let Some(code) = code {
            self.close_state.set(CloseState::Closed);
            return Poll::Ready(Some(Ok(ws_frame::close(code, reason))));
        }
        // It stays the same for as long as the connection's task does: a glance, and no lock.
        if !self.task.will_wake(context.waker()) {
            self.task.clone_from(context.waker());
            self.task.clone_into(&mut self.waker.task.lock().unwrap_or_else(PoisonError::into_inner));
            self.waker.woken.store(true, Ordering::Release);
        }
        if self.outbox.borrow().is_empty()
            && self.control_message.is_none()
            && self.waker.woken.load(Ordering::Relaxed)
            && self.waker.woken.swap(false, Ordering::Acquire)
        {
            match self.control.as_mut().poll_next(&mut Context::from_waker(&self.own_waker)) {
                Poll::Pending => {}
                Poll::Ready(None) => self.has_ended = true,
                Poll::Ready(Some(control_message)) => self.control_message = Some(control_message),
            }
            // It may have more to say.
            if self.control_message.is_some() || !self.outbox.borrow().is_empty() {
                self.waker.woken.store(true, Ordering::Release);
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
        if let Some(control_message) = self.control_message.take() {
            return Poll::Ready(Some(control_message));
        }
        if self.has_ended {
            return Poll::Ready(None);
        }
        self.ticks.poll_frame(context).map(|frame| Some(Ok(frame)))
    }
}

impl<S: Stream<Item = Result<web::Bytes, actix_web::Error>>> Stream for MergedBody<S> {
    type Item = Result<web::Bytes, actix_web::Error>;

    /// Messages in pieces: the connection's buffer grows with what it is given at once, and never shrinks again.
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.remainder.is_empty() {
            match std::task::ready!(self.poll_message(context)) {
                Some(Ok(message)) if message.len() > MAX_PIECE => self.remainder = message,
                other => return Poll::Ready(other),
            }
        }
        let len = self.remainder.len().min(MAX_PIECE);
        Poll::Ready(Some(Ok(self.remainder.split_to(len))))
    }
}
