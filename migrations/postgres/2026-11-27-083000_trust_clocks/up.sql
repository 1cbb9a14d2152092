-- One row: when a server last looked at its clock, and since when the clocks have run evenly. What has expired is deleted
-- once that has been a day.
CREATE TABLE clock_trust (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seen_at TIMESTAMP NOT NULL,
    even_since TIMESTAMP NOT NULL
);
