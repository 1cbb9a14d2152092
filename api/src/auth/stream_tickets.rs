//! Single use of stream tickets. A ticket is verified by its signature, so only used tickets are remembered, until they
//! have expired: by each node, and by the database for all nodes of a cluster.

use super::tokens::{Claims, TICKET_SECONDS, TokenUse, Tokens};
use crate::clock;
use crate::db::{self, Db, used_ticket};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Used tickets that are remembered. Beyond that, tickets are refused until the oldest have expired.
const MAX_USED_TICKETS: usize = 200_000;
/// How long a used ticket is remembered, in seconds: longer than it is valid.
const USED_TICKET_SECONDS: u64 = TICKET_SECONDS + 10;
const LIFETIME: Duration = Duration::from_secs(USED_TICKET_SECONDS);

/// The used tickets of this node.
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
    /// The claims of a valid ticket that has not been used on this node; marks it as used.
    pub fn redeem(&self, tokens: &Tokens, ticket: &str) -> Option<Claims> {
        let claims = tokens.verify(ticket, TokenUse::Ticket)?;
        let now = clock::monotonic();
        let mut used = self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if used.swept.is_none_or(|swept| now.duration_since(swept) > LIFETIME) {
            used.at.retain(|_, at| now.duration_since(*at) <= LIFETIME);
            used.swept = Some(now);
        }
        if used.at.len() >= MAX_USED_TICKETS || used.at.contains_key(&claims.jti) {
            return None;
        }
        used.at.insert(claims.jti.clone(), now);
        Some(claims)
    }

    /// Marks a ticket as used for all nodes of a cluster. Returns whether this was the first use.
    pub async fn claim(db: &Db, claims: &Claims) -> db::Result<bool> {
        let (id, expires_at) = (claims.jti.clone(), clock::now() + LIFETIME);
        match db.write(move |connection| used_ticket::claim(connection, &id, expires_at)).await {
            Ok(()) => Ok(true),
            Err(db::Error::TicketUsed) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
