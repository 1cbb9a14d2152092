//! Bodies of requests are taken as they are: a coded one (`Content-Encoding`) is refused with 415, and the answer says that
//! none is accepted (RFC 9110, 12.5.3). Decoding would let a small request become a large body.

use crate::http::error_codes::{Code, Error};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;

/// Middleware: refuses a request whose body is coded.
pub async fn plain_bodies(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut codings = request.headers().get_all(header::CONTENT_ENCODING);
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let error = Error::new(Code::UnsupportedMediaType, "Send the body without Content-Encoding.");
        let error = error.with_header(header::ACCEPT_ENCODING, "identity");
        return Ok(request.error_response(error).map_into_boxed_body());
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
