//! The browser app's files: embedded in the binary, or read once from a folder. Precompressed variants (`.br`, `.gz`) are
//! beside them; files with a hash in their name (`assets/`) are cacheable for a year.
//!
//! A request for HTML at any other path gets the app's page, so that the app's routes can be opened directly; paths under
//! `/api` never do.

use super::etag;
use super::middleware::security_headers::APP_POLICY;
use super::routed_path::routed_path;
use super::shared_body::SharedBody;
use actix_web::http::header::HeaderName;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::Path;

const PAGE: &str = "index.html";
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// A file with its compressed variants.
struct File {
    plain: web::Bytes,
    brotli: Option<web::Bytes>,
    gzip: Option<web::Bytes>,
    /// Of the plain file.
    digest: String,
    content_type: &'static str,
}

/// The app's files, by path without the leading slash.
#[derive(Default)]
pub struct StaticFiles {
    files: HashMap<String, File>,
}

impl StaticFiles {
    /// The files of a folder and its subfolders.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut found = Vec::new();
        let mut pending = vec![folder.to_path_buf()];
        while let Some(folder_path) = pending.pop() {
            for entry in std::fs::read_dir(&folder_path)? {
                let path = entry?.path();
                if path.is_dir() {
                    pending.push(path);
                } else if let Some(name) = path.strip_prefix(folder).ok().and_then(Path::to_str) {
                    found.push((name.to_owned(), Cow::Owned(std::fs::read(&path)?)));
                }
            }
        }
        Ok(Self::of(found.into_iter()))
    }

    /// These files, by path without the leading slash, with their compressed variants among them.
    pub fn of(found: impl Iterator<Item = (String, Cow<'static, [u8]>)>) -> Self {
        let mut bytes: HashMap<String, web::Bytes> = found
            .map(|(name, data)| match data {
                Cow::Borrowed(data) => (name, web::Bytes::from_static(data)),
                Cow::Owned(data) => (name, web::Bytes::from(data)),
            })
            .collect();
        // Hidden files belong to the bundler.
        let is_file = |name: &&String| !name.ends_with(".br") && !name.ends_with(".gz") && !name.starts_with('.');
        let names: Vec<String> = bytes.keys().filter(is_file).cloned().collect();
        let mut files = HashMap::new();
        for name in names {
            let Some(plain) = bytes.remove(&name) else { continue };
            let digest: String = Sha256::digest(&plain)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
            let file = File {
                digest,
                brotli: bytes.remove(&format!("{name}.br")),
                gzip: bytes.remove(&format!("{name}.gz")),
                content_type: content_type(&name),
                plain,
            };
            files.insert(name, file);
        }
        Self { files }
    }

    /// Whether there are no files: the app is not served.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether the app's page is among the files.
    pub fn has_page(&self) -> bool {
        self.files.contains_key(PAGE)
    }

    /// Answers a request that no route has matched.
    pub fn serve(&self, request: &HttpRequest) -> HttpResponse {
        let path = routed_path(request).trim_start_matches('/');
        let is_api = path == "api" || path.starts_with("api/");
        if is_api || !matches!(*request.method(), Method::GET | Method::HEAD) {
            return HttpResponse::NotFound().finish();
        }
        let (name, file) = match self.files.get_key_value(path) {
            Some((name, file)) => (name.as_str(), file),
            None if path.is_empty() || is_app_route(request, path) => match self.files.get(PAGE) {
                Some(file) => (PAGE, file),
                None => return HttpResponse::NotFound().finish(),
            },
            None => return HttpResponse::NotFound().finish(),
        };
        file.answer(request, name)
    }
}

/// Whether the path can be a route of the app: a navigation of the browser, not a missing file.
fn is_app_route(request: &HttpRequest, path: &str) -> bool {
    // Of other clients, such as probes, `*/*` asks for no page: they are to learn that nothing is there.
    let is_navigation = header_text(request, &SEC_FETCH_MODE).is_some_and(|mode| mode == "navigate")
        || header_text(request, &header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    let last = path.rsplit('/').next().unwrap_or_default();
    // A symbol may have a dot: BRK.B.
    is_navigation && !path.starts_with("assets/") && (!last.contains('.') || path.starts_with("securities/"))
}

impl File {
    fn answer(&self, request: &HttpRequest, name: &str) -> HttpResponse {
        let is_immutable = name.starts_with("assets/");
        let mut response = HttpResponse::Ok();
        response
            .insert_header((
                header::CACHE_CONTROL,
                if is_immutable { "public, max-age=31536000, immutable" } else { "no-cache" },
            ))
            .insert_header((header::VARY, "Accept-Encoding"));
        if name == PAGE {
            response.insert_header((header::CONTENT_SECURITY_POLICY, APP_POLICY));
        }
        let accepted = header_text(request, &header::ACCEPT_ENCODING).unwrap_or_default();
        let accepts = |coding: &str| {
            accepted.split(',').any(|one| {
                let (name, quality) = one.split_once(";q=").unwrap_or((one, "1"));
                name.trim() == coding && quality.trim().parse::<f32>().is_ok_and(|quality| quality > 0.0)
            })
        };
        let (coding, body) = match (&self.brotli, &self.gzip) {
            (Some(body), _) if accepts("br") => (Some("br"), body),
            (_, Some(body)) if accepts("gzip") => (Some("gzip"), body),
            _ => (None, &self.plain),
        };
        // Each coding is a representation of its own (RFC 9110, 8.8.3.3).
        let etag = coding.map_or(format!("\"{}\"", self.digest), |coding| format!("\"{}-{coding}\"", self.digest));
        response.insert_header((header::ETAG, etag.clone()));
        if etag::is_not_modified(request, &etag).unwrap_or(false) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        if let Some(coding) = coding {
            response.insert_header((header::CONTENT_ENCODING, coding));
        }
        response.content_type(self.content_type).body(SharedBody(body.clone()))
    }
}

fn header_text<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml; charset=utf-8",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
