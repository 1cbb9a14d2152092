//! Outbound safety: the one HTTP client for URLs that strangers name, as destinations are.
//!
//! A URL is checked before each request ([`target`]), and the names in it when they are resolved ([`resolver`]), which is where
//! the addresses come from that are connected to. Deliberately absent: redirects, proxies, cookies, compression and connections
//! that are kept, so that no account's request ever waits for another's.

pub mod address;
pub mod allow_list;
pub mod resolver;
pub mod target;

pub use allow_list::AllowList;
pub use resolver::PublicResolver;
pub use target::TargetError;

use crate::clock;
use crate::feed::vendors::http::{USER_AGENT, cause, retry_after};
use crate::telemetry::traces::OutgoingCall;
use crate::tls;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, StatusCode, redirect};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// How long a request may take in all, from the name's resolution to the last byte that is read.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// How much of an answer is read.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// How much of an answer is kept for the owner.
pub const KEPT_ANSWER_BYTES: usize = 200;

/// Posts to URLs that strangers name.
pub struct Outbound {
    client: Client,
    allow: Arc<AllowList>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// The wait that it asks for.
    pub retry_after: Option<Duration>,
    /// The first [`KEPT_ANSWER_BYTES`] of its body, without control characters.
    pub text: String,
}

/// Why there is no answer. Texts name no URL, which may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The URL is not one that is posted to.
    #[error("{0}")]
    Refused(#[from] TargetError),
    /// There was none in time.
    #[error("no answer within {} s", DEADLINE.as_secs())]
    Late,
    /// No connection, or it broke.
    #[error("{0}")]
    Failed(String),
}

impl Outbound {
    /// With the resolver of names, which lets in what `allow` does.
    #[expect(clippy::disallowed_methods, reason = "the one place for URLs of strangers")]
    pub fn new(resolver: PublicResolver) -> Result<Self, String> {
        tls::install();
        let allow = resolver.allow_list();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(DEADLINE)
            .timeout(DEADLINE)
            .dns_resolver(Arc::new(resolver))
            // Where it leads is not checked, and a receiver has one address.
            .redirect(redirect::Policy::none())
            // A proxy would resolve the name itself.
            .no_proxy()
            .referer(false)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| format!("the HTTP client cannot start: {}", cause(&error)))?;
        Ok(Self { client, allow })
    }

    /// Checks a URL as far as it can be without resolving a name.
    pub fn check(&self, url: &str) -> Result<reqwest::Url, TargetError> {
        target::check(url, &self.allow)
    }

    /// Posts a body within [`DEADLINE`].
    pub async fn post(&self, url: &str, mut headers: HeaderMap, body: Vec<u8>) -> Result<Answer, NoAnswer> {
        let url = self.check(url)?;
        // Without the path, which is a secret of many receivers.
        let call = OutgoingCall::post(url.host_str().unwrap_or_default());
        call.add_to(&mut headers);
        let request = self.client.post(url).headers(headers).body(body);
        let answer = async {
            let response = request.send().await.map_err(|error| failed(&error))?;
            let (status, wait) = (response.status(), retry_after(response.headers(), clock::now()));
            call.has_status(status);
            Ok(Answer { status, retry_after: wait, text: read(response).await })
        };
        let in_time = async { tokio::time::timeout(DEADLINE, answer).await.map_err(|_| NoAnswer::Late).flatten() };
        call.watch(in_time).await
    }
}

fn failed(error: &reqwest::Error) -> NoAnswer {
    if let Some(refused) = target_error(error) {
        return NoAnswer::Refused(refused);
    }
    if error.is_timeout() {
        return NoAnswer::Late;
    }
    let what = if error.is_connect() { "no connection" } else { "the connection broke" };
    // A reqwest error without a source prints the URL.
    let cause = error.source().map_or_else(String::new, |source| format!(": {}", cause(source)));
    NoAnswer::Failed(format!("{what}{cause}"))
}

/// What the resolver refused, wherever in the chain of causes it is.
fn target_error(error: &reqwest::Error) -> Option<TargetError> {
    let mut inner: Option<&dyn Error> = Some(error);
    while let Some(error) = inner {
        if let Some(found) = error.downcast_ref::<TargetError>() {
            return Some(*found);
        }
        inner = error.source();
    }
    None
}

/// The first bytes of a body. The rest is read to the limit, so that the receiver sees its answer taken; what breaks off or goes
/// on is of no interest, as the status has been told.
async fn read(mut response: Response) -> String {
    let (mut kept, mut total) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = response.chunk().await {
        total += chunk.len();
        let room = KEPT_ANSWER_BYTES - kept.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if total >= MAX_ANSWER_BYTES {
            break;
        }
    }
    // A character of several bytes may have been cut.
    let is_cut = total > kept.len();
    let text = shown(&kept);
    if is_cut { text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned() } else { text }
}

/// Bytes of a stranger as a text for people.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_shown_without_what_would_harm_a_page_or_a_terminal() {
        assert_eq!(shown(b"no\r\nsuch \x1b[31mhook\xff\x00"), "no  such  [31mhook\u{fffd}");
    }
}
