-- What guests have goes with them: without an address there is nobody to ask.
DELETE FROM users WHERE email IS NULL;
DROP INDEX users_guest_idx;
ALTER TABLE users DROP CONSTRAINT users_guest_check;
ALTER TABLE users ALTER COLUMN password_hash SET NOT NULL;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
