//! What a connection does, and how it begins.

use crate::Result;
use crate::frames::client_text;
use serde_json::json;
use socket2::{Domain, SockAddr, Socket, Type};
use std::net::SocketAddr;

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
