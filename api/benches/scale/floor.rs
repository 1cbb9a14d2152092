//! The floor: what the kernel takes for the same frames. One thread, one nonblocking write a client and round, and
//! nothing else.

use super::Result;
use super::clock::micros;
use super::frames::server_text;
use super::process::announce;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

const BACKLOG: i32 = 4096;
const ACCEPT_DEADLINE: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(120);

/// Accepts so many connections, then writes to each of them in every round, until they are gone.
pub(crate) fn run(clients: usize, interval: Duration, payload: usize) -> Result<()> {
    let started = Instant::now();
    // The standard library's listener has room for 128 that wait to be accepted.
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    listener.listen(BACKLOG)?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from(listener);
    announce(listener.local_addr()?);
    let mut sockets: Vec<TcpStream> = Vec::with_capacity(clients);
    while sockets.len() < clients {
        match listener.accept() {
            Ok((socket, _)) => {
                socket.set_nonblocking(true)?;
                socket.set_nodelay(true)?;
                sockets.push(socket);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if started.elapsed() > ACCEPT_DEADLINE {
                    return Err("not every client came".into());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut frame = Vec::new();
    let mut next = Instant::now();
    while !sockets.is_empty() && started.elapsed() < DEADLINE {
        next += interval;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        server_text(payload, micros(), &mut frame);
        // A client that takes less than a whole frame is let go, like one that is gone.
        sockets.retain_mut(|socket| socket.write(&frame).is_ok_and(|written| written == frame.len()));
    }
    Ok(())
}
