-- Requests for a link to set a new password, until the mail is sent or given up. The address may have no account.
CREATE TABLE reset_mails (
    email TEXT NOT NULL PRIMARY KEY,
    requested_at TIMESTAMP NOT NULL,
    -- When it is tried next. A node that tries sets it ahead, so that no other does at the same time.
    due_at TIMESTAMP NOT NULL,
    tries INTEGER NOT NULL,
    address TEXT,
    user_agent TEXT,
    request_id TEXT
);
CREATE INDEX reset_mails_due_at_idx ON reset_mails (due_at);
