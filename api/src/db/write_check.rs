//! Whether the database takes reads and writes, for readiness.

use super::schema::write_checks;
use super::{DbConnection, Result, columns};
use diesel::prelude::*;

/// Reads the row of checks.
pub fn read(connection: &mut DbConnection) -> Result<()> {
    write_checks::table.select(write_checks::id).first::<i32>(connection)?;
    Ok(())
}

/// Writes the row of checks.
pub fn write(connection: &mut DbConnection) -> Result<()> {
    diesel::update(write_checks::table.find(1)).set(write_checks::checked_at.eq(columns::now())).execute(connection)?;
    Ok(())
}
