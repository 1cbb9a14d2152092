-- Calls to a source on a day (UTC), reserved before they are made: a budget by the day holds over restarts and kills.
CREATE TABLE upstream_days (
    source TEXT NOT NULL,
    day DATE NOT NULL,
    calls BIGINT NOT NULL,
    CONSTRAINT upstream_days_pkey PRIMARY KEY (source, day)
);
