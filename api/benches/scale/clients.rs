//! The load: very many connections from one thread. Frames are counted, not parsed.

use super::Result;
use super::clock::micros;
use super::frames::{Frame, Frames, PONG, client_text};
use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::json;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long all of them may take until they are ready.
const OPEN_DEADLINE: Duration = Duration::from_secs(30);
/// Rounds are apart where nothing was heard for so long.
const QUIET: Duration = Duration::from_millis(12);
const QUIET_DEADLINE: Duration = Duration::from_secs(2);
const PING: u8 = 9;

/// What a connection does.
pub(crate) enum Plan {
    /// It only listens.
    Listen,
    /// It asks once over HTTP, and is idle after the answer.
    Ask(Vec<u8>),
    /// It opens the price stream and subscribes the next of these lists.
    Stream {
        /// The access token.
        token: String,
        /// The subscriptions, as frames.
        lists: Vec<Vec<u8>>,
    },
}

impl Plan {
    /// Streams these lists.
    pub(crate) fn stream(token: &str, lists: &[Vec<&str>]) -> Self {
        let subscribe = |list: &Vec<&str>| {
            client_text(&json!({ "op": "subscribe", "symbols": list, "interval_ms": 0 }).to_string())
        };
        Self::Stream { token: token.to_owned(), lists: lists.iter().map(subscribe).collect() }
    }
}

/// The request that opens the price stream.
pub(crate) fn handshake(address: SocketAddr, token: &str) -> String {
    format!(
        "GET /api/v1/stream HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: watchtape.v1\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
}

/// A socket that has begun to connect, from one of very many local addresses, so that ports do not run out.
pub(crate) fn dial(address: SocketAddr, number: usize, receive_buffer: Option<usize>) -> Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let source = SocketAddr::from(([127, 0, (1 + number / 200 % 200) as u8, (1 + number % 200) as u8], 0));
    socket.bind(&SockAddr::from(source))?;
    if let Some(size) = receive_buffer {
        socket.set_recv_buffer_size(size)?;
    }
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&SockAddr::from(address)) {
        // EINPROGRESS: it is under way.
        Err(error) if error.raw_os_error() != Some(115) => Err(error.into()),
        _ => Ok(socket),
    }
}

/// What has been heard since the last reset.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) ticks: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// From `ts` to the last byte, in microseconds.
    pub(crate) latencies: Vec<u32>,
    pub(crate) rounds: Vec<Heard>,
    pub(crate) closed: usize,
}

/// One round, as it came in.
pub(crate) struct Heard {
    ts: i64,
    pub(crate) clients: usize,
    /// From `ts` to the last byte of the last client, in microseconds.
    pub(crate) last: i64,
}

struct Client {
    socket: TcpStream,
    state: State,
    frames: Frames,
}

enum State {
    Connecting,
    Head(Vec<u8>),
    Open,
    Idle,
    Closed,
}

/// The connections to one address.
pub(crate) struct Load {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    address: SocketAddr,
    plan: Plan,
    clients: Vec<Client>,
    ready: usize,
    again: usize,
    refusal: Option<String>,
    pub(crate) tally: Tally,
}

