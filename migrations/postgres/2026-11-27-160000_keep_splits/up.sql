-- Splits of securities, by the trading day from which prices are those of the new shares. Bars from before it are read by its
-- ratio; they stay in their table as they were recorded.
CREATE TABLE splits (
    symbol TEXT NOT NULL,
    day DATE NOT NULL,
    new_shares BIGINT NOT NULL,
    old_shares BIGINT NOT NULL,
    CONSTRAINT splits_pkey PRIMARY KEY (symbol, day)
);
