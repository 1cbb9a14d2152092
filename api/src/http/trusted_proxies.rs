//! The setting that names the trusted proxies: addresses and networks. `client_address` reads `X-Forwarded-For` by it.

use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

/// The trusted proxies: addresses and networks, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub(super) Vec<IpNet>);

impl TrustedProxies {
    /// Whether the address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |part: &str| {
            let network = part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("{part:?} is neither an address nor a network such as 10.0.0.0/8"))
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(parse).collect::<Result<_, _>>().map(Self)
    }
}
