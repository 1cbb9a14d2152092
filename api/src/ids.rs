//! New ids, TypeIDs over UUIDv7, whose order is that of their creation, so that new rows are adjacent in an index; and
//! random tokens.

use crate::random;
use data_encoding::BASE64URL_NOPAD;
use mti::prelude::*;
use watchtape_shared::{AlertEventId, AlertId, DestinationId, EventId, KeyId, SessionId, UserId, WatchlistId};

macro_rules! fresh {
    ($(#[$doc:meta])* $name:ident -> $id:ty) => {
        $(#[$doc])*
        pub fn $name() -> $id {
            let id = <$id>::PREFIX.create_type_id::<V7>().to_string();
            <$id>::parse(&id).expect("a TypeID of its own prefix")
        }
    };
}

fresh!(
    /// For a new account.
    user -> UserId
);
fresh!(
    /// For a new session.
    session -> SessionId
);
fresh!(
    /// For a new watchlist.
    watchlist -> WatchlistId
);
fresh!(
    /// For a new API key.
    key -> KeyId
);
fresh!(
    /// For a new entry of the audit log.
    event -> EventId
);
fresh!(
    /// For a new alert.
    alert -> AlertId
);
fresh!(
    /// For a new trigger of an alert.
    alert_event -> AlertEventId
);
fresh!(
    /// For a new destination of alerts.
    destination -> DestinationId
);

/// 256 random bits, in base64url.
pub fn random_token() -> String {
    BASE64URL_NOPAD.encode(&random::bytes::<32>())
}
