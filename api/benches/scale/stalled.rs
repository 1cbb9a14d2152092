//! Clients that subscribe and then never read again.

use super::Result;
use super::frames::client_text;
use super::plan::{dial, handshake};
use serde_json::json;
use socket2::Socket;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

/// As small as the kernel lets it be.
const RECEIVE_BUFFER: usize = 4 * 1024;
const DEADLINE: Duration = Duration::from_secs(10);

/// Opens so many. They are held open by who holds the sockets.
pub(crate) fn open(address: SocketAddr, token: &str, symbols: &[String], count: usize) -> Result<Vec<Socket>> {
    let subscribe = client_text(&json!({ "op": "subscribe", "symbols": symbols, "interval_ms": 0 }).to_string());
    let mut sockets = Vec::with_capacity(count);
    for number in 0..count {
        let mut socket = dial(address, number, Some(RECEIVE_BUFFER))?;
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(DEADLINE))?;
        socket.write_all(handshake(address, token).as_bytes())?;
        let mut head = [0; 12];
        socket.read_exact(&mut head)?;
        if !head.starts_with(b"HTTP/1.1 101") {
            return Err("a handshake was refused".into());
        }
        socket.write_all(&subscribe)?;
        sockets.push(socket);
    }
    Ok(sockets)
}
