CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email)
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256, in hexadecimal, of the part that all refresh tokens of the session share, of the last token, and of
    -- the one before it.
    family_hash TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    previous_hash TEXT,
    rotated_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sessions_family_hash_key ON sessions (family_hash);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE securities (
    symbol TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    mic TEXT,
    currency TEXT NOT NULL,
    country TEXT,
    isin TEXT,
    sector TEXT,
    -- Names separated by '|'.
    indices TEXT NOT NULL,
    rank INTEGER NOT NULL
);

CREATE TABLE watchlists (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT watchlists_user_id_name_key UNIQUE (user_id, name)
);

CREATE TABLE watchlist_items (
    watchlist_id TEXT NOT NULL REFERENCES watchlists (id) ON DELETE CASCADE,
    symbol TEXT NOT NULL REFERENCES securities (symbol),
    position INTEGER NOT NULL,
    note TEXT,
    flag TEXT,
    section TEXT,
    added_at TIMESTAMP NOT NULL,
    CONSTRAINT watchlist_items_pkey PRIMARY KEY (watchlist_id, symbol)
);
CREATE INDEX watchlist_items_symbol_idx ON watchlist_items (symbol);
