//! Swagger UI below `/docs/`, for GET and HEAD. The crate's own service answers GET alone.

use super::error_codes::Error;
use actix_web::{HttpResponse, web};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

/// The route of the files.
pub const ROUTE: &str = "/docs/{file:.*}";

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::new(["/api/v1/openapi.json"]).use_base_layout().persist_authorization(false)));

/// A file of Swagger UI; its page at the folder itself.
pub async fn get_file(file: web::Path<String>) -> Result<HttpResponse, Error> {
    let name = if file.is_empty() { "index.html" } else { file.as_str() };
    match utoipa_swagger_ui::serve(name, CONFIG.clone()).map_err(Error::internal)? {
        Some(file) => Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned())),
        None => Err(Error::not_found("file")),
    }
}
