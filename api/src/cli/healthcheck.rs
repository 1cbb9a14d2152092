//! `watchtape healthcheck`: asks the server of this machine whether it lives, as container runtimes want it: exit status 0 or
//! 1. It opens no database and reads no secret.

use super::Failure;
use crate::clock;
use crate::config::Settings;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long everything may take together.
const DEADLINE: Duration = Duration::from_secs(3);
/// As much of the answer as is read.
const STATUS_LINE: &[u8] = b"HTTP/1.1 200 ";

pub(super) fn run(settings: &Settings) -> Result<(), Failure> {
    let address = reachable(settings.listen);
    let unwell = |message: String| Failure { message: format!("http://{address}/livez: {message}"), code: 1 };
    match asks(address) {
        Ok(line) if line == STATUS_LINE => Ok(()),
        Ok(line) => Err(unwell(format!("the answer begins with {:?}", String::from_utf8_lossy(&line)))),
        Err(error) => Err(unwell(error.to_string())),
    }
}

/// Where a server is found that listens here: on every address is on this machine's own too.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let is_v4 = address.is_ipv4();
        address.set_ip(if is_v4 { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}

/// The first bytes of the answer.
fn asks(address: SocketAddr) -> io::Result<Vec<u8>> {
    let started = clock::monotonic();
    let left = || {
        let left = DEADLINE.saturating_sub(started.elapsed());
        if left.is_zero() { Err(io::Error::from(io::ErrorKind::TimedOut)) } else { Ok(left) }
    };
    let mut stream = TcpStream::connect_timeout(&address, left()?)?;
    stream.set_write_timeout(Some(left()?))?;
    write!(stream, "GET /livez HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut line = vec![0; STATUS_LINE.len()];
    let mut read = 0;
    while read < line.len() {
        stream.set_read_timeout(Some(left()?))?;
        match stream.read(&mut line[read..]) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What a timeout of the socket is called.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
            Err(error) => return Err(error),
        }
    }
    line.truncate(read);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_asked_on_this_machines_own() {
        for (listens, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("192.0.2.1:80", "192.0.2.1:80"),
            ("127.0.0.1:1", "127.0.0.1:1"),
        ] {
            let listens = listens.parse().expect("an address");
            assert_eq!(reachable(listens).to_string(), asked);
        }
    }
}
