-- Price alerts. What is watched for is the JSON of the API.
CREATE TABLE alerts (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    symbol TEXT NOT NULL,
    condition TEXT NOT NULL,
    frequency TEXT NOT NULL,
    cooldown_s INTEGER,
    -- In ten-thousandths of a percent.
    rearm INTEGER NOT NULL,
    session TEXT NOT NULL,
    expires_at TIMESTAMP,
    note TEXT,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- Counts triggers and what starts the alert anew. A trigger is of one number, so that it happens once.
    arming BIGINT NOT NULL,
    -- 0: no price has been seen since it was armed; 1: armed; 2: it has triggered, and waits for the price to go back.
    phase INTEGER NOT NULL,
    -- Prices that were seen before do not count.
    armed_at TIMESTAMP NOT NULL,
    last_triggered_at TIMESTAMP,
    -- The trading day of the last trigger.
    last_trigger_day DATE,
    -- When the price of the last trigger was made.
    last_trigger_as_of TIMESTAMP,
    trigger_count INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX alerts_user_id_idx ON alerts (user_id, id);
CREATE INDEX alerts_state_symbol_idx ON alerts (state, symbol);
CREATE INDEX alerts_expires_at_idx ON alerts (expires_at);

-- The alerts that were made, changed or deleted lately, for the node that evaluates them.
CREATE TABLE alert_changes (
    alert_id TEXT NOT NULL PRIMARY KEY,
    symbol TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX alert_changes_changed_at_idx ON alert_changes (changed_at);

-- The last price of each symbol that alerts were compared with, of regular hours and of all.
CREATE TABLE alert_values (
    symbol TEXT NOT NULL,
    session TEXT NOT NULL,
    price BIGINT NOT NULL,
    previous_close BIGINT,
    as_of TIMESTAMP NOT NULL,
    day DATE NOT NULL,
    mode TEXT NOT NULL,
    -- When it was compared.
    seen_at TIMESTAMP NOT NULL,
    CONSTRAINT alert_values_pkey PRIMARY KEY (symbol, session)
);

-- Until when prices were compared with alerts, by whichever node. One row, of id 1.
CREATE TABLE alert_evaluation (
    id INTEGER NOT NULL PRIMARY KEY,
    evaluated_until TIMESTAMP NOT NULL
);

-- Triggers. They outlive their alert.
CREATE TABLE alert_events (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    alert_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    condition TEXT NOT NULL,
    note TEXT,
    price BIGINT,
    previous_price BIGINT,
    as_of TIMESTAMP NOT NULL,
    source TEXT NOT NULL,
    mode TEXT NOT NULL,
    triggered_at TIMESTAMP NOT NULL,
    late_s INTEGER
);
CREATE INDEX alert_events_user_id_idx ON alert_events (user_id, id);
CREATE INDEX alert_events_triggered_at_idx ON alert_events (triggered_at);

-- Where triggers are sent.
CREATE TABLE destinations (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT,
    format TEXT,
    address TEXT,
    -- What webhooks are signed with, and what they were signed with before, which is used beside it for a while.
    secret TEXT,
    previous_secret TEXT,
    previous_secret_until TIMESTAMP,
    -- The keys of a push subscription.
    push_p256dh TEXT,
    push_auth TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    -- SHA-256, in hexadecimal, of the token of the link that confirms a mailbox.
    confirm_hash TEXT,
    confirm_until TIMESTAMP,
    failing_since TIMESTAMP,
    last_delivered_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX destinations_user_id_idx ON destinations (user_id);
CREATE INDEX destinations_confirm_hash_idx ON destinations (confirm_hash);

CREATE TABLE alert_destinations (
    alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    destination_id TEXT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    CONSTRAINT alert_destinations_pkey PRIMARY KEY (alert_id, destination_id)
);
CREATE INDEX alert_destinations_destination_id_idx ON alert_destinations (destination_id);

-- The outbox: what is to be sent, and what was.
CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    destination_id TEXT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    event_id TEXT,
    -- The trigger as JSON.
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    -- When it is tried next. A node that tries sets it ahead, so that no other does at the same time.
    due_at TIMESTAMP,
    status INTEGER,
    error TEXT,
    answer TEXT,
    created_at TIMESTAMP NOT NULL,
    tried_at TIMESTAMP,
    took_ms INTEGER
);
CREATE INDEX deliveries_state_due_at_idx ON deliveries (state, due_at);
CREATE INDEX deliveries_destination_id_idx ON deliveries (destination_id, created_at);
CREATE INDEX deliveries_user_id_idx ON deliveries (user_id);
