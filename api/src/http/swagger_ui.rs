//! Swagger UI below `/docs/`, for GET and HEAD. The crate's own service answers GET alone.

use super::error_codes::Error;
use super::etag;
use super::shared_body::SharedBody;
use crate::auth::secret::sha256_hex_of;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use utoipa_swagger_ui::Config;

/// The route of the files.
pub const ROUTE: &str = "/docs/{file:.*}";

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::new(["/api/v1/openapi.json"]).use_base_layout().persist_authorization(false)));

/// The files that have been asked for, once for all answers.
static FILES: LazyLock<Mutex<HashMap<String, File>>> = LazyLock::new(Mutex::default);

#[derive(Clone)]
struct File {
    bytes: web::Bytes,
    content_type: String,
    etag: String,
}

/// A file of Swagger UI; its page at the folder itself.
pub async fn get_file(request: HttpRequest, file: web::Path<String>) -> Result<HttpResponse, Error> {
    let name = if file.is_empty() { "index.html" } else { file.as_str() };
    let file = find(name)?.ok_or_else(|| Error::not_found("file"))?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::ETAG, file.etag.clone())).insert_header((header::CACHE_CONTROL, "no-cache"));
    if etag::is_not_modified(&request, &file.etag)? {
        return Ok(answer.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    Ok(answer.content_type(file.content_type).body(SharedBody(file.bytes)))
}

fn find(name: &str) -> Result<Option<File>, Error> {
    // Only what there is is kept.
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(file) = files.get(name) {
        return Ok(Some(file.clone()));
    }
    let Some(found) = utoipa_swagger_ui::serve(name, CONFIG.clone()).map_err(Error::internal)? else { return Ok(None) };
    let etag = format!("\"{}\"", &sha256_hex_of(&[&found.bytes])[..16]);
    let file = File { bytes: found.bytes.into_owned().into(), content_type: found.content_type, etag };
    files.insert(name.to_owned(), file.clone());
    Ok(Some(file))
}
