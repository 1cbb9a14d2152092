//! The queue of mails with a password reset link: a row for each requested address, whether or not it has an account.

use super::audit::RequestInfo;
use super::schema::reset_mails;
use super::{DbConnection, Error, Result, SWEEP_PORTION, columns};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use watchtape_shared::account::Email;

/// Addresses that may wait. Beyond that, nobody's request is taken.
const MAX_WAITING: i64 = 10_000;

/// How long after the last request a mail may be sent.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = reset_mails, treat_none_as_default_value = false)]
struct Row {
    email: String,
    requested_at: NaiveDateTime,
    due_at: NaiveDateTime,
    tries: i32,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
}

/// A mail that is to be tried.
#[derive(Clone, Debug)]
pub struct DueMail {
    /// The requested address.
    pub email: Email,
    /// The HTTP request, for the audit log.
    pub request_info: RequestInfo,
    /// How often it was tried before.
    pub tries: u32,
}

/// Queues a mail to this address, unless one waits. Writes in both cases, as the time that it takes must not tell. Of two at
/// once one is [`Error::MailWaits`]. [`Error::TooManyMails`] where too many wait.
pub fn push(connection: &mut DbConnection, email: &Email, request_info: &RequestInfo) -> Result<()> {
    let waiting = reset_mails::table.find(email.as_str());
    if diesel::update(waiting).set(reset_mails::requested_at.eq(columns::now())).execute(connection)? > 0 {
        return Ok(());
    }
    if reset_mails::table.count().get_result::<i64>(connection)? >= MAX_WAITING {
        return Err(Error::TooManyMails);
    }
    let now = columns::now();
    let row = Row {
        email: email.as_str().to_owned(),
        requested_at: now,
        due_at: now,
        tries: 0,
        address: request_info.address.clone(),
        user_agent: request_info.user_agent.clone(),
        request_id: request_info.request_id.clone(),
    };
    diesel::insert_into(reset_mails::table).values(row).execute(connection)?;
    Ok(())
}

/// Takes the mail that has been due for the longest and is not too old. Nobody else is given it within `lease`.
pub fn take_due(connection: &mut DbConnection, lease: TimeDelta) -> Result<Option<DueMail>> {
    let now = columns::now();
    let due: Option<Row> = reset_mails::table
        .filter(reset_mails::due_at.le(now))
        .filter(reset_mails::requested_at.ge(now - LIFETIME))
        .order(reset_mails::due_at)
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    let Some(row) = due else { return Ok(None) };
    let unchanged = reset_mails::table.find(&row.email).filter(reset_mails::due_at.eq(row.due_at));
    let taken = diesel::update(unchanged)
        .set((reset_mails::due_at.eq(now + lease), reset_mails::tries.eq(row.tries + 1)))
        .execute(connection)?;
    if taken == 0 {
        return Ok(None);
    }
    let Row { email, tries, address, user_agent, request_id, .. } = row;
    let email = columns::stored("reset_mails.email", &email)?;
    let request_info = RequestInfo { address, user_agent, request_id };
    Ok(Some(DueMail { email, request_info, tries: columns::unsigned("reset_mails.tries", tries)? }))
}

/// Tries the mail to this address again after a delay.
pub fn postpone(connection: &mut DbConnection, email: &Email, delay: TimeDelta) -> Result<()> {
    let row = reset_mails::table.find(email.as_str());
    diesel::update(row).set(reset_mails::due_at.eq(columns::now() + delay)).execute(connection)?;
    Ok(())
}

/// Takes the mail to this address off the queue.
pub fn remove(connection: &mut DbConnection, email: &Email) -> Result<()> {
    diesel::delete(reset_mails::table.find(email.as_str())).execute(connection)?;
    Ok(())
}

/// Deletes a portion of those that are too old.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let too_old: Vec<String> = reset_mails::table
        .filter(reset_mails::requested_at.lt(columns::now() - LIFETIME))
        .limit(SWEEP_PORTION)
        .select(reset_mails::email)
        .load(connection)?;
    Ok(diesel::delete(reset_mails::table.filter(reset_mails::email.eq_any(too_old))).execute(connection)?)
}
