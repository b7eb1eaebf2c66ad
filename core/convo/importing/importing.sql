-- Imported conversations: which have been taken, and the turn that each of theirs became.

-- name: imported_session
-- With the session that it became, unless that is deleted and may be restored.
SELECT
    id,
    CASE WHEN NOT EXISTS (
        SELECT 1 FROM convo_removed_sessions AS r
        WHERE r.kept_as = convo_imported_sessions.session_id
    ) THEN session_id END,
    digest
FROM convo_imported_sessions
WHERE source = :source AND source_id = :source_id;

-- name: session_origin
-- With the session that started it.
SELECT i.source_id, parent.session_id
FROM convo_imported_sessions AS i
LEFT JOIN convo_imported_sessions AS parent
    ON parent.source = i.source AND parent.source_id = i.parent_id
WHERE i.session_id = :session_id;

-- name: sessions_started_by
SELECT child.session_id
FROM convo_imported_sessions AS i
JOIN convo_imported_sessions AS child
    ON child.source = i.source AND child.parent_id = i.source_id
WHERE i.session_id = :session_id AND child.session_id IS NOT NULL
ORDER BY child.id;

-- name: note_imported_session
INSERT INTO convo_imported_sessions (source, source_id, parent_id, session_id, digest)
VALUES (:source, :source_id, :parent_id, :session_id, :digest)
RETURNING id;

-- name: note_imported_digest
UPDATE convo_imported_sessions SET digest = :digest WHERE id = :id;

-- name: imported_turns
-- Each with its present place; that is NULL if the turn has been removed.
SELECT t.turn_id, t.anchor, t.items, t.digest, s.branch_id, s.user_turn_number
FROM convo_imported_turns AS t
LEFT JOIN message_structure AS s ON s.id = t.anchor AND {unindexed: s.session_id} = :session_id
WHERE t.import_id = :import_id;

-- name: note_imported_turn
INSERT INTO convo_imported_turns (import_id, turn_id, anchor, items, digest)
VALUES (:import_id, :turn_id, :anchor, :items, :digest)
RETURNING id;

-- name: forget_imported_turn
DELETE FROM convo_imported_turns WHERE import_id = :import_id AND turn_id = :turn_id;

-- name: forget_place_of_import
-- Of a session that is deleted or cleared: what has been imported once is not imported again.
UPDATE convo_imported_sessions SET session_id = NULL WHERE session_id = :session_id;

-- name: rename_session_in_imported
UPDATE convo_imported_sessions SET session_id = :new WHERE session_id = :old;

-- name: begin_imported_session
INSERT INTO {sessions} (session_id, created_at, updated_at)
VALUES (:session_id, :created_at, :updated_at)
ON CONFLICT DO NOTHING;

-- name: note_source
INSERT INTO convo_sessions (session_id, source) VALUES (:session_id, :source)
ON CONFLICT (session_id) DO UPDATE SET source = excluded.source;

-- name: note_imported_growth
UPDATE {sessions} SET updated_at = :updated_at
WHERE session_id = :session_id AND updated_at < :updated_at;

-- name: date_branch
-- The rows that a new branch shares keep no time of their own: it is as old as its first own turn.
UPDATE message_structure SET created_at = :created_at
WHERE session_id = :session_id AND branch_id = :branch_id;

-- name: date_imported_runs
-- Those that have just been entered.
UPDATE convo_runs SET created_at = started_at
WHERE {unindexed: session_id} = :session_id AND id >= :first AND started_at IS NOT NULL;

-- name: rows_of_turn
SELECT {bytes: m.message_data}
FROM message_structure AS s
LEFT JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.user_turn_number = :turn
  AND s.sequence_number >= (
      SELECT q.sequence_number FROM message_structure AS q WHERE q.id = :anchor
  )
ORDER BY s.sequence_number;
