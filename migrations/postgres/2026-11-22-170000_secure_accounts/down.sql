DROP TABLE audit_events;
DROP TABLE idempotency_keys;
DROP TABLE password_resets;
DROP TABLE api_keys;
ALTER TABLE sessions DROP COLUMN address;
ALTER TABLE sessions DROP COLUMN user_agent;
DROP INDEX users_access_changed_at_idx;
ALTER TABLE users DROP COLUMN access_changed_at;
