//! Export of the caller's account as one JSON document, streamed: at most one list or one page of a table is in memory,
//! however slowly the client reads.

use crate::auth::SessionUser;
use crate::clock;
use crate::db::alert::{self, Filter};
use crate::db::audit::{self, NewEvent};
use crate::db::{self, Db, alert_event, api_key, destination, device, user, watchlist};
use crate::http::error_codes::Error;
use crate::http::state::AppState;
use crate::limits::Client;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::json;
use watchtape_shared::audit::EventKind;
use watchtape_shared::export::AccountExport;
use watchtape_shared::{AlertEventId, AlertId, EventId, UserId, WatchlistId};

/// Rows of a table that are read at a time.
const ROWS_PER_PAGE: i64 = 500;

/// Read out everything about your account
///
/// One JSON document, to keep or to take elsewhere: the account, its devices, API keys and destinations, every list with its items,
/// the alerts with what they have seen, and the audit trail. Each list is as it was at one moment; a change made meanwhile may be in it or not.
#[utoipa::path(
    get, path = "/api/v1/me/export", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "Everything about the account, as a file", body = AccountExport),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn export_account(
    request: HttpRequest,
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
) -> Result<HttpResponse, Error> {
    if request.method() == Method::HEAD {
        // Nothing is exported, and nothing noted.
        return Ok(document().finish());
    }
    let (owner, session) = (session_user.id.clone(), session_user.session.clone());
    let db = state.db.of(&session_user.id);
    let recorded = db.write(move |connection| {
        let event = NewEvent::new(EventKind::AccountExported, &owner).session(&session);
        audit::record(connection, &client.request_info, &event)
    });
    recorded.await?;
    let caller = session_user.clone();
    let head = db.snapshot(move |connection| {
        let head = json!({
            "exported_at": clock::now(),
            "user": user::find(connection, &caller.id)?,
            "devices": device::list(connection, &caller.id, Some(&caller.session))?,
            "api_keys": api_key::list(connection, &caller.id)?,
            "destinations": destination::list(connection, &caller.id)?,
        });
        Ok((head.to_string(), watchlist::list(connection, &caller.id)?))
    });
    let (head, lists) = head.await?;
    let owner = session_user.id;
    let lists = lists.into_iter().map(|list| list.id).collect::<Vec<_>>().into_iter();
    let export = Export { db: state.db.clone(), owner, next: Part::Head(head), lists, has_entries: false };
    Ok(document().streaming(export.into_stream()))
}

/// The head of the answer.
fn document() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"watchtape-account.json\""))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}

/// The state of a document that is being written.
struct Export {
    db: Db,
    owner: UserId,
    next: Part,
    /// The lists that are not written yet.
    lists: std::vec::IntoIter<WatchlistId>,
    /// Whether the open array has an entry.
    has_entries: bool,
}

/// The next part to write.
enum Part {
    /// The account, devices and API keys, read before the answer began.
    Head(String),
    /// The next list.
    List,
    /// The alerts before this one.
    Alerts(Option<AlertId>),
    /// The triggers of alerts before this one.
    AlertEvents(Option<AlertEventId>),
    /// The entries of the audit log before this one.
    Events(Option<EventId>),
    /// The document is complete.
    End,
}

impl Export {
    fn into_stream(self) -> impl Stream<Item = db::Result<Bytes>> {
        unfold(self, |mut export| async move {
            let piece = export.write().await.transpose()?;
            if piece.is_err() {
                // The answer is aborted, so that the client sees that it is incomplete.
                export.next = Part::End;
            }
            Some((piece.map(Bytes::from), export))
        })
    }

    async fn write(&mut self) -> db::Result<Option<String>> {
        match std::mem::replace(&mut self.next, Part::End) {
            Part::Head(head) => {
                self.next = Part::List;
                // The object continues after these fields.
                let fields = head.strip_suffix('}').unwrap_or(&head);
                Ok(Some(format!("{fields},\"watchlists\":[")))
            }
            Part::List => self.write_list().await.map(Some),
            Part::Alerts(before) => self.write_alerts(before).await.map(Some),
            Part::AlertEvents(before) => self.write_alert_events(before).await.map(Some),
            Part::Events(before) => self.write_events(before).await.map(Some),
            Part::End => Ok(None),
        }
    }

    async fn write_list(&mut self) -> db::Result<String> {
        let Some(id) = self.lists.next() else {
            return Ok(self.begin("alerts", Part::Alerts(None)));
        };
        self.next = Part::List;
        let owner = self.owner.clone();
        match self.db.of(&self.owner).snapshot(move |connection| watchlist::find(connection, &owner, &id)).await {
            Ok(list) => Ok(self.entry(&list)),
            // Deleted meanwhile.
            Err(db::Error::NotFound(_)) => Ok(String::new()),
            Err(error) => Err(error),
        }
    }

    /// Ends an array and begins that of another member.
    fn begin(&mut self, member: &str, next: Part) -> String {
        (self.next, self.has_entries) = (next, false);
        format!("],\"{member}\":[")
    }

    async fn write_alerts(&mut self, before: Option<AlertId>) -> db::Result<String> {
        let (owner, filter) = (self.owner.clone(), Filter::default());
        let db = self.db.of(&self.owner);
        let read = move |connection: &mut _| alert::list(connection, &owner, &filter, before.as_ref(), ROWS_PER_PAGE);
        let alerts = db.snapshot(read).await?;
        let Some(last) = alerts.last() else { return Ok(self.begin("alert_events", Part::AlertEvents(None))) };
        self.next = Part::Alerts(Some(last.id.clone()));
        Ok(alerts.iter().map(|alert| self.entry(alert)).collect())
    }

    async fn write_alert_events(&mut self, before: Option<AlertEventId>) -> db::Result<String> {
        let owner = self.owner.clone();
        let read = move |connection: &mut _| alert_event::list(connection, &owner, before.as_ref(), ROWS_PER_PAGE);
        let events = self.db.of(&self.owner).read(read).await?;
        let Some(last) = events.last() else { return Ok(self.begin("audit_events", Part::Events(None))) };
        self.next = Part::AlertEvents(Some(last.id.clone()));
        Ok(events.iter().map(|event| self.entry(event)).collect())
    }

    async fn write_events(&mut self, before: Option<EventId>) -> db::Result<String> {
        let owner = self.owner.clone();
        let events = self
            .db
            .of(&self.owner)
            .read(move |connection| audit::list(connection, &owner, before.as_ref(), ROWS_PER_PAGE))
            .await?;
        let mut piece: String = events.iter().map(|event| self.entry(event)).collect();
        match events.last() {
            Some(last) => self.next = Part::Events(Some(last.id.clone())),
            None => piece.push_str("]}"),
        }
        Ok(piece)
    }

    /// An entry of the open array, with a comma if it is not the first.
    fn entry(&mut self, value: &impl serde::Serialize) -> String {
        let json = serde_json::to_string(value).expect("plain data");
        if std::mem::replace(&mut self.has_entries, true) { format!(",{json}") } else { json }
    }
}
