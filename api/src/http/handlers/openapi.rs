//! The API's own description.

use crate::http::openapi;
use actix_web::HttpResponse;
use actix_web::http::header::ContentType;

/// Read this description
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "The OpenAPI 3.1 document", content_type = "application/json"))
)]
pub async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(openapi::json())
}
