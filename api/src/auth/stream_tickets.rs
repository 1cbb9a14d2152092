//! Single use of stream tickets: a ticket proves itself by its signature, so only those that have been used within
//! their time need to be remembered.

use super::tokens::{Claims, TICKET_SECONDS, Tokens, Use};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many used tickets are remembered at the most: past that, presenting one is refused until the oldest expire.
const MOST_REMEMBERED: usize = 200_000;
/// How long a used ticket is remembered, in seconds: longer than it could be presented.
pub const REMEMBERED_SECONDS: u64 = TICKET_SECONDS + 10;
const LIFETIME: Duration = Duration::from_secs(REMEMBERED_SECONDS);

/// The tickets that have been used.
#[derive(Default)]
pub struct StreamTickets {
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    at: HashMap<String, Instant>,
    swept: Option<Instant>,
}

impl StreamTickets {
    /// The claims of a good ticket, once.
    pub fn take(&self, tokens: &Tokens, ticket: &str) -> Option<Claims> {
        let claims = tokens.check(ticket, Use::Ticket)?;
        let now = Instant::now();
        let mut used = self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if used.swept.is_none_or(|swept| now.duration_since(swept) > LIFETIME) {
            used.at.retain(|_, at| now.duration_since(*at) <= LIFETIME);
            used.swept = Some(now);
        }
        if used.at.len() >= MOST_REMEMBERED || used.at.contains_key(&claims.jti) {
            return None;
        }
        used.at.insert(claims.jti.clone(), now);
        Some(claims)
    }
}
