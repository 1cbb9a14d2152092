//! Everything about the caller's account as one document, written list by list: no more of it is in memory than one list
//! or one page of the audit trail, however long a client takes to read it.

use crate::auth::SessionUser;
use crate::db::audit::{self, NewEvent};
use crate::db::{self, Db, api_key, device, user, watchlist};
use crate::http::error_codes::Error;
use crate::http::state::AppState;
use crate::limits::Client;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use chrono::Utc;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::json;
use watchtape_shared::audit::EventKind;
use watchtape_shared::export::AccountExport;
use watchtape_shared::{EventId, UserId, WatchlistId};

/// How many entries of the audit trail are read at a time.
const EVENTS: i64 = 500;

/// Read out everything about your account
///
/// One JSON document, to keep or to take elsewhere: the account, its devices and API keys, every list with its items, and
/// the audit trail. Each list is as it was at one moment; a change made meanwhile may be in it or not.
#[utoipa::path(
    get, path = "/api/v1/me/export", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "Everything about the account, as a file", body = AccountExport),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn export_account(
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
) -> Result<HttpResponse, Error> {
    let (owner, session) = (session_user.id.clone(), session_user.session.clone());
    let noted = state.db.write(move |connection| {
        let event = NewEvent::new(EventKind::AccountExported, &owner).session(&session);
        audit::record(connection, &client.request_info, &event)
    });
    noted.await?;
    let owner = session_user.id.clone();
    let head = state.db.snapshot(move |connection| {
        let head = json!({
            "exported_at": Utc::now(),
            "user": user::find(connection, &session_user.id)?,
            "devices": device::list(connection, &session_user.id, &session_user.session)?,
            "api_keys": api_key::list(connection, &session_user.id)?,
        });
        Ok((head.to_string(), watchlist::list(connection, &session_user.id)?))
    });
    let (head, lists) = head.await?;
    let lists = lists.into_iter().map(|list| list.id).collect::<Vec<_>>().into_iter();
    let export = Export { db: state.db.clone(), owner, next: Next::Head(head), lists, has_entries: false };
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"watchtape-account.json\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(export.into_stream()))
}

/// A document that is being written.
struct Export {
    db: Db,
    owner: UserId,
    next: Next,
    /// The lists that are still to be written.
    lists: std::vec::IntoIter<WatchlistId>,
    /// Whether the array that is open has an entry.
    has_entries: bool,
}

/// What is to be written next.
enum Next {
    /// What was read before the answer began.
    Head(String),
    /// The next list.
    List,
    /// The entries of the audit trail before this one.
    Events(Option<EventId>),
    /// Nothing.
    End,
}

impl Export {
    fn into_stream(self) -> impl Stream<Item = db::Result<Bytes>> {
        unfold(self, |mut export| async move {
            let piece = export.write().await.transpose()?;
            if piece.is_err() {
                // The answer breaks off, which tells the client that it is not whole.
                export.next = Next::End;
            }
            Some((piece.map(Bytes::from), export))
        })
    }

    async fn write(&mut self) -> db::Result<Option<String>> {
        match std::mem::replace(&mut self.next, Next::End) {
            Next::Head(head) => {
                self.next = Next::List;
                // The object goes on after its first fields.
                let fields = head.strip_suffix('}').unwrap_or(&head);
                Ok(Some(format!("{fields},\"watchlists\":[")))
            }
            Next::List => self.write_list().await.map(Some),
            Next::Events(before) => self.write_events(before).await.map(Some),
            Next::End => Ok(None),
        }
    }

    async fn write_list(&mut self) -> db::Result<String> {
        let Some(id) = self.lists.next() else {
            self.next = Next::Events(None);
            self.has_entries = false;
            return Ok("],\"audit_events\":[".to_owned());
        };
        self.next = Next::List;
        let owner = self.owner.clone();
        match self.db.snapshot(move |connection| watchlist::find(connection, &owner, &id)).await {
            Ok(list) => Ok(self.entry(&list)),
            // Deleted meanwhile.
            Err(db::Error::NotFound(_)) => Ok(String::new()),
            Err(error) => Err(error),
        }
    }

    async fn write_events(&mut self, before: Option<EventId>) -> db::Result<String> {
        let owner = self.owner.clone();
        let events = self.db.read(move |connection| audit::list(connection, &owner, before.as_ref(), EVENTS)).await?;
        let mut piece: String = events.iter().map(|event| self.entry(event)).collect();
        match events.last() {
            Some(last) => self.next = Next::Events(Some(last.id.clone())),
            None => piece.push_str("]}"),
        }
        Ok(piece)
    }

    /// An entry of the array that is open.
    fn entry(&mut self, value: &impl serde::Serialize) -> String {
        let json = serde_json::to_string(value).expect("plain data");
        if std::mem::replace(&mut self.has_entries, true) { format!(",{json}") } else { json }
    }
}
