-- Where a database stands: its current session, and the current branch of each session.

-- name: current_session
-- A session that was cleared is not there until it is written to again, and is the current one then.
SELECT session_id FROM convo_head WHERE session_id IN (SELECT session_id FROM {sessions});

-- name: set_current_session
INSERT INTO convo_head (id, session_id) VALUES (1, :session_id)
ON CONFLICT (id) DO UPDATE SET session_id = :session_id;

-- name: unset_current_session
DELETE FROM convo_head WHERE session_id = :session_id;

-- name: newest_session
SELECT session_id FROM {sessions} WHERE typeof(session_id) = 'text'
ORDER BY updated_at DESC, rowid DESC LIMIT 1;

-- name: session_head
SELECT branch_id, previous_branch_id FROM convo_sessions WHERE session_id = :session_id;

-- name: set_session_head
INSERT INTO convo_sessions (session_id, branch_id, previous_branch_id)
VALUES (:session_id, :branch_id, :previous_branch_id)
ON CONFLICT (session_id) DO UPDATE SET
    branch_id = :branch_id, previous_branch_id = :previous_branch_id;

-- name: forget_branch_in_head
-- Whoever was on the branch is on `main` then, which cannot be the one before that too.
UPDATE convo_sessions SET
    branch_id = CASE branch_id WHEN :branch_id THEN 'main' ELSE branch_id END,
    previous_branch_id = nullif(
        nullif(previous_branch_id, :branch_id),
        CASE branch_id WHEN :branch_id THEN 'main' ELSE '' END
    )
WHERE session_id = :session_id;

-- name: reset_session_head
UPDATE convo_sessions SET branch_id = 'main', previous_branch_id = NULL
WHERE session_id = :session_id;
