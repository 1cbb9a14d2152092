-- One row, which readiness writes now and then to see whether the database takes writes.
CREATE TABLE write_checks (
    id INTEGER PRIMARY KEY NOT NULL,
    checked_at TIMESTAMP NOT NULL
);
INSERT INTO write_checks (id, checked_at) VALUES (1, '2000-01-01 00:00:00');
