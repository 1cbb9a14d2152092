-- The class of a security; whether a later catalogue no longer has it, as it may be on lists; and which import wrote it last.
ALTER TABLE securities ADD COLUMN class TEXT NOT NULL DEFAULT 'equity';
ALTER TABLE securities ADD COLUMN is_delisted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE securities ADD COLUMN last_import BIGINT NOT NULL DEFAULT 0;

-- The number of the newest import that is complete: nodes read the catalogue again when it rises.
CREATE TABLE catalog_imports (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    begun BIGINT NOT NULL,
    complete BIGINT NOT NULL
);
INSERT INTO catalog_imports (id, begun, complete) VALUES (1, 0, 0);
