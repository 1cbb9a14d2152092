//! The settings that are more than a number or a path, each with its parser.

use crate::auth::Secret;
use crate::auth::secret::MIN_LEN;
use crate::feed::vendors::settings::VendorName;
use reqwest::Url;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// The source of prices (`WATCHTAPE_FEED`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedSetting {
    /// The simulated market.
    Sim,
    /// A replay of this file.
    Replay(PathBuf),
    /// Vendors, at least one, each at most once.
    Vendors(Vec<VendorName>),
}

impl FromStr for FeedSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "sim" => Ok(Self::Sim),
            None => parse_vendors(text).map(Self::Vendors),
            Some(("replay", file)) if !file.is_empty() => Ok(Self::Replay(file.into())),
            Some(_) => Err("a feed is sim, replay:FILE.csv, or vendors such as alpaca,finnhub".to_owned()),
        }
    }
}

fn parse_vendors(text: &str) -> Result<Vec<VendorName>, String> {
    let mut names = Vec::new();
    for part in text.split(',') {
        let name =
            part.trim().parse().map_err(|cause| format!("a feed is sim, replay:FILE.csv, or vendors; {cause}"))?;
        if names.contains(&name) {
            return Err(format!("{:?} is named twice", part.trim()));
        }
        names.push(name);
    }
    Ok(names)
}

/// The rate of a replay, in rounds a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplaySpeed(f64);

impl ReplaySpeed {
    /// The time between two rounds.
    pub fn interval(self) -> Duration {
        Duration::from_secs_f64(1.0 / self.0)
    }
}

impl FromStr for ReplaySpeed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rate = text.parse::<f64>().ok().filter(|rate| (0.01..=1000.0).contains(rate));
        rate.map(Self).ok_or("a replay speed is a number from 0.01 to 1000")
    }
}

/// A secret given as a setting.
#[derive(Clone, Debug)]
pub struct SecretSetting(Secret);

impl SecretSetting {
    /// The secret.
    pub fn secret(&self) -> Secret {
        self.0.clone()
    }
}

impl FromStr for SecretSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Secret::new(text).map(Self).ok_or_else(|| format!("a secret has at least {MIN_LEN} characters"))
    }
}

/// An origin (RFC 6454): scheme, host and port, as browsers serialise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub String);

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "an origin is http://HOST[:PORT] or https://HOST[:PORT], without a path";
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        // An address without a port, in lower case: what browsers send, whatever was typed.
        let origin = url.origin().ascii_serialization();
        let is_bare =
            url.path() == "/" && !text.ends_with('/') && !text.contains(['?', '#', '@', '\\', ' ', '\t', '\n', '\r']);
        if !matches!(url.scheme(), "http" | "https") || !is_bare { Err(EXPECTED) } else { Ok(Self(origin)) }
    }
}

/// What all log targets of the server begin with.
const TARGET: &str = "watchtape";

/// A filter of log events, by which errors of the server are logged at least; or `off`.
#[derive(Clone, Debug)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter, for `tracing`.
    pub fn to_filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A bare word that is no level would be taken for a module's name, and silence all others.
        let is_level = |word: &str| !word.is_empty() && word.parse::<LevelFilter>().is_ok();
        let is_on = |word: &str| word.parse::<LevelFilter>().is_ok_and(|level| level > LevelFilter::OFF);
        let bare = text.split(',').map(str::trim).filter(|part| !part.contains(['=', '[']));
        if let Some(word) = bare.into_iter().find(|word| !is_level(word)) {
            return Err(format!("{word:?} is no level: error, warn, info, debug or trace, or MODULE=LEVEL"));
        }
        EnvFilter::try_new(text).map_err(|error| error.to_string())?;
        // Of what no part names nothing is logged, not even that the server cannot go on.
        let has_level = |part: &str| match part.split_once('=') {
            None => is_on(part),
            Some((target, level)) => target.trim() == TARGET && is_on(level.trim()),
        };
        if text.trim() != "off" && !text.split(',').map(str::trim).any(has_level) {
            return Err(format!("errors of the server would not be logged: name a level for all, such as warn,{text}"));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_logs_errors_of_the_server_or_says_off() {
        for text in ["info", "warn,watchtape=debug", "watchtape=info", "debug,actix_server=off", "off"] {
            assert!(text.parse::<LogFilter>().is_ok(), "{text}");
        }
        for text in ["0", "[nosuch]", "info=warn", "watchtape::htp=info", "watchtape=off", "warning", "off,x=info", ""]
        {
            assert!(text.parse::<LogFilter>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for (text, origin) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com:443", "https://example.com"),
            ("http://example.com:80", "http://example.com"),
            ("http://example.com:443", "http://example.com:443"),
            ("HTTPS://Watch.Example.COM:8443", "https://watch.example.com:8443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[0:0::1]", "http://[::1]"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<Origin>().map(|origin| origin.0), Ok(origin.to_owned()), "{text}");
        }
        for text in [
            "",
            "example.com",
            "https://",
            "ftp://example.com",
            "https://example.com/",
            "https://example.com/app",
            "https://a@example.com",
            "https://example.com?x",
            "https://example.com#x",
            "http://[::1",
            "https://a b",
            "https://example.com:99999",
            "https:\\\\example.com",
            "null",
            "*",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_log_filter_that_would_silence_the_server_is_refused() {
        for text in
            ["info", "WARN", "off", "watchtape=debug,info", "error,watchtape::feed=trace", "warn,[request]=debug"]
        {
            assert!(text.parse::<LogFilter>().is_ok(), "{text}");
        }
        for text in ["warning", "verbose", "watchtape", "info,debugg", "watchtape=verbose", "", "info,,"] {
            assert!(text.parse::<LogFilter>().is_err(), "{text}");
        }
    }
}
