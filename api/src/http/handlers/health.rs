//! Liveness and readiness, for operators' probes.

use crate::clock;
use crate::http::error_codes::{Code, Error};
use crate::http::state::AppState;
use actix_web::web::{self, Json};
use serde::Serialize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use watchtape_shared::market::FeedStatus;

/// The answer of `/livez`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Live {
    /// Always `ok`: a process that is not alive does not answer.
    #[schema(example = "ok")]
    status: &'static str,
}

/// The answer of `/readyz`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Ready {
    /// `ok`, or `degraded` where requests are answered but prices do not move, the node is cut off from the others, or a task
    /// has ended lately.
    #[schema(example = "ok")]
    status: &'static str,
    /// How the feed fares.
    feed: FeedStatus,
    /// Whether this node is the one that runs the feed.
    runs_feed: bool,
    /// How many nodes there were when Redis last told, this one included. Without Redis: 1.
    #[schema(example = 1)]
    nodes: u32,
    /// Tasks of the server that ended within the last ten minutes, and were started again.
    #[schema(example = json!([]))]
    restarted_tasks: Vec<&'static str>,
    /// What an operator should look at soon.
    #[schema(example = json!([]))]
    warnings: Vec<String>,
}

/// How long a node that joins others is not ready while it has not heard of their prices.
const JOIN_DEADLINE: Duration = Duration::from_secs(60);

/// Is the process alive
#[utoipa::path(get, path = "/livez", tag = "operations", security(()),
    responses((status = 200, description = "It is", body = Live)))]
pub async fn get_liveness() -> Json<Live> {
    Json(Live { status: "ok" })
}

/// Can requests be served
///
/// Reads from the database, writes to it now and then, and answers 503 where that fails, while a node that joins others has
/// not heard of their prices, and once the server has been told to stop.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "They can", body = Ready),
              (status = 503, description = "They cannot"),
              (status = 507, description = "The disk is full")))]
pub async fn get_readiness(state: web::Data<AppState>) -> Result<Json<Ready>, Error> {
    read_readiness(&state).await.map(Json)
}

pub(super) async fn read_readiness(state: &AppState) -> Result<Ready, Error> {
    if state.is_draining.load(Ordering::Relaxed) {
        return Err(Error::new(Code::Unavailable, "The server is stopping."));
    }
    let (node, now) = (&state.node, clock::now());
    if !node.last_values.has_joined() && state.started.elapsed() < JOIN_DEADLINE {
        return Err(Error::new(Code::Unavailable, "This node has not heard of the others' prices yet."));
    }
    state.db.check().await?;
    let (feed, restarted_tasks) = (node.last_values.status().status, state.tasks.restarted_lately());
    let degraded = node.last_values.is_degraded() || matches!(feed, FeedStatus::Stale) || !restarted_tasks.is_empty();
    let warnings = state.market.calendar.end_warning(now).into_iter().collect();
    let status = if degraded { "degraded" } else { "ok" };
    let (runs_feed, nodes) = (node.last_values.runs_feed(), node.cluster.known_nodes());
    Ok(Ready { status, feed, runs_feed, nodes, restarted_tasks, warnings })
}
