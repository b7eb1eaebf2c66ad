-- Deleted sessions, and restoring them.

-- name: enter_removed_session
-- :branches and :turns describe it. Its dates are those of the row that is deleted afterwards.
INSERT INTO convo_removed_sessions (
    act, session_id, kept_as, branches, turns, was_current, newest_message,
    session_created_at, session_updated_at
)
SELECT
    :act, session_id, :kept_as, :branches, :turns, CAST(:was_current AS INTEGER),
    :newest_message, created_at, updated_at
FROM {sessions} WHERE session_id = :session_id;

-- name: newest_message
SELECT coalesce(max(id), 0) FROM {messages};

-- name: removed_sessions
-- The last deleted one first.
SELECT
    id, act, session_id, kept_as, CAST(branches AS BIGINT), CAST(turns AS BIGINT), was_current,
    newest_message, removed_at
FROM convo_removed_sessions
WHERE CAST(:session_id AS TEXT) IS NULL OR session_id = :session_id
ORDER BY id DESC;

-- name: count_restorable
-- Of one session, or of all if :session_id is NULL: a deleted session is one.
SELECT (
    SELECT count(*) FROM convo_removed AS e
    WHERE {session_or_all: session_id} AND NOT EXISTS (
        SELECT 1 FROM convo_removed_sessions AS r WHERE r.kept_as = e.session_id
    )
) + (
    SELECT count(*) FROM convo_removed_sessions WHERE {session_or_all: session_id}
);

-- name: newest_act
-- Of one session, or of all if :session_id is NULL.
SELECT coalesce(max(act), 0) FROM convo_removed WHERE {session_or_all: session_id};

-- name: put_back_session
INSERT INTO {sessions} (session_id, created_at, updated_at)
SELECT session_id, session_created_at, session_updated_at
FROM convo_removed_sessions WHERE id = :id;

-- name: return_runs
-- From a session that had its name in between: all runs of the name were renamed with that.
UPDATE convo_runs SET session_id = :session_id
WHERE session_id = :renamed AND anchor IN (
    SELECT r.id FROM convo_removed AS e
    {in_order} JOIN convo_removed_rows AS r ON r.removed_id = e.id
    WHERE e.session_id = :session_id
);

-- name: no_session_is_current
SELECT NOT EXISTS (SELECT 1 FROM convo_head WHERE {head_key} = {me});

-- name: purge_removed_sessions
-- Of one name, or all if :session_id is NULL.
DELETE FROM convo_removed_sessions WHERE {session_or_all: session_id};

-- name: delete_removed_session
DELETE FROM convo_removed_sessions WHERE id = :id;
