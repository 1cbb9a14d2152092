//! The API's own description.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};

/// The document as JSON. The server makes it, since it describes this handler too.
pub struct OpenApiJson(pub String);

/// Read this description
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "The OpenAPI 3.1 document", content_type = "application/json"))
)]
pub async fn get_openapi(document: web::Data<OpenApiJson>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.0.clone())
}
