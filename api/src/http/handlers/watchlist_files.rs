//! Export of a watchlist as a file, and import of a file into a watchlist.

use super::append_items::append_items;
use super::watchlists::{self, Changed};
use crate::db::idempotency::Answer;
use crate::db::watchlist;
use crate::http::error_codes::{Code, Error};
use crate::http::etag::{self, IfMatch, etag};
use crate::http::extractors::body::read_body_within;
use crate::http::extractors::{Query, Reader, Writer};
use crate::http::idempotency::{Idempotency, IdempotencyHeader, IdempotentRequest, json_answer};
use crate::http::state::AppState;
use crate::telemetry::metrics::ImportOutcome;
use crate::transfer::{self, JsonFile};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::time::Duration;
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;
use watchtape_shared::transfer::{Format, Imported, MAX_FILE_BYTES};

/// For a whole file to arrive.
const FILE_DEADLINE: Duration = Duration::from_secs(30);

/// In which form to write a list.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv`, `txt` (TradingView's text) or `json`.
    #[param(inline, example = "csv")]
    format: Format,
}

/// How to take in a file.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// `true` answers what an import would, and changes nothing.
    #[param(example = true)]
    #[serde(default)]
    dry_run: bool,
}

/// Export a watchlist as a file
///
/// In each form it has the symbols, their order, sections, notes and flags, and an import gives them back. The `ETag` is
/// the list's version.
#[utoipa::path(
    get, path = "/api/v1/watchlists/{id}/export", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"), ExportQuery),
    responses((status = 200, description = "The list as a file", content(
                  (JsonFile = "application/json"),
                  (String = "text/csv", example = "symbol,name,exchange,section,flag,note\r\nAAPL,Apple Inc.,XNAS,Phones,red,\r\n"),
                  (String = "text/plain", example = "###Phones\nNASDAQ:AAPL\n# flag: red\n"))),
              (status = 304, description = "Nothing has changed since the ETag in If-None-Match"))
)]
pub async fn export_watchlist(
    request: HttpRequest,
    state: web::Data<AppState>,
    Reader(user): Reader,
    id: web::Path<WatchlistId>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, Error> {
    let Query(ExportQuery { format }) = query;
    let owner = user.id.clone();
    let list = state.db.of(&user.id).snapshot(move |connection| watchlist::find(connection, &owner, &id)).await?;
    let tag = etag(list.summary.version);
    if etag::is_not_modified(&request, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let charset = if format == Format::Json { "" } else { "; charset=utf-8" };
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_DISPOSITION, attachment(&list.summary.name, format)))
        .content_type(format!("{}{charset}", format.media_type()))
        .body(transfer::write(format, &list, &state.market.tickers.load())?))
}

/// Import a file into a watchlist
///
/// Appends what the file has in its order, in one change of the list; items that are on the list stay as they are. Takes
/// CSV with a line that names its columns, of which only `symbol` (or `ticker`, or `isin`) is needed, TradingView's text, and
/// JSON as exported, up to 16 MiB and 10,000 lines. The text is UTF-8, or UTF-16 with a byte order mark, whatever a
/// `charset` says. Each line that was not taken is named with the reason.
#[utoipa::path(
    post, path = "/api/v1/watchlists/{id}/import", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"), ImportQuery,
           ("If-Match" = Option<String>, Header, description = "Change the list only at this version", example = "\"7\""),
           IdempotencyHeader),
    request_body(content(
        (JsonFile = "application/json"),
        (String = "text/csv", example = "symbol,section,flag,note\nAAPL,Phones,red,Keynote in September\n"),
        (String = "text/plain", example = "###Phones\nNASDAQ:AAPL\n"))),
    responses((status = 200, description = "What became of the file", body = Imported),
              (status = 503, description = "Other files are being taken in"))
)]
#[expect(clippy::too_many_arguments, reason = "each says what of the request is needed")]
pub async fn import_watchlist(
    request: HttpRequest,
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    query: Query<ImportQuery>,
    if_match: IfMatch,
    idempotency: Idempotency,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    let Query(ImportQuery { dry_run }) = query;
    let limits = &state.web.import_limits;
    let mut upload = limits.begin_upload(&user.id)?;
    let hold = |bytes| Ok(upload.hold(bytes)?);
    let file = read_body_within(payload.into_inner(), MAX_FILE_BYTES, FILE_DEADLINE, hold).await?;
    let turn = limits.turn().await?;
    let format = format_of(&request)?;
    let request =
        if dry_run { IdempotentRequest::without_key() } else { idempotency.with_body(format.media_type(), &file) };
    let tickers = state.market.tickers.clone();
    let read = move || {
        // With the work, which goes on when its client leaves.
        let _turn = turn;
        transfer::read(format, &file, &tickers.load())
    };
    let lines = web::block(read).await.map_err(Error::internal)??;
    let expected = if_match.optional();
    let imported = watchlists::change_once(&state, user, &id, request, move |connection, owner, id| {
        let (positions, items): (Vec<_>, Vec<_>) = lines.into_iter().map(|line| (line.position, line.item)).unzip();
        let appended = append_items(connection, owner, id, &expected, items, dry_run)?;
        let symbols: Vec<_> = appended.results.iter().filter_map(|result| result.as_ref().ok().copied()).collect();
        let rejected =
            positions.into_iter().zip(appended.results).filter_map(|(line, result)| Some(line.rejected(result.err()?)));
        let body =
            Imported { added: symbols.len() as u32, symbols, rejected: rejected.collect(), version: appended.version };
        Ok((
            Answer { etag: Some(etag(appended.version)), ..json_answer(StatusCode::OK, &body)? },
            Changed(appended.is_changed),
        ))
    });
    let imported = imported.await;
    let outcome = if imported.is_ok() { ImportOutcome::Ok } else { ImportOutcome::Refused };
    state.metrics.work.record_import(outcome);
    imported
}

fn format_of(request: &HttpRequest) -> Result<Format, Error> {
    let media_type = request.content_type().trim();
    let found = Format::ALL.into_iter().find(|format| format.media_type().eq_ignore_ascii_case(media_type));
    found.ok_or_else(|| {
        let known = Format::ALL.map(Format::media_type).join(", ");
        Error::new(Code::UnsupportedMediaType, format!("The body is to be one of {known}."))
    })
}

/// `Content-Disposition` (RFC 6266) with the list's name, and an ASCII fallback for older clients.
fn attachment(name: &ListName, format: Format) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ') { c } else { '_' };
    let plain: String = name.as_str().chars().map(plain).collect();
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | ' ') { c } else { '_' };
    let whole: String = name.as_str().chars().map(safe).collect();
    let encode = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let encoded: String = whole.bytes().map(encode).collect();
    let ending = format.as_str();
    format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}.{ending}")
}
