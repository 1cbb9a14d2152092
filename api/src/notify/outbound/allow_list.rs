//! What the operator lets in beside public addresses: networks, addresses and host names (`WATCHTAPE_NOTIFY_ALLOW`).

use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;
use url::Host;

/// Networks and hosts that are let in. A name lets in whatever it resolves to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    networks: Vec<IpNet>,
    names: Vec<String>,
}

impl AllowList {
    /// Whether this address is let in.
    pub fn has_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whether this name is let in, in any spelling of it.
    pub fn has_name(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        self.names.iter().any(|one| one.eq_ignore_ascii_case(name))
    }
}

impl FromStr for AllowList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut list = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            if let Ok(network) = part.parse::<IpNet>() {
                list.networks.push(network.trunc());
            } else if let Ok(address) = part.parse::<IpAddr>() {
                list.networks.push(address.to_canonical().into());
            } else {
                match Host::parse(part) {
                    Ok(Host::Domain(name)) if !part.contains('*') => {
                        list.names.push(name.trim_end_matches('.').to_owned());
                    }
                    _ => return Err(format!("{part:?} is no network, address or host name")),
                }
            }
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_networks_addresses_and_names() {
        let list: AllowList = "10.0.0.0/8, ::1, 192.0.2.7,Receiver.internal.".parse().expect("a list");
        let has = |text: &str| list.has_address(text.parse().expect(text));
        assert!(has("10.255.0.1") && has("::1") && has("192.0.2.7") && has("::ffff:10.0.0.1"));
        assert!(!has("192.0.2.8") && !has("::2") && !has("11.0.0.1"));
        assert!(list.has_name("receiver.INTERNAL") && list.has_name("receiver.internal."));
        assert!(!list.has_name("internal") && !list.has_name("a.receiver.internal"));
        assert_eq!("".parse(), Ok(AllowList::default()));
        for wrong in ["10.0.0.0/33", "*.example.com", "https://example.com", "a b", "10.1"] {
            assert!(wrong.parse::<AllowList>().is_err(), "{wrong}");
        }
    }
}
