//! What nobody may find in a log or in an address: every password, token, ticket and key of the suite.
//!
//! What the server makes is known by its shape, from its first use on. What a person chooses has none: it is kept here
//! before it is sent. A line that holds either ends the whole run, so that no test can pass over it.

use reqwest::Url;
use serde_json::Value;
use std::io::Write;
use std::sync::{LazyLock, PoisonError, RwLock};

/// The fields of requests and answers that hold a secret.
const FIELDS: [&str; 10] = [
    "password",
    "new_password",
    "current_password",
    "access_token",
    "refresh_token",
    "token",
    "ticket",
    "key",
    "secret",
    "invitation",
];
/// How the flags of secret settings end.
const FLAGS: [&str; 5] = ["-password", "-secret", "-key", "-key-id", "-token"];
/// Shorter ones could stand in a line by chance.
const MIN_LEN: usize = 12;
/// 256 random bits as the server writes them, in base64 for addresses.
const RANDOM_LEN: usize = 43;
/// The fewest characters of an API key behind its prefix, and of each part of a JWT.
const MIN_KEY_LEN: usize = 30;
const MIN_PART_LEN: usize = 8;

static KEPT: LazyLock<RwLock<Kept>> = LazyLock::new(RwLock::default);

/// Keeps a secret that has no shape of its own.
pub(crate) fn keep(secret: &str) {
    // One character over and over is no secret of anybody's, and other tests send it too.
    if secret.chars().all(|c| secret.starts_with(c)) {
        return;
    }
    KEPT.write().unwrap_or_else(PoisonError::into_inner).add(secret);
}

/// Keeps the secrets of a body, wherever in it they are.
pub(crate) fn keep_fields(body: &Value) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if FIELDS.contains(&name.as_str()) => keep(text),
                    other => keep_fields(other),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(keep_fields),
        _ => {}
    }
}

/// Keeps the secrets among a command's flags, and the passwords of the addresses among them.
pub(crate) fn keep_settings(flags: &[&str]) {
    for pair in flags.windows(2).filter(|pair| FLAGS.iter().any(|end| pair[0].ends_with(end))) {
        keep(pair[1]);
    }
    for password in flags.iter().filter_map(|flag| Url::parse(flag).ok()?.password().map(str::to_owned)) {
        keep(&password);
    }
}

/// Looks at a line of a log.
pub(crate) fn watch_line(source: &str, line: &str) {
    let found = find_token(line).or_else(|| find_random(line)).or_else(|| find_kept(line));
    if let Some(secret) = found {
        end(source, line, secret);
    }
}

/// Looks at an address before it is asked.
pub(crate) fn watch_address(address: &str) {
    let url = Url::parse(address).unwrap_or_else(|error| panic!("{address}: {error}"));
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    for text in std::iter::once(address.to_owned()).chain(values) {
        if let Some(secret) = find_token(&text).or_else(|| find_kept(&text)) {
            end("an address", address, secret);
        }
    }
}

/// Past the test's own capture, and past anything that could catch a panic.
fn end(source: &str, line: &str, secret: &str) -> ! {
    let said = format!("\nA SECRET IN {source}: {secret:?} in\n{}\n", line.trim_end());
    let _ = std::io::stderr().write_all(said.as_bytes());
    std::process::abort();
}

/// Secrets by their first two bytes, as almost no place of a line begins like one of them.
struct Kept(Vec<Vec<Box<str>>>);

impl Default for Kept {
    fn default() -> Self {
        Self(vec![Vec::new(); 1 << 16])
    }
}

impl Kept {
    fn add(&mut self, secret: &str) {
        if let [first, second, ..] = *secret.as_bytes()
            && secret.len() >= MIN_LEN
        {
            let alike = &mut self.0[usize::from(u16::from_be_bytes([first, second]))];
            if !alike.iter().any(|one| **one == *secret) {
                alike.push(secret.into());
            }
        }
    }

    fn find<'a>(&self, text: &'a str) -> Option<&'a str> {
        let bytes = text.as_bytes();
        for at in 1..bytes.len() {
            let alike = &self.0[usize::from(u16::from_be_bytes([bytes[at - 1], bytes[at]]))];
            let found = alike.iter().find(|secret| bytes[at - 1..].starts_with(secret.as_bytes()));
            if let Some(secret) = found {
                return text.get(at - 1..at - 1 + secret.len());
            }
        }
        None
    }
}

fn find_kept(text: &str) -> Option<&str> {
    KEPT.read().unwrap_or_else(PoisonError::into_inner).find(text)
}

