//! Destinations of alerts, of one owner. Signing secrets are stored as they are: what is signed with them is made here.

use super::list_lock::Expected;
use super::schema::{deliveries, destinations};
use super::{DbConnection, Error, Result, columns, user};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use watchtape_shared::account::Email;
use watchtape_shared::destination::{
    DeliveryState, Destination, DestinationKind, DestinationPatch, DestinationState, MAX_DESTINATIONS, WebhookFormat,
};
use watchtape_shared::text::DestinationName;
use watchtape_shared::{DestinationId, UserId};

/// How long a replaced secret signs beside the new one.
pub const SECRET_OVERLAP: TimeDelta = TimeDelta::hours(24);
/// How long the link that confirms a mailbox is valid.
pub const CONFIRMATION_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How long every delivery fails before a destination is disabled.
const MAX_FAILING: TimeDelta = TimeDelta::days(3);

/// What a destination is reached by.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A URL.
    Webhook {
        /// Where to post.
        url: String,
        /// What the body looks like.
        format: WebhookFormat,
        /// What it is signed with, the newest first; at most two, none for formats without a signature.
        secrets: Vec<String>,
    },
    /// A mailbox.
    Email {
        /// Its address.
        address: Email,
    },
    /// A browser's push subscription.
    WebPush {
        /// Its URL at the push service.
        endpoint: String,
        /// The browser's public key, in base64url.
        p256dh: String,
        /// The shared secret, in base64url.
        auth: String,
    },
}

impl Target {
    /// The kind.
    pub fn kind(&self) -> DestinationKind {
        match self {
            Self::Webhook { .. } => DestinationKind::Webhook,
            Self::Email { .. } => DestinationKind::Email,
            Self::WebPush { .. } => DestinationKind::WebPush,
        }
    }
}

/// A destination as a delivery needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its id.
    pub id: DestinationId,
    /// Its account.
    pub owner: UserId,
    /// What it is reached by.
    pub target: Target,
    /// Where it stands.
    pub state: DestinationState,
    /// Whether the last delivery to it has failed.
    pub is_failing: bool,
}

/// A destination to be inserted.
pub struct NewRow {
    /// Its id.
    pub id: DestinationId,
    /// Its name.
    pub name: DestinationName,
    /// What it is reached by.
    pub target: Target,
    /// The SHA-256, in hexadecimal, of the token that confirms a mailbox.
    pub confirm_hash: Option<String>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = destinations, treat_none_as_default_value = false)]