impl Load {
    /// Opens so many connections, at most `at_once` under way at a time, and waits until all are ready: listening,
    /// answered, or with their snapshot.
    pub(crate) fn open(address: SocketAddr, plan: Plan, count: usize, at_once: usize) -> Result<Self> {
        let mut load = Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            buffer: vec![0; 64 * 1024],
            address,
            plan,
            clients: Vec::with_capacity(count),
            ready: 0,
            again: 0,
            refusal: None,
            tally: Tally::default(),
        };
        let started = Instant::now();
        while load.ready < count {
            while load.clients.len() < count && load.clients.len() - load.ready < at_once {
                let client = load.begin(load.clients.len())?;
                load.clients.push(client);
            }
            load.turn(Duration::from_millis(20))?;
            if load.again > count || started.elapsed() > OPEN_DEADLINE {
                let Self { ready, again, refusal, .. } = &load;
                return Err(format!("{ready} of {count} clients are ready, {again} tried again: {refusal:?}").into());
            }
        }
        Ok(load)
    }

    /// How many connections failed before they were ready, and were opened again.
    pub(crate) fn again(&self) -> usize {
        self.again
    }

    fn begin(&self, number: usize) -> Result<Client> {
        let mut socket = TcpStream::from_std(dial(self.address, number, None)?.into());
        self.poll.registry().register(&mut socket, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        Ok(Client { socket, state: State::Connecting, frames: Frames::new() })
    }

    /// Listens for so long.
    pub(crate) fn run(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while let left @ 1.. = end.saturating_duration_since(Instant::now()).as_micros() {
            self.turn(Duration::from_micros(left as u64))?;
        }
        Ok(())
    }

    /// Listens until a round is over.
    pub(crate) fn settle(&mut self) -> Result<()> {
        let end = Instant::now() + QUIET_DEADLINE;
        let mut heard = false;
        while Instant::now() < end {
            let quiet = self.turn(QUIET)? == 0;
            if quiet && heard {
                break;
            }
            heard |= !quiet;
        }
        Ok(())
    }

    /// Hears what has come in, waiting for it at most so long. Gives the number of connections that had something.
    fn turn(&mut self, wait: Duration) -> Result<usize> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &events {
            self.hear(event)?;
        }
        let heard = events.iter().count();
        self.events = events;
        Ok(heard)
    }

    fn hear(&mut self, event: &Event) -> Result<()> {
        let number = event.token().0;
        if let Err(error) = self.advance(number, event) {
            let early = matches!(self.clients[number].state, State::Connecting | State::Head(_));
            if early {
                self.refusal = Some(error.to_string());
                self.again += 1;
                self.clients[number] = self.begin(number)?;
            } else {
                self.clients[number].state = State::Closed;
                self.tally.closed += 1;
            }
        }
        Ok(())
    }

    fn advance(&mut self, number: usize, event: &Event) -> Result<()> {
        let Self { clients, buffer, tally, plan, ready, address, .. } = self;
        let client = &mut clients[number];
        if matches!(client.state, State::Closed) {
            return Ok(());
        }
        if matches!(client.state, State::Connecting) {
            if let Some(error) = client.socket.take_error()? {
                return Err(error.into());
            }
            if !event.is_writable() {
                return Ok(());
            }
            client.state = match plan {
                Plan::Listen => {
                    *ready += 1;
                    State::Open
                }
                Plan::Ask(request) => {
                    client.socket.write_all(request)?;
                    State::Head(Vec::new())
                }
                Plan::Stream { token, .. } => {
                    client.socket.write_all(handshake(*address, token).as_bytes())?;
                    State::Head(Vec::new())
                }
            };
        }
        if !event.is_readable() {
            return Ok(());
        }
        loop {
            let read = match client.socket.read(buffer) {
                Ok(0) => return Err("closed".into()),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let mut rest = &buffer[..read];
            let body;
            if let State::Head(head) = &mut client.state {
                head.extend_from_slice(rest);
                let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
                let status = String::from_utf8_lossy(&head[..end.min(15)]).into_owned();
                body = head.split_off(end + 4);
                rest = &body;
                client.state = match plan {
                    Plan::Stream { lists, .. } if status.starts_with("HTTP/1.1 101") => {
                        client.socket.write_all(&lists[number % lists.len()])?;
                        State::Open
                    }
                    Plan::Ask(_) if status.starts_with("HTTP/1.1 200") => {
                        *ready += 1;
                        State::Idle
                    }
                    _ => return Err(status.into()),
                };
            }
            if matches!(client.state, State::Open) {
                let now = micros();
                let mut pinged = false;
                client.frames.take(rest, |frame| {
                    pinged |= frame.opcode == PING;
                    *ready += usize::from(frame.is("snapshot"));
                    tally.hear(&frame, now);
                });
                if pinged {
                    client.socket.write_all(&PONG)?;
                }
            }
            // Less than there was room for: there is no more.
            if read < buffer.len() {
                return Ok(());
            }
        }
    }
}

impl Tally {
    fn hear(&mut self, frame: &Frame<'_>, now: i64) {
        if !frame.is("ticks") {
            return;
        }
        self.ticks += 1;
        self.bytes += frame.len as u64;
        self.rows += u64::from(frame.brackets.saturating_sub(1));
        let Some(ts) = frame.ts() else { return };
        let latency = now - ts;
        self.latencies.push(latency.max(0) as u32);
        match self.rounds.iter_mut().rev().find(|heard| heard.ts == ts) {
            Some(heard) => {
                heard.clients += 1;
                heard.last = latency.max(heard.last);
            }
            None => self.rounds.push(Heard { ts, clients: 1, last: latency }),
        }
    }

    /// The latency that this share of the frames did not exceed, in milliseconds.
    pub(crate) fn latency(&mut self, share: f64) -> f64 {
        self.latencies.sort_unstable();
        let at = (self.latencies.len().saturating_sub(1) as f64 * share) as usize;
        self.latencies.get(at).map_or(f64::NAN, |micros| f64::from(*micros) / 1e3)
    }
}
