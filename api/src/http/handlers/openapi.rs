//! The OpenAPI document of the API.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};

/// The document as JSON. `server` makes it: the document describes this handler, so this file cannot import it.
pub struct OpenApiJson(pub String);

/// Read this description
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "The OpenAPI 3.1 document", content_type = "application/json"))
)]
pub async fn get_openapi(document: web::Data<OpenApiJson>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.0.clone())
}