struct Row {
    id: String,
    user_id: String,
    kind: String,
    name: String,
    url: Option<String>,
    format: Option<String>,
    address: Option<String>,
    secret: Option<String>,
    previous_secret: Option<String>,
    previous_secret_until: Option<NaiveDateTime>,
    push_p256dh: Option<String>,
    push_auth: Option<String>,
    state: String,
    reason: Option<String>,
    confirm_hash: Option<String>,
    confirm_until: Option<NaiveDateTime>,
    failing_since: Option<NaiveDateTime>,
    last_delivered_at: Option<NaiveDateTime>,
    version: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    fn new(owner: &UserId, new: NewRow) -> Self {
        let now = columns::now();
        let is_confirmed = new.confirm_hash.is_none();
        let state = if is_confirmed { DestinationState::Active } else { DestinationState::Unconfirmed };
        let mut row = Self {
            id: new.id.as_str().to_owned(),
            user_id: owner.as_str().to_owned(),
            kind: new.target.kind().as_str().to_owned(),
            name: new.name.as_str().to_owned(),
            url: None,
            format: None,
            address: None,
            secret: None,
            previous_secret: None,
            previous_secret_until: None,
            push_p256dh: None,
            push_auth: None,
            state: state.as_str().to_owned(),
            reason: None,
            confirm_hash: new.confirm_hash,
            confirm_until: (!is_confirmed).then(|| now + CONFIRMATION_LIFETIME),
            failing_since: None,
            last_delivered_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        match new.target {
            Target::Webhook { url, format, secrets } => {
                (row.url, row.format) = (Some(url), Some(format.as_str().to_owned()));
                row.secret = secrets.into_iter().next();
            }
            Target::Email { address } => row.address = Some(address.as_str().to_owned()),
            Target::WebPush { endpoint, p256dh, auth } => {
                (row.url, row.push_p256dh, row.push_auth) = (Some(endpoint), Some(p256dh), Some(auth));
            }
        }
        row
    }

    fn kind(&self) -> Result<DestinationKind> {
        columns::one_of("destinations.kind", &self.kind, &DestinationKind::ALL, DestinationKind::as_str)
    }

    fn state(&self) -> Result<DestinationState> {
        columns::one_of("destinations.state", &self.state, &DestinationState::ALL, DestinationState::as_str)
    }

    fn format(&self) -> Result<Option<WebhookFormat>> {
        let parse = |text| columns::one_of("destinations.format", text, &WebhookFormat::ALL, WebhookFormat::as_str);
        self.format.as_deref().map(parse).transpose()
    }

    fn into_destination(self) -> Result<Destination> {
        Ok(Destination {
            id: columns::parse("destinations.id", &self.id)?,
            r#type: self.kind()?,
            name: columns::stored("destinations.name", &self.name)?,
            format: self.format()?,
            address: columns::stored_optional("destinations.address", self.address.as_deref())?,
            state: self.state()?,
            url: self.url,
            reason: self.reason,
            failing_since: self.failing_since.map(columns::utc),
            last_delivered_at: self.last_delivered_at.map(columns::utc),
            version: columns::unsigned("destinations.version", self.version)?,
            created_at: columns::utc(self.created_at),
            updated_at: columns::utc(self.updated_at),
        })
    }

    fn into_recipient(self) -> Result<Recipient> {
        let (kind, state, format, now) = (self.kind()?, self.state()?, self.format()?, columns::now());
        let id: DestinationId = columns::parse("destinations.id", &self.id)?;
        let missing = |column: &str| Error::Corrupt(format!("{id} has no {column}"));
        let target = match kind {
            DestinationKind::Webhook => Target::Webhook {
                url: self.url.ok_or_else(|| missing("url"))?,
                format: format.ok_or_else(|| missing("format"))?,
                secrets: {
                    let previous =
                        self.previous_secret.filter(|_| self.previous_secret_until.is_some_and(|at| at > now));
                    self.secret.into_iter().chain(previous).collect()
                },
            },
            DestinationKind::Email => {
                let address = self.address.ok_or_else(|| missing("address"))?;
                Target::Email { address: columns::stored("destinations.address", &address)? }
            }
            DestinationKind::WebPush => Target::WebPush {
                endpoint: self.url.ok_or_else(|| missing("url"))?,
                p256dh: self.push_p256dh.ok_or_else(|| missing("push_p256dh"))?,
                auth: self.push_auth.ok_or_else(|| missing("push_auth"))?,
            },
        };
        let owner = columns::parse("destinations.user_id", &self.user_id)?;
        Ok(Recipient { id, owner, target, state, is_failing: self.failing_since.is_some() })
    }
}

/// This owner's destinations, newest first.
pub fn list(connection: &mut DbConnection, owner: &UserId) -> Result<Vec<Destination>> {
    let rows: Vec<Row> = destinations::table
        .filter(destinations::user_id.eq(owner.as_str()))
        .order(destinations::id.desc())
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::into_destination).collect()
}

fn row(connection: &mut DbConnection, owner: &UserId, id: &DestinationId) -> Result<Row> {
    let found = destinations::table
        .filter(destinations::user_id.eq(owner.as_str()))
        .filter(destinations::id.eq(id.as_str()))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    found.ok_or(Error::NotFound("destination"))
}

/// One destination of this owner. [`Error::NotFound`] where the owner has no such.
pub fn find(connection: &mut DbConnection, owner: &UserId, id: &DestinationId) -> Result<Destination> {
    row(connection, owner, id)?.into_destination()
}

/// The same as a delivery needs it.
pub fn recipient(connection: &mut DbConnection, owner: &UserId, id: &DestinationId) -> Result<Recipient> {
    row(connection, owner, id)?.into_recipient()
}

