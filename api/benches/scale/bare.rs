//! A bare actix-web route: what the framework takes for a JSON answer and for an idle connection.

use super::Result;
use super::process::announce;
use actix_web::{App, HttpServer, rt, web};
use serde_json::json;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(300);

/// Serves `GET /` until it is killed, or the deadline has passed.
pub(crate) fn run(workers: usize) -> Result<()> {
    rt::System::new().block_on(async {
        // An answer as long as a quote's.
        let quote = || async {
            web::Json(json!({ "items": [{
                "symbol": "AAPL", "price": "100.25", "currency": "USD", "previous_close": "100.75", "open": "100.25",
                "high": "100.25", "low": "100.25", "volume": 1000, "as_of": "2013-03-01T14:30:00Z", "source": "replay",
                "mode": "replay", "stale": false
            }], "next_cursor": null }))
        };
        let server = HttpServer::new(move || App::new().route("/", web::get().to(quote)))
            .workers(workers)
            .keep_alive(DEADLINE)
            .disable_signals()
            .bind("127.0.0.1:0")?;
        announce(server.addrs()[0]);
        let _ = rt::time::timeout(DEADLINE, server.run()).await;
        Ok(())
    })
}
