-- A guest's account has neither an address nor a password; every other one has both.
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE users ADD CONSTRAINT users_guest_check CHECK ((email IS NULL) = (password_hash IS NULL));
CREATE INDEX users_guest_idx ON users (id) WHERE email IS NULL;
