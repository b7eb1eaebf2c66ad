-- Copies of a table that are changed for a single read of a file that cannot be written. Temporary
-- tables of the same names exist already. The table and its columns are filled in.

-- name: copy_rows_aside
-- The rows of one session, or of all.
INSERT INTO temp.{table} ({columns})
SELECT {columns} FROM main.{table}
WHERE session_id BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'');

-- name: copy_all_aside
INSERT INTO temp.{table} ({columns}) SELECT {columns} FROM main.{table};

-- name: temporary_table
SELECT 1 FROM temp.sqlite_master WHERE type = 'table' AND name = :table;
