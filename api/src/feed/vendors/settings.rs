//! The vendors' settings: keys, URLs and call budgets.

use super::vendor::Budget;
use clap::Args;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::fmt;
use std::str::FromStr;

/// A vendor with an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorName {
    /// albert.com's case study.
    Albert,
    /// finnhub.io.
    Finnhub,
    /// alpaca.markets.
    Alpaca,
}

impl FromStr for VendorName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "albert" => Ok(Self::Albert),
            "finnhub" => Ok(Self::Finnhub),
            "alpaca" => Ok(Self::Alpaca),
            _ => Err(format!("{text:?} is no vendor: there are albert, finnhub and alpaca")),
        }
    }
}

/// The vendors' command line flags and environment variables.
#[derive(Args, Clone, Debug)]
pub struct VendorSettings {
    /// API key of albert
    #[arg(long, global = true, env = "WATCHTAPE_ALBERT_KEY", hide_env_values = true, value_name = "KEY")]
    pub albert_key: Option<ApiKey>,
    /// API key of finnhub
    #[arg(long, global = true, env = "WATCHTAPE_FINNHUB_KEY", hide_env_values = true, value_name = "KEY")]
    pub finnhub_key: Option<ApiKey>,
    /// API key ID of alpaca
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_KEY_ID", hide_env_values = true, value_name = "KEY")]
    pub alpaca_key_id: Option<ApiKey>,
    /// API secret key of alpaca
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_SECRET", hide_env_values = true, value_name = "KEY")]
    pub alpaca_secret: Option<ApiKey>,
    /// Base URL of albert's API
    #[arg(long, global = true, env = "WATCHTAPE_ALBERT_URL", value_name = "URL", value_parser = parse_http_url,
          default_value = "https://app.albert.com/casestudy/stock")]
    pub albert_url: String,
    /// Base URL of finnhub's API
    #[arg(long, global = true, env = "WATCHTAPE_FINNHUB_URL", value_name = "URL", value_parser = parse_http_url,
          default_value = "https://finnhub.io/api/v1")]
    pub finnhub_url: String,
    /// URL of finnhub's WebSocket
    #[arg(long, global = true, env = "WATCHTAPE_FINNHUB_STREAM_URL", value_name = "URL",
          value_parser = parse_stream_url, default_value = "wss://ws.finnhub.io")]
    pub finnhub_stream_url: String,
    /// Base URL of alpaca's API
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_URL", value_name = "URL", value_parser = parse_http_url,
          default_value = "https://data.alpaca.markets/v2")]
    pub alpaca_url: String,
    /// URL of alpaca's WebSocket
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_STREAM_URL", value_name = "URL",
          value_parser = parse_stream_url, default_value = "wss://stream.data.alpaca.markets/v2/iex")]
    pub alpaca_stream_url: String,
    /// Most calls to each vendor per second [default: what the vendor allows]
    #[arg(long, global = true, env = "WATCHTAPE_VENDOR_PER_SECOND", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub vendor_per_second: Option<u32>,
    /// Most calls to each vendor per minute [default: what the vendor allows]
    #[arg(long, global = true, env = "WATCHTAPE_VENDOR_PER_MINUTE", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub vendor_per_minute: Option<u32>,
    /// Most calls to each vendor per day [default: what the vendor allows]
    #[arg(long, global = true, env = "WATCHTAPE_VENDOR_PER_DAY", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub vendor_per_day: Option<u32>,
}

impl VendorSettings {
    /// A vendor's default budget with the operator's limits in place of its own.
    pub fn budget(&self, default: Budget) -> Budget {
        Budget {
            per_second: self.vendor_per_second.or(default.per_second),
            per_minute: self.vendor_per_minute.or(default.per_minute),
            per_day: self.vendor_per_day.or(default.per_day),
        }
    }
}

/// A required key, or one line that names the missing setting.
pub fn require<'a>(key: Option<&'a ApiKey>, variable: &str) -> Result<&'a ApiKey, String> {
    key.ok_or_else(|| format!("{variable} is not set, and WATCHTAPE_FEED names its vendor"))
}

/// A vendor's API key: printable ASCII without blanks. `Debug` redacts it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key in plain text, for a vendor that takes it outside a header.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The key as a header value that is marked sensitive.
    pub fn to_header(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&self.0).expect("printable ASCII");
        value.set_sensitive(true);
        value
    }
}

impl FromStr for ApiKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a key has printable ASCII characters, without blanks");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

fn parse_http_url(text: &str) -> Result<String, &'static str> {
    parse_url(text, ["http", "https"]).ok_or("an address is https://HOST[/PATH] or http://HOST[/PATH]")
}

fn parse_stream_url(text: &str) -> Result<String, &'static str> {
    parse_url(text, ["ws", "wss"]).ok_or("an address is wss://HOST[/PATH] or ws://HOST[/PATH]")
}

/// A URL without the trailing slash, so that paths can be appended.
fn parse_url(text: &str, schemes: [&str; 2]) -> Option<String> {
    let url = Url::parse(text).ok()?;
    // A key belongs in its own setting: URLs are logged.
    let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let fits = is_bare && url.fragment().is_none() && url.has_host() && schemes.contains(&url.scheme());
    fits.then(|| url.as_str().trim_end_matches('/').to_owned())
}
