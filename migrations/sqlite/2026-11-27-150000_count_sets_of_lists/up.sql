-- The sum of the versions that the account's deleted lists ended with. With those of the lists that there are it is the version of
-- the set: it rises with every change of a list, and with a deletion too.
ALTER TABLE users ADD COLUMN deleted_list_versions BIGINT NOT NULL DEFAULT 0;
