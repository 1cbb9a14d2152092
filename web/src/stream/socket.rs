//! One WebSocket of the browser, with its event handlers.

use super::heartbeat::{Beat, Heartbeat, Moment};
use futures::channel::oneshot;
use leptos::prelude::{IntervalHandle, set_interval_with_handle};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use watchtape_shared::stream::{ClientMessage, SUBPROTOCOL, close};
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

const PATH: &str = "/api/v1/stream";
const CHECK: Duration = Duration::from_secs(5);

/// The close code of a connection that ended without a close frame (RFC 6455, 7.1.5).
const ABNORMAL: u16 = 1006;

type Ending = Rc<Cell<Option<oneshot::Sender<u16>>>>;

/// An open or opening connection. Dropping it closes it.
pub(super) struct Socket {
    socket: WebSocket,
    ending: Ending,
    check: Option<IntervalHandle>,
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Connects and sends the first message. The future resolves to the close code.
    pub(super) fn open(
        first: ClientMessage,
        deliver: impl Fn(String) + 'static,
    ) -> Option<(Self, impl Future<Output = u16>)> {
        let (sender, ended) = oneshot::channel();
        let ending: Ending = Rc::new(Cell::new(Some(sender)));
        let socket = WebSocket::new_with_str(&address()?, SUBPROTOCOL).ok()?;
        let heart = Rc::new(RefCell::new(Heartbeat::new(Moment::now())));

        let opened = socket.clone();
        let on_open = Closure::<dyn FnMut(Event)>::new(move |_| send(&opened, &first));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        let heard = Rc::clone(&heart);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            heard.borrow_mut().hear(Moment::now());
            if let Some(text) = event.data().as_string() {
                deliver(text);
            }
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let closed = Rc::clone(&ending);
        let on_close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| finish(&closed, event.code()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        let check = watch_over(socket.clone(), heart, Rc::clone(&ending));
        let held = Self { socket, ending, check, _on_open: on_open, _on_message: on_message, _on_close: on_close };
        Some((held, async move { ended.await.unwrap_or(ABNORMAL) }))
    }

    pub(super) fn send(&self, message: &ClientMessage) {
        send(&self.socket, message);
    }

    /// Closes the connection without waiting for the server, which may be gone.
    pub(super) fn close(&self) {
        let _ = self.socket.close_with_code(close::NORMAL);
        finish(&self.ending, close::NORMAL);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        if let Some(check) = self.check.take() {
            check.clear();
        }
        self.close();
    }
}

fn address() -> Option<String> {
    let location = web_sys::window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{PATH}", location.host().ok()?))
}

fn send(socket: &WebSocket, message: &ClientMessage) {
    // A socket that is closing accepts nothing; its close event follows.
    if socket.ready_state() == WebSocket::OPEN
        && let Ok(text) = serde_json::to_string(message)
    {
        let _ = socket.send_with_str(&text);
    }
}

fn finish(ending: &Ending, code: u16) {
    if let Some(sender) = ending.take() {
        // The receiver may have been dropped.
        let _ = sender.send(code);
    }
}

fn watch_over(socket: WebSocket, heart: Rc<RefCell<Heartbeat>>, ending: Ending) -> Option<IntervalHandle> {
    let mut id = 0;
    let check = move || {
        let beat = heart.borrow_mut().check(Moment::now());
        match beat {
            Beat::Nothing => {}
            Beat::Ping => {
                id += 1;
                send(&socket, &ClientMessage::Ping { id });
            }
            Beat::Dead => finish(&ending, ABNORMAL),
        }
    };
    let check = RefCell::new(check);
    set_interval_with_handle(move || (check.borrow_mut())(), CHECK).ok()
}
