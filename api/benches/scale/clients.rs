//! The load: very many connections from one thread. Frames are counted, not parsed.

use super::clock::micros;
use super::frames::{Frames, PONG};
use super::plan::{Plan, dial, handshake};
use super::tally::Tally;
use super::{Result, interrupt};
use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long all of them may take until they are ready.
const OPEN_DEADLINE: Duration = Duration::from_secs(30);
/// Rounds are apart where nothing was heard for so long.
const QUIET: Duration = Duration::from_millis(12);
const PING: u8 = 9;

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

    /// Listens until a round is over, at most so long: rounds may run into each other.
    pub(crate) fn settle(&mut self, longest: Duration) -> Result<()> {
        let end = Instant::now() + longest;
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
        interrupt::check()?;
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
