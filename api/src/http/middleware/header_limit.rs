//! How large a request's head may be. The framework reads heads of up to 128 KiB, and answers longer ones itself, with a
//! status alone; here they are held to what proxies and browsers use, and refused like everything else.

use crate::http::error_codes::{Code, Error};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

/// The most bytes of the address and the fields together.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Middleware: refuses a head that is too large.
pub async fn header_limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if fields.sum::<usize>() + address > MAX_HEAD_BYTES {
        let error = Error::new(Code::HeadTooLarge, format!("A request's head has at most {MAX_HEAD_BYTES} bytes."));
        return Ok(request.error_response(error).map_into_boxed_body());
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