/// Those of these ids that are there still, of any owner, as far as they can be read: for the outbox, whose rows name them.
pub(super) fn recipients(connection: &mut DbConnection, ids: &[String]) -> Result<Vec<Recipient>> {
    let rows: Vec<Row> =
        destinations::table.filter(destinations::id.eq_any(ids)).select(Row::as_select()).load(connection)?;
    let read = |row: Row| {
        let read = row.into_recipient();
        read.inspect_err(|error| tracing::error!(%error, "a destination of alerts cannot be read")).ok()
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// The secret that the destination was made with; `None` where it was replaced since, or there is none.
pub fn first_secret(connection: &mut DbConnection, owner: &UserId, id: &DestinationId) -> Result<Option<String>> {
    let row = row(connection, owner, id)?;
    Ok(row.secret.filter(|_| row.previous_secret.is_none()))
}

/// Inserts a destination. [`Error::TooManyDestinations`] where the owner has [`MAX_DESTINATIONS`].
pub fn create(connection: &mut DbConnection, owner: &UserId, new: NewRow) -> Result<Destination> {
    user::lock(connection, owner)?;
    let mine = destinations::table.filter(destinations::user_id.eq(owner.as_str()));
    if mine.count().get_result::<i64>(connection)? >= MAX_DESTINATIONS as i64 {
        return Err(Error::TooManyDestinations(MAX_DESTINATIONS));
    }
    let id = new.id.clone();
    diesel::insert_into(destinations::table).values(Row::new(owner, new)).execute(connection)?;
    find(connection, owner, &id)
}

/// Locks this owner's destination until the end of the transaction, and returns it. [`Error::NotFound`] where this owner has no
/// such, [`Error::VersionMismatch`] where it is at another version.
fn lock(connection: &mut DbConnection, owner: &UserId, id: &DestinationId, expected: &Expected) -> Result<Destination> {
    let mine =
        destinations::table.filter(destinations::user_id.eq(owner.as_str())).filter(destinations::id.eq(id.as_str()));
    // Sets the version to itself, for the row lock only.
    diesel::update(mine).set(destinations::version.eq(destinations::version)).execute(connection)?;
    let found = find(connection, owner, id)?;
    match expected {
        Expected::OneOf(versions) if !versions.contains(&found.version) => {
            Err(Error::VersionMismatch { current: found.version })
        }
        _ => Ok(found),
    }
}

fn count_change(connection: &mut DbConnection, id: &DestinationId) -> Result<()> {
    diesel::update(destinations::table.find(id.as_str()))
        .set((destinations::version.eq(destinations::version + 1), destinations::updated_at.eq(columns::now())))
        .execute(connection)?;
    Ok(())
}

/// Changes a destination of this owner. What changes nothing is no new version. Errors as [`lock`].
pub fn update(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &DestinationId,
    patch: &DestinationPatch,
    expected: &Expected,
) -> Result<Destination> {
    let before = lock(connection, owner, id, expected)?;
    let this = destinations::table.find(id.as_str());
    let mut is_changed = false;
    if let Some(name) = patch.name.as_ref().filter(|name| **name != before.name) {
        diesel::update(this).set(destinations::name.eq(name.as_str())).execute(connection)?;
        is_changed = true;
    }
    match (patch.paused, before.state) {
        (Some(true), DestinationState::Active) => {
            set_state(connection, id, DestinationState::Paused, None)?;
            give_up(connection, id, "The destination was paused.")?;
            is_changed = true;
        }
        (Some(false), DestinationState::Paused | DestinationState::Disabled) => {
            set_state(connection, id, DestinationState::Active, None)?;
            // It is given three days again.
            diesel::update(this).set(destinations::failing_since.eq(None::<NaiveDateTime>)).execute(connection)?;
            is_changed = true;
        }
        // An address that is not confirmed is not used in any case, and nothing but its link confirms it.
        _ => {}
    }
    if is_changed {
        count_change(connection, id)?;
    }
    find(connection, owner, id)
}

/// Deletes a destination of this owner, with its deliveries. Errors as [`lock`].
pub fn delete(connection: &mut DbConnection, owner: &UserId, id: &DestinationId, expected: &Expected) -> Result<()> {
    lock(connection, owner, id, expected)?;
    diesel::delete(destinations::table.find(id.as_str())).execute(connection)?;
    Ok(())
}

/// Replaces the secret of a webhook that has one; the last one signs beside it for [`SECRET_OVERLAP`]. `None` where webhooks of
/// the destination are not signed. Errors as [`lock`].
pub fn rotate_secret(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &DestinationId,
    secret: &str,
) -> Result<Option<Destination>> {
    lock(connection, owner, id, &Expected::Any)?;
    let Some(last) = row(connection, owner, id)?.secret else { return Ok(None) };
    diesel::update(destinations::table.find(id.as_str()))
        .set((
            destinations::secret.eq(Some(secret)),
            destinations::previous_secret.eq(Some(last)),
            destinations::previous_secret_until.eq(Some(columns::now() + SECRET_OVERLAP)),
        ))
        .execute(connection)?;
    count_change(connection, id)?;
    find(connection, owner, id).map(Some)
}

/// Confirms the mailbox of the link with this token hash. False for a link that is unknown or expired; true also where it was
/// confirmed before.
pub fn confirm(connection: &mut DbConnection, token_hash: &str) -> Result<bool> {
    let found: Option<Row> = destinations::table
        .filter(destinations::confirm_hash.eq(Some(token_hash)))
        .filter(destinations::confirm_until.gt(Some(columns::now())))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    let Some(row) = found else { return Ok(false) };
    let id: DestinationId = columns::parse("destinations.id", &row.id)?;
    let unconfirmed =
        destinations::table.find(id.as_str()).filter(destinations::state.eq(DestinationState::Unconfirmed.as_str()));
    let active = DestinationState::Active.as_str();
    if diesel::update(unconfirmed).set(destinations::state.eq(active)).execute(connection)? > 0 {
        count_change(connection, &id)?;
    }
    Ok(true)
}

/// Pauses this destination, whoever its owner is: for the holder of its mails' key. Nothing where there is no such, or it is not
/// active.
pub fn pause(connection: &mut DbConnection, id: &DestinationId) -> Result<()> {
    let active =
        destinations::table.find(id.as_str()).filter(destinations::state.eq(DestinationState::Active.as_str()));
    let paused = DestinationState::Paused.as_str();
    if diesel::update(active).set(destinations::state.eq(paused)).execute(connection)? > 0 {
        count_change(connection, id)?;
        give_up(connection, id, "The destination was paused.")?;
    }
    Ok(())
}

/// Whether what is queued for the destination is sent: it is active, or waits for its confirmation.
pub(super) fn takes_deliveries(connection: &mut DbConnection, id: &DestinationId) -> Result<bool> {
    let state: Option<String> =
        destinations::table.find(id.as_str()).select(destinations::state).first(connection).optional()?;
    let takes = [DestinationState::Active, DestinationState::Unconfirmed].map(DestinationState::as_str);
    Ok(state.is_some_and(|state| takes.contains(&state.as_str())))
}

/// Notes that something has arrived.
pub(super) fn note_success(connection: &mut DbConnection, id: &DestinationId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(destinations::table.find(id.as_str()))
        .set((
            destinations::failing_since.eq(None::<NaiveDateTime>),
            destinations::last_delivered_at.eq(Some(at.naive_utc())),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes that a delivery has failed. Disables the destination where it is gone, or every delivery has failed for three days.
/// Returns whether it did.
pub(super) fn note_failure(
    connection: &mut DbConnection,
    id: &DestinationId,
    at: DateTime<Utc>,
    error: &str,
    is_gone: bool,
) -> Result<bool> {
    let this = destinations::table.find(id.as_str());
    diesel::update(this.filter(destinations::failing_since.is_null()))
        .set(destinations::failing_since.eq(Some(at.naive_utc())))
        .execute(connection)?;
    let since: Option<Option<NaiveDateTime>> = this
        .filter(destinations::state.eq(DestinationState::Active.as_str()))
        .select(destinations::failing_since)
        .first(connection)
        .optional()?;
    let is_too_long = since.flatten().is_some_and(|since| at.naive_utc() - since >= MAX_FAILING);
    if since.is_none() || !(is_gone || is_too_long) {
        return Ok(false);
    }
    let reason = if is_gone {
        format!("The receiver is gone: {error}")
    } else {
        format!("Every delivery has failed for three days. The last: {error}")
    };
    set_state(connection, id, DestinationState::Disabled, Some(&reason))?;
    count_change(connection, id)?;
    give_up(connection, id, "The destination was disabled.")?;
    Ok(true)
}

fn set_state(
    connection: &mut DbConnection,
    id: &DestinationId,
    state: DestinationState,
    reason: Option<&str>,
) -> Result<()> {
    diesel::update(destinations::table.find(id.as_str()))
        .set((destinations::state.eq(state.as_str()), destinations::reason.eq(reason)))
        .execute(connection)?;
    Ok(())
}

/// Gives up what waits for the destination: it would come as news long after.
fn give_up(connection: &mut DbConnection, id: &DestinationId, error: &str) -> Result<()> {
    let waiting = deliveries::table
        .filter(deliveries::destination_id.eq(id.as_str()))
        .filter(deliveries::state.eq(DeliveryState::Pending.as_str()));
    diesel::update(waiting)
        .set((
            deliveries::state.eq(DeliveryState::Failed.as_str()),
            deliveries::due_at.eq(None::<NaiveDateTime>),
            deliveries::error.eq(Some(error)),
        ))
        .execute(connection)?;
    Ok(())
}
