//! A way from a node to a server that the test can cut: a TCP proxy on threads of its own.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// What becomes of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Pass,
    /// Every connection is closed, and each new one at once.
    Refuse,
    /// Connections stay, and deliver nothing.
    Silent,
}

/// A proxy to one port of this machine. Ends with the test's process.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    port: AtomicU16,
    mode: Mutex<Mode>,
    changed: Condvar,
    open: Mutex<Vec<Arc<Pair>>>,
}

/// The two ends of a connection.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    /// It delivers nothing any more, whatever becomes of others.
    is_lost: AtomicBool,
}

impl Pair {
    fn close(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

impl Shared {
    fn mode(&self) -> Mode {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Vec<Arc<Pair>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
        self.changed.notify_all();
    }

    /// Copies until an end closes.
    fn copy(&self, pair: &Pair, from: &TcpStream, to: &TcpStream) {
        let (mut from, mut to) = (from, to);
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let mut mode = self.mode.lock().unwrap_or_else(PoisonError::into_inner);
            while *mode == Mode::Silent || (pair.is_lost.load(Ordering::Relaxed) && *mode != Mode::Refuse) {
                mode = self.changed.wait(mode).unwrap_or_else(PoisonError::into_inner);
            }
            drop(mode);
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        pair.close();
    }
}

impl Proxy {
    /// To this port.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            port: port.into(),
            mode: Mutex::new(Mode::Pass),
            changed: Condvar::new(),
            open: Mutex::default(),
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let port = accepting.port.load(Ordering::Relaxed);
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                if accepting.mode() == Mode::Refuse {
                    continue;
                }
                let pair = Arc::new(Pair { client, server, is_lost: AtomicBool::new(false) });
                accepting.open.lock().unwrap_or_else(PoisonError::into_inner).push(pair.clone());
                for is_up in [true, false] {
                    let (shared, pair) = (accepting.clone(), pair.clone());
                    thread::spawn(move || {
                        let (from, to) =
                            if is_up { (&pair.client, &pair.server) } else { (&pair.server, &pair.client) };
                        shared.copy(&pair, from, to);
                    });
                }
            }
        });
        Self { address, shared }
    }

    /// This proxy in the place of the port in a URL.
    pub(crate) fn in_url(&self, url: &str) -> String {
        let (before, after) = url.rsplit_once("127.0.0.1:").expect("an address of this machine");
        let path = after.find('/').map_or("", |at| &after[at..]);
        format!("{before}{}{path}", self.address)
    }

    /// Leads new connections to another port.
    pub(crate) fn lead_to(&self, port: u16) {
        self.shared.port.store(port, Ordering::Relaxed);
    }

    /// Closes every connection, and each new one.
    pub(crate) fn refuse(&self) {
        self.shared.set(Mode::Refuse);
        self.shared.open().iter().for_each(|pair| pair.close());
    }

    /// Has every connection deliver nothing, new ones too, as if the host had vanished.
    pub(crate) fn silence(&self) {
        self.shared.set(Mode::Silent);
    }

    /// Has the connections of now deliver nothing for good; new ones pass.
    pub(crate) fn lose_open_connections(&self) {
        self.shared.open().iter().for_each(|pair| pair.is_lost.store(true, Ordering::Relaxed));
        self.shared.set(Mode::Pass);
    }

    /// Lets everything pass again but what was lost.
    pub(crate) fn heal(&self) {
        self.shared.set(Mode::Pass);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.refuse();
    }
}
