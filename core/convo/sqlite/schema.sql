-- What SQLite knows of the objects of a file, and how to complete them.

-- name: left_behind
-- Indexes of older releases that better ones have replaced. The SDK creates three of the same
-- names, but never without a fourth.
SELECT type, name FROM main.sqlite_master
WHERE type = 'view' AND name IN ('convo_foreign_usage', 'convo_empty_branches')
   OR type = 'index' AND (
    name = 'convo_user_messages'
    OR name IN ('idx_structure_session_seq', 'idx_structure_branch_seq', 'idx_structure_turn')
    AND NOT EXISTS (SELECT 1 FROM main.sqlite_master WHERE name = 'idx_structure_branch')
);

-- name: objects_present
SELECT type, name, sql FROM main.sqlite_master WHERE type IN ('table', 'index', 'view');

-- name: schema_version
SELECT CASE WHEN typeof(version) = 'integer' THEN version ELSE 0 END FROM main.convo_schema
WHERE id = 1;

-- name: note_schema_version
INSERT INTO convo_schema (id, version, release) VALUES (1, :version, :release)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, release = excluded.release;

-- name: schema_release
SELECT release FROM main.convo_schema WHERE id = 1;

-- name: schema_cookie
-- A number that changes with every change to the schema, by any program.
PRAGMA main.schema_version;

-- name: data_version
-- A number that changes when another connection has written to the file.
PRAGMA main.data_version;

-- name: columns_of
-- The columns in the file, not of a temporary table of the same name, and whether each is computed.
SELECT name, hidden IN (2, 3) FROM pragma_table_xinfo(:table, 'main');

-- name: columns_defined
SELECT name, type, "notnull", dflt_value FROM pragma_table_info(:table);

-- name: foreign_keys_of
-- Compared as SQLite compares identifiers: ignoring the case of ASCII letters.
SELECT "from" COLLATE NOCASE, "table", "to"
FROM pragma_foreign_key_list(:table)
WHERE "from" COLLATE NOCASE = :column;

-- name: same_identifier
SELECT :left = :right COLLATE NOCASE;
