//! New ids: TypeIDs over UUIDv7, so that rows made after each other stand beside each other in an index; and random tokens.

use data_encoding::BASE64URL_NOPAD;
use mti::prelude::*;
use watchtape_shared::{EventId, KeyId, SessionId, UserId, WatchlistId};

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
    /// For a new entry of the audit trail.
    event -> EventId
);

/// 256 random bits in URL-safe base64.
pub fn random_token() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}
