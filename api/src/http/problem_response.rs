//! Error answers as problem details (RFC 9457), those of the framework included, with the request's id.

use super::error_codes::{Code, Error};
use super::middleware::request_id;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::http::{ConnectionType, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use watchtape_shared::Problem;
use watchtape_shared::problem::CONTENT_TYPE;

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    // The body is written by `problem_details`, which knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// Middleware: writes the body of every error answer, and the `X-Request-Id` of every answer.
pub async fn problem_details(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let request_id = request_id::id_of(request.request());
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(request_id::HEADER, value);
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return Ok(response);
    }
    let error = match response.response().error().and_then(|error| error.as_error::<Error>()) {
        Some(error) => error.clone(),
        None if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE => {
            Error::internal(response.response().error().map_or_else(|| status.to_string(), ToString::to_string))
        }
        None => of_framework(status, response.request()),
    };
    tracing::Span::current().record("code", error.code.as_str());
    let (request, response) = response.into_parts();
    let mut answer = to_response(&error, &request);
    if response.head().connection_type() == ConnectionType::Close {
        answer.head_mut().set_connection_type(ConnectionType::Close);
    }
    // `Allow` and other fields of the error answer are kept.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH && !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(request, answer))
}

fn of_framework(status: StatusCode, request: &HttpRequest) -> Error {
    let code = Code::of_status(status);
    let (method, path) = (request.method(), request.uri().path());
    match code {
        Code::NotFound => Error::new(code, format!("There is nothing at {path}.")),
        Code::MethodNotAllowed => Error::new(code, format!("{path} does not know {method}.")),
        _ => Error::new(code, format!("{}.", code.title())),
    }
}

fn to_response(error: &Error, request: &HttpRequest) -> HttpResponse {
    let request_id = request_id::id_of(request);
    let status = error.code.status();
    let problem = Problem {
        r#type: format!("urn:watchtape:problem:{}", error.code.as_str()),
        title: error.code.title().to_owned(),
        status: status.as_u16(),
        detail: error.detail.to_string(),
        code: error.code.as_str().to_owned(),
        request_id,
        errors: error.fields.clone(),
    };
    let mut response = HttpResponse::build(status);
    match status {
        StatusCode::UNAUTHORIZED => {
            response.insert_header((header::WWW_AUTHENTICATE, r#"Bearer realm="watchtape""#));
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            response.insert_header((header::RETRY_AFTER, error.retry_after_s.max(1).to_string()));
        }
        // Otherwise the framework would read the rest of the body, for as long as the client sends.
        StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => {
            response.force_close();
        }
        _ if error.code == Code::InsufficientScope => {
            let challenge = r#"Bearer realm="watchtape", error="insufficient_scope", scope="write""#;
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        _ => {}
    }
    if let Some((name, value)) = &error.header {
        response.insert_header((name.clone(), value.as_str()));
    }
    response.content_type(CONTENT_TYPE).insert_header((header::CACHE_CONTROL, "no-store")).json(problem)
}
