//! The size limit of a request's head: 16 KiB, as with common proxies, answered with problem details. The framework's own
//! limit is 128 KiB, answered with a status alone.

use crate::http::error_codes::{Code, Error};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

/// Bytes of the request target and all header fields together.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Middleware: refuses a head that is too large.
pub async fn header_limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if fields.sum::<usize>() + target > MAX_HEAD_BYTES {
        let error = Error::new(Code::HeadTooLarge, format!("A request's head has at most {MAX_HEAD_BYTES} bytes."));
        return Ok(request.error_response(error).map_into_boxed_body());
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
