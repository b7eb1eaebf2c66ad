-- Maintenance of the file itself.

-- name: page_bytes
-- The size of the file once the log is merged.
SELECT page_count * page_size FROM pragma_page_count, pragma_page_size;

-- name: vacuum
VACUUM;

-- name: empty_log
PRAGMA wal_checkpoint(TRUNCATE);

-- name: quick_check
PRAGMA quick_check;

-- name: integrity_check
PRAGMA integrity_check;

-- name: count_all
SELECT (SELECT count(*) FROM {sessions}), (SELECT count(*) FROM {messages});
