-- Invitations to open an account, until they are used or have expired. Without an address anybody may use one.
CREATE TABLE invitations (
    token_hash TEXT NOT NULL PRIMARY KEY,
    email TEXT,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX invitations_expires_at_idx ON invitations (expires_at);
