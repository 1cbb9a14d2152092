//! Which addresses are public unicast (the IANA registries of special-purpose addresses, RFC 6890). An address of IPv6 that has
//! one of IPv4 inside is judged by both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether strangers may have the server connect to this address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match (a, b, c) {
        // This network; private; loopback; link-local, where clouds keep their metadata.
        (0 | 10 | 127, ..) | (169, 254, _) => true,
        // Shared by a carrier's customers (RFC 6598); private.
        (100, 64..=127, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, among them DS-Lite and NAT64 discovery; documentation; AS112; 6to4 relays; AMT.
        (192, 0, 0 | 2) | (192, 31, 196) | (192, 52, 193) | (192, 88, 99) | (192, 175, 48) => true,
        // Benchmarking; documentation.
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, reserved and broadcast.
        (224.., ..) => true,
        _ => false,
    };
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = translated_v4(address) {
        return is_public_v4(inner);
    }
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is assigned to global unicast. This leaves out loopback, IPv4-compatible addresses, NAT64 of local use
    // (64:ff9b:1::/48), unique local, link-local, site-local and multicast ones.
    let is_global_unicast = a & 0xe000 == 0x2000;
    let is_special = match (a, b) {
        // Protocol assignments, among them Teredo, benchmarking and ORCHID; documentation; 6to4: tunnels to any inner address.
        (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) => true,
        // Documentation (RFC 9637); the former 6bone.
        (0x3fff, 0..=0x0fff) | (0x3ffe, _) => true,
        _ => false,
    };
    is_global_unicast && !is_special
}

/// The address of IPv4 that this one is another spelling of: v4-mapped, or translated by the well-known prefix of NAT64 (RFC 6052),
/// by which a network without IPv4 reaches public receivers.
fn translated_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = address.segments();
    let is_translated = matches!([a, b, c, d, e, f], [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0]);
    let [[first, second], [third, fourth]] = [high.to_be_bytes(), low.to_be_bytes()];
    is_translated.then(|| Ipv4Addr::new(first, second, third, fourth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipnet::IpNet;
    use proptest::prelude::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().expect(text))
    }

    /// The registries' blocks that are not globally reachable, and those that lead to an inner address.
    const FORBIDDEN: [&str; 43] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::1/128",
        "::/96",
        "::ffff:10.0.0.0/104",
        "::ffff:127.0.0.0/104",
        "64:ff9b::10.0.0.0/104",
        "64:ff9b::169.254.0.0/112",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/32",
        "2001:2::/48",
        "2001:10::/28",
        "2001:20::/28",
        "2001:db8::/32",
        "2002::/16",
        "3ffe::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        "2001:1::/48",
        "4000::/3",
    ];

    #[test]
    fn the_ends_of_every_special_block_are_not_public() {
        for block in FORBIDDEN {
            let block: IpNet = block.parse().expect(block);
            assert!(!is_public(block.network()) && !is_public(block.broadcast()), "{block}");
        }
    }

    #[test]
    fn what_receivers_have_is_public() {
        for address in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001::200e",
            "2001:4860:4860::8888",
            "2001:200::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    proptest! {
        #[test]
        fn an_address_within_a_special_block_is_not_public(at in 0usize..43, bits: u128) {
            let block: IpNet = FORBIDDEN[at].parse().expect("a block");
            let address = match block {
                IpNet::V4(block) => IpAddr::from(Ipv4Addr::from(u32::from(block.network()) | bits as u32 & u32::from(block.hostmask()))),
                IpNet::V6(block) => IpAddr::from(Ipv6Addr::from(u128::from(block.network()) | bits & u128::from(block.hostmask()))),
            };
            prop_assert!(!is_public(address), "{address}");
        }

        #[test]
        fn a_translated_address_is_judged_by_the_inner_one(inner: u32) {
            let inner = Ipv4Addr::from(inner);
            for prefix in [0xffff_u128 << 32, 0x64_ff9b << 96] {
                let wrapped = Ipv6Addr::from(prefix | u128::from(u32::from(inner)));
                prop_assert_eq!(is_public(wrapped.into()), is_public(inner.into()), "{}", wrapped);
            }
        }
    }
}
