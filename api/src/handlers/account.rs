//! The caller's own account.

use crate::auth::Reader;
use crate::db::user;
use crate::error::Error;
use crate::state::AppState;
use actix_web::web::{self, Json};
use watchtape_shared::account::User;

/// Read your account
#[utoipa::path(
    get, path = "/api/v1/me", tag = "account", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The account of the access token", body = User))
)]
pub async fn get_me(state: web::Data<AppState>, Reader(user): Reader) -> Result<Json<User>, Error> {
    Ok(Json(state.db.read(move |connection| user::find(connection, &user.id)).await?))
}
