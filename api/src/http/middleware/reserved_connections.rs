//! Connections beyond their limit: a probe is answered, everything else is refused, and the connection is closed.

use crate::http::error_codes::{Code, Error};
use crate::http::routed_path::routed_path;
use crate::limits::http_connections::Admission;
use crate::telemetry::PROBE_ROUTES;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;

/// Middleware: answers probes alone on a connection beyond its limit.
pub async fn reserved_connections(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_reserved = request.request().conn_data::<Admission>().is_some_and(|admission| admission.is_reserved);
    if !is_reserved {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let mut response = if PROBE_ROUTES.contains(&routed_path(request.request())) {
        next.call(request).await?.map_into_boxed_body()
    } else {
        let error = Error::new(Code::Unavailable, "Too many connections are open.");
        request.error_response(error).map_into_boxed_body()
    };
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    Ok(response)
}
