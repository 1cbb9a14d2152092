//! An account's signed-in devices, as its owner lists and revokes them. Each is a session; `session` creates and
//! refreshes them.
//!
//! Every function that ends sessions locks the account's row first, so that two of them never deadlock.

use super::audit::{self, NewEvent, RequestInfo};
use super::schema::sessions;
use super::{DbConnection, Error, Result, access_change, columns, user};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use watchtape_shared::account::Device;
use watchtape_shared::audit::EventKind;
use watchtape_shared::{SessionId, UserId};

/// Maximum of devices of an account: a further sign-in signs out the device that was unused for longest.
pub const MAX_DEVICES: usize = 100;

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Row {
    id: String,
    rotated_at: NaiveDateTime,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    user_agent: Option<String>,
    address: Option<String>,
}

impl Row {
    fn into_device(self, current: Option<&SessionId>) -> Result<Device> {
        let id: SessionId = columns::parse("sessions.id", &self.id)?;
        Ok(Device {
            is_current: current == Some(&id),
            id,
            created_at: columns::utc(self.created_at),
            last_seen_at: columns::utc(self.rotated_at),
            expires_at: columns::utc(self.expires_at),
            user_agent: self.user_agent,
            address: self.address,
        })
    }
}

/// This owner's devices, the last used first. `current` is the session of the request, `None` for the operator.
pub fn list(connection: &mut DbConnection, owner: &UserId, current: Option<&SessionId>) -> Result<Vec<Device>> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::user_id.eq(owner.as_str()))
        .filter(sessions::expires_at.gt(columns::now()))
        .order((sessions::rotated_at.desc(), sessions::id.desc()))
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| row.into_device(current)).collect()
}

/// Signs out one of this owner's devices. [`Error::NotFound`] where there is no such device.
pub fn revoke(connection: &mut DbConnection, owner: &UserId, id: &SessionId) -> Result<()> {
    access_change::touch(connection, owner)?;
    let mine = sessions::table.filter(sessions::user_id.eq(owner.as_str())).filter(sessions::id.eq(id.as_str()));
    match diesel::delete(mine).execute(connection)? {
        0 => Err(Error::NotFound("device")),
        _ => Ok(()),
    }
}

/// Signs out every device of this owner except `keep`.
pub fn revoke_others(connection: &mut DbConnection, owner: &UserId, keep: &SessionId) -> Result<()> {
    access_change::touch(connection, owner)?;
    let others = sessions::table.filter(sessions::user_id.eq(owner.as_str())).filter(sessions::id.ne(keep.as_str()));
    diesel::delete(others).execute(connection)?;
    Ok(())
}

/// Signs out devices beyond [`MAX_DEVICES`] minus one, before another is added.
pub(super) fn make_room(connection: &mut DbConnection, owner: &UserId) -> Result<()> {
    // Without the lock, two concurrent sign-ins would not count each other.
    user::lock(connection, owner)?;
    let devices: Vec<String> = sessions::table
        .filter(sessions::user_id.eq(owner.as_str()))
        .order((sessions::rotated_at.desc(), sessions::id.desc()))
        .select(sessions::id)
        .load(connection)?;
    for id in devices.iter().skip(MAX_DEVICES - 1) {
        let id: SessionId = columns::parse("sessions.id", id)?;
        revoke(connection, owner, &id)?;
        let event = NewEvent::new(EventKind::SessionRevoked, owner).session(&id).detail("too_many_devices");
        audit::record(connection, &RequestInfo::default(), &event)?;
    }
    Ok(())
}
