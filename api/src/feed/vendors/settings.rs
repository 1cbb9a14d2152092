//! What an operator says of the vendors: keys, addresses and budgets.

use super::vendor::Budget;
use clap::Args;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::fmt;
use std::str::FromStr;

/// An upstream price source that there is an adapter for.
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

/// The vendors' settings, as they are given.
#[derive(Args, Clone, Debug)]
pub struct VendorSettings {
    /// The key of albert
    #[arg(long, global = true, env = "WATCHTAPE_ALBERT_KEY", hide_env_values = true, value_name = "KEY")]
    pub albert_key: Option<ApiKey>,
    /// The key of finnhub
    #[arg(long, global = true, env = "WATCHTAPE_FINNHUB_KEY", hide_env_values = true, value_name = "KEY")]
    pub finnhub_key: Option<ApiKey>,
    /// The key's name at alpaca
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_KEY_ID", hide_env_values = true, value_name = "KEY")]
    pub alpaca_key_id: Option<ApiKey>,
    /// The key's secret at alpaca
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_SECRET", hide_env_values = true, value_name = "KEY")]
    pub alpaca_secret: Option<ApiKey>,
    /// Where albert is asked
    #[arg(long, global = true, env = "WATCHTAPE_ALBERT_URL", value_name = "URL", value_parser = parse_http_url,
          default_value = "https://app.albert.com/casestudy/stock")]
    pub albert_url: String,
    /// Where finnhub is asked
    #[arg(long, global = true, env = "WATCHTAPE_FINNHUB_URL", value_name = "URL", value_parser = parse_http_url,
          default_value = "https://finnhub.io/api/v1")]
    pub finnhub_url: String,
    /// Where finnhub is listened to
    #[arg(long, global = true, env = "WATCHTAPE_FINNHUB_STREAM_URL", value_name = "URL",
          value_parser = parse_stream_url, default_value = "wss://ws.finnhub.io")]
    pub finnhub_stream_url: String,
    /// Where alpaca is asked
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_URL", value_name = "URL", value_parser = parse_http_url,
          default_value = "https://data.alpaca.markets/v2")]
    pub alpaca_url: String,
    /// Where alpaca is listened to
    #[arg(long, global = true, env = "WATCHTAPE_ALPACA_STREAM_URL", value_name = "URL",
          value_parser = parse_stream_url, default_value = "wss://stream.data.alpaca.markets/v2/iex")]
    pub alpaca_stream_url: String,
    /// Calls a second that each vendor is asked at most [default: what the vendor allows]
    #[arg(long, global = true, env = "WATCHTAPE_VENDOR_PER_SECOND", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub vendor_per_second: Option<u32>,
    /// Calls a minute that each vendor is asked at most [default: what the vendor allows]
    #[arg(long, global = true, env = "WATCHTAPE_VENDOR_PER_MINUTE", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub vendor_per_minute: Option<u32>,
    /// Calls a day that each vendor is asked at most [default: what the vendor allows]
    #[arg(long, global = true, env = "WATCHTAPE_VENDOR_PER_DAY", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub vendor_per_day: Option<u32>,
}

impl VendorSettings {
    /// A vendor's own budget, with what the operator says in its place.
    pub fn budget(&self, own: Budget) -> Budget {
        Budget {
            per_second: self.vendor_per_second.or(own.per_second),
            per_minute: self.vendor_per_minute.or(own.per_minute),
            per_day: self.vendor_per_day.or(own.per_day),
        }
    }
}

/// The key that a vendor needs, or one line that names its missing setting.
pub fn require<'a>(key: Option<&'a ApiKey>, variable: &str) -> Result<&'a ApiKey, String> {
    key.ok_or_else(|| format!("{variable} is not set, and WATCHTAPE_FEED names its vendor"))
}

/// A vendor's key: printable ASCII without blanks. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key itself, for a vendor that takes it in no header.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The key as a header's value, which no log of the client prints.
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

/// Without the slash at its end: paths are added to it.
fn parse_url(text: &str, schemes: [&str; 2]) -> Option<String> {
    let url = Url::parse(text).ok()?;
    // A key belongs in its own setting: an address may be logged.
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let fits = bare && url.fragment().is_none() && url.has_host() && schemes.contains(&url.scheme());
    fits.then(|| url.as_str().trim_end_matches('/').to_owned())
}
