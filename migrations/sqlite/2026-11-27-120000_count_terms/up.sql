-- One row: the newest term. A term is the time for which one node runs the feed; its number orders what the nodes publish, and
-- is counted here because Redis may come back with an older state.
CREATE TABLE feed_terms (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    term BIGINT NOT NULL
);