/// A JWT, an API key, or a refresh token: `FAMILY.SECRET`.
fn find_token(text: &str) -> Option<&str> {
    let words = words(text);
    let follows = |at: usize| {
        let (before, after) = (words.get(at)?, words.get(at + 1)?);
        (before.start + before.text.len() + 1 == after.start && text.as_bytes()[after.start - 1] == b'.')
            .then_some(after)
    };
    for (at, word) in words.iter().enumerate() {
        if let Some(header) = word.text.find("eyJ")
            && word.text.len() - header >= MIN_PART_LEN
            && let (Some(claims), Some(signature)) = (follows(at), follows(at + 1))
            && claims.text.len().min(signature.text.len()) >= MIN_PART_LEN
        {
            return Some(&text[word.start + header..signature.start + signature.text.len()]);
        }
        if let Some(prefix) = word.text.find("wt_") {
            let key = &word.text[prefix..];
            let len = key[3..].bytes().take_while(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')).count();
            if len >= MIN_KEY_LEN {
                return Some(key);
            }
        }
        if let Some(secret) = follows(at).filter(|secret| secret.text.len() == RANDOM_LEN)
            && word.text.len() == RANDOM_LEN
        {
            return Some(&text[word.start..secret.start + RANDOM_LEN]);
        }
    }
    None
}

/// Anything random of the length of a secret. Not for addresses: a cursor may end in a signature.
fn find_random(text: &str) -> Option<&str> {
    let has = |word: &str, kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
    let is_random = |word: &str| {
        word.len() == RANDOM_LEN
            && has(word, u8::is_ascii_digit)
            && has(word, u8::is_ascii_lowercase)
            && has(word, u8::is_ascii_uppercase)
    };
    words(text).into_iter().map(|word| word.text).find(|word| is_random(word))
}

/// A run of the characters that tokens are made of.
struct Word<'a> {
    start: usize,
    text: &'a str,
}

/// The words of a text that are long enough to be a part of a token.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            continue;
        }
        if at - start >= MIN_PART_LEN {
            words.push(Word { start, text: &text[start..at] });
        }
        start = at + 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;
    use watchtape::auth::tokens::Tokens;
    use watchtape::auth::{Secret, api_keys};
    use watchtape::ids;
    use watchtape::ids::random_token;

    #[test]
    fn what_the_server_makes_is_known_by_its_shape() {
        let tokens = Tokens::new(&Secret::new("an installation's own secret, long enough").expect("long enough"), None);
        let access = tokens.access(&ids::user(), &ids::session(), Utc::now());
        for secret in
            [access, api_keys::from_random_bytes(&rand::random()), format!("{}.{}", random_token(), random_token())]
        {
            for line in
                [secret.clone(), format!("x={secret}, y"), format!("Bearer {secret}."), format!("\"é{secret}\"")]
            {
                assert_eq!(find_token(&line), Some(secret.as_str()), "{line}");
            }
            assert_eq!(find_token(&secret[1..secret.len() / 2]), None);
        }
        let token = random_token();
        let line = format!("Cookie(\"{token}\")");
        assert_eq!((find_random(&line), find_token(&line)), (Some(token.as_str()), None));
    }

    #[test]
    fn what_logs_are_full_of_is_none() {
        let line = format!(
            "2026-11-22T16:47:43.123456Z DEBUG request{{request_id=0193a1c2-7d5e-7c3a-9b1f-2f6f0c1d2e3f path=/api/v1/me}} \
             watchtape::stream::connection: ses={} {} sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 \
             /home/ada/.cargo/registry/src/registry.example-1949cf8c6b5b557f/actix-http-3.11.2/src/h1/dispatcher.rs",
            ids::session(),
            ids::watchlist(),
        );
        assert_eq!(find_token(&line).or_else(|| find_random(&line)), None);
    }

    #[test]
    fn what_was_kept_is_found_wherever_it_stands() {
        let mut kept = Kept::default();
        kept.add("correct horse battery");
        kept.add("correct hörse");
        kept.add("short");
        for line in ["correct horse battery", "a correct horse battery staple", "password: \"correct horse battery\""] {
            assert_eq!(kept.find(line), Some("correct horse battery"), "{line}");
        }
        assert_eq!(kept.find("é correct hörse é"), Some("correct hörse"));
        for line in ["", "c", "correct horse", "short", "orrect horse battery"] {
            assert_eq!(kept.find(line), None, "{line}");
        }
    }
}
