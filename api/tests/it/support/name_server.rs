//! A name server on this machine (RFC 1035), which answers what the test says, each time anew.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::UdpSocket;

/// The server.
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

/// The type of a query for addresses of IPv4.
pub(crate) const A: u16 = 1;
const AAAA: u16 = 28;

impl NameServer {
    /// It answers a name, in lower case and without its last dot, with these addresses; `count` is how often that name was asked for
    /// before, by the same type.
    pub(crate) async fn start(answer: impl Fn(&str, usize) -> Vec<IpAddr> + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<(String, u16)>>>::default();
        let remembered = asked.clone();
        tokio::spawn(async move {
            let mut packet = [0; 1_500];
            while let Ok((len, from)) = socket.recv_from(&mut packet).await {
                let Some((name, kind, end)) = question(&packet[..len]) else { continue };
                let count = {
                    let mut asked = remembered.lock().expect("a lock");
                    let count = asked.iter().filter(|one| **one == (name.clone(), kind)).count();
                    asked.push((name.clone(), kind));
                    count
                };
                let reply = reply(&packet[..end], kind, &answer(&name, count));
                let _ = socket.send_to(&reply, from).await;
            }
        });
        Self { address, asked }
    }

    /// The names that it was asked for, with the types.
    pub(crate) fn asked(&self) -> Vec<(String, u16)> {
        self.asked.lock().expect("a lock").clone()
    }
}

/// The name and the type of a query, and where its question ends.
fn question(packet: &[u8]) -> Option<(String, u16, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let len = usize::from(*packet.get(at)?);
        at += 1;
        if len == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(packet.get(at..at + len)?).to_ascii_lowercase());
        at += len;
    }
    let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
    Some((labels.join("."), kind, at + 4))
}

fn reply(query: &[u8], kind: u16, addresses: &[IpAddr]) -> Vec<u8> {
    let fitting: Vec<&IpAddr> =
        addresses.iter().filter(|one| matches!((one, kind), (IpAddr::V4(_), A) | (IpAddr::V6(_), AAAA))).collect();
    // Its id; an answer, without an error; one question, so many answers.
    let mut reply = query[..2].to_vec();
    reply.extend([0x81, 0x80, 0, 1, 0, fitting.len() as u8, 0, 0, 0, 0]);
    reply.extend(&query[12..]);
    for address in fitting {
        let octets = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        // The name of the question, the type, the class, and for no time.
        reply.extend([0xc0, 12]);
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1, 0, 0, 0, 0, 0, octets.len() as u8]);
        reply.extend(octets);
    }
    reply
}
