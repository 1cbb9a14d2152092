ALTER TABLE users DROP COLUMN deleted_list_versions;
