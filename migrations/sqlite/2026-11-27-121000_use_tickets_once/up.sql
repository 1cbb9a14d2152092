-- Tickets of the stream that a node has redeemed, until they have expired: each opens one connection, on whichever node.
CREATE TABLE used_tickets (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX used_tickets_expires_at_idx ON used_tickets (expires_at);
