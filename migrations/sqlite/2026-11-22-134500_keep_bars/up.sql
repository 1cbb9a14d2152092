CREATE TABLE bars (
    -- 'real', 'simulated' or 'replay': made prices and real ones are never one series.
    origin TEXT NOT NULL,
    symbol TEXT NOT NULL,
    -- '1m' or '1d'.
    interval_code TEXT NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    -- Millionths of the currency's unit.
    open BIGINT NOT NULL,
    high BIGINT NOT NULL,
    low BIGINT NOT NULL,
    close BIGINT NOT NULL,
    volume BIGINT,
    CONSTRAINT bars_pkey PRIMARY KEY (symbol, origin, interval_code, starts_at)
) WITHOUT ROWID;
-- Old bars of a minute are found by their age alone.
CREATE INDEX bars_interval_code_starts_at_idx ON bars (interval_code, starts_at);
