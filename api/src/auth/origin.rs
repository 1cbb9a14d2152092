//! Where a browser's request comes from: the `Origin` header is checked exactly wherever it is present, so that another
//! site's page can neither use the refresh cookie nor open a socket.

use crate::error::{Code, Error};
use crate::state::AppState;
use actix_web::HttpRequest;
use actix_web::http::header;

/// Refuses a request that names a page of another origin. Programs name none.
pub fn check(request: &HttpRequest, state: &AppState) -> Result<(), Error> {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return Ok(()) };
    let ours = match &state.public_origin {
        Some(origin) => origin.clone(),
        // The browser itself writes both headers, so that a page of ours always names the host that it asks.
        None => {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
            format!("http://{}", host.unwrap_or_default())
        }
    };
    if origin.as_bytes() == ours.as_bytes() {
        return Ok(());
    }
    Err(Error::new(Code::ForbiddenOrigin, "Pages of another origin may not do this."))
}
