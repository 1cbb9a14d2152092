//! Requests over HTTP: one at a time, and as many as the server answers.

use super::plan::dial;
use super::{Result, interrupt};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const ANSWER_DEADLINE: Duration = Duration::from_secs(15);

/// Posts JSON, and gives the answer's.
pub(crate) fn post(address: SocketAddr, path: &str, body: &Value) -> Result<Value> {
    let mut socket = std::net::TcpStream::connect(address)?;
    socket.set_read_timeout(Some(ANSWER_DEADLINE))?;
    let body = body.to_string();
    write!(
        socket,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if !head.starts_with("HTTP/1.1 20") {
        return Err(format!("{path}: {answer}").into());
    }
    Ok(serde_json::from_str(body)?)
}

/// A `GET` that keeps its connection.
pub(crate) fn get(address: SocketAddr, path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
}

/// Asks on so many connections at once, each again as soon as it is answered. Gives the number of answers.
pub(crate) fn ask(address: SocketAddr, request: &[u8], connections: usize, time: Duration) -> Result<u64> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(connections);
    let mut askers = Vec::with_capacity(connections);
    for number in 0..connections {
        let mut socket = TcpStream::from_std(dial(address, number, None)?.into());
        poll.registry().register(&mut socket, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        askers.push((socket, false, Vec::new()));
    }
    let end = Instant::now() + time;
    let mut answers = 0;
    let mut buffer = vec![0; 16 * 1024];
    while Instant::now() < end {
        interrupt::check()?;
        match poll.poll(&mut events, Some(Duration::from_millis(20))) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &events {
            let (socket, asked, held) = &mut askers[event.token().0];
            if !*asked && event.is_writable() {
                socket.write_all(request)?;
                *asked = true;
            }
            if !event.is_readable() {
                continue;
            }
            match socket.read(&mut buffer) {
                Ok(0) => return Err("the server closed a connection".into()),
                Ok(read) => held.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error.into()),
            }
            let Some(length) = length(held)? else { continue };
            if held.len() >= length {
                held.clear();
                answers += 1;
                socket.write_all(request)?;
            }
        }
    }
    Ok(answers)
}

/// How long an answer is, once its head is in.
fn length(answer: &[u8]) -> Result<Option<usize>> {
    const NAME: &[u8] = b"content-length: ";
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = &answer[..end];
    if !head.starts_with(b"HTTP/1.1 200") {
        return Err(String::from_utf8_lossy(answer).into());
    }
    let at = head.windows(NAME.len()).position(|window| window.eq_ignore_ascii_case(NAME)).ok_or("no length")?;
    let digits = head[at + NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    Ok(Some(end + 4 + digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))))
}
