DROP TABLE catalog_imports;
ALTER TABLE securities DROP COLUMN last_import;
ALTER TABLE securities DROP COLUMN is_delisted;
ALTER TABLE securities DROP COLUMN class;
