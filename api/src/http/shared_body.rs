//! A body that many answers share. The framework copies each chunk of a body into the buffer of its connection: given as a
//! whole, a file would be in memory once more for each client that reads it slowly.

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bytes that are given out at a time.
const PART: usize = 16 * 1024;

/// The rest of a file.
pub(super) struct SharedBody(pub(super) Bytes);

impl MessageBody for SharedBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let length = self.0.len().min(PART);
        Poll::Ready((length > 0).then(|| Ok(self.0.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;

    #[actix_web::test]
    async fn it_is_the_whole_in_parts() {
        for length in [0, 1, PART, PART + 1, 3 * PART] {
            let whole = Bytes::from((0..length).map(|at| at as u8).collect::<Vec<_>>());
            let body = SharedBody(whole.clone());
            assert_eq!(body.size(), BodySize::Sized(length as u64));
            assert_eq!(to_bytes(body).await.expect("no error"), whole);
        }
    }
}
