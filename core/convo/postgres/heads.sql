-- The current branch of a session, which is another one for each person. `convo_sessions` has the
-- branch of those who have not moved yet.

-- name: session_head
SELECT branch_id, previous_branch_id FROM convo_heads
WHERE person = :person AND session_id = :session_id
UNION ALL
SELECT branch_id, previous_branch_id FROM convo_sessions
WHERE session_id = :session_id AND NOT EXISTS (
    SELECT 1 FROM convo_heads WHERE person = :person AND session_id = :session_id
);

-- name: set_session_head
WITH known AS (
    INSERT INTO convo_sessions (session_id) VALUES (:session_id) ON CONFLICT DO NOTHING
)
INSERT INTO convo_heads (person, session_id, branch_id, previous_branch_id)
VALUES (:person, :session_id, :branch_id, :previous_branch_id)
ON CONFLICT (person, session_id) DO UPDATE SET
    branch_id = excluded.branch_id, previous_branch_id = excluded.previous_branch_id;

-- name: forget_branch_in_head
-- Whoever is on the branch moves to `main`, which then cannot be the previous branch as well.
WITH of_people AS (
    UPDATE convo_heads SET
        branch_id = CASE branch_id WHEN :branch_id THEN 'main' ELSE branch_id END,
        previous_branch_id = nullif(
            nullif(previous_branch_id, :branch_id),
            CASE branch_id WHEN :branch_id THEN 'main' ELSE '' END
        )
    WHERE session_id = :session_id
)
UPDATE convo_sessions SET
    branch_id = CASE branch_id WHEN :branch_id THEN 'main' ELSE branch_id END,
    previous_branch_id = nullif(
        nullif(previous_branch_id, :branch_id),
        CASE branch_id WHEN :branch_id THEN 'main' ELSE '' END
    )
WHERE session_id = :session_id;

-- name: reset_session_head
WITH of_people AS (DELETE FROM convo_heads WHERE session_id = :session_id)
UPDATE convo_sessions SET branch_id = 'main', previous_branch_id = NULL
WHERE session_id = :session_id;

-- name: rename_branch_in_heads
WITH of_people AS (
    UPDATE convo_heads SET
        branch_id = CASE branch_id WHEN :old THEN :new ELSE branch_id END,
        previous_branch_id = CASE previous_branch_id WHEN :old THEN :new ELSE previous_branch_id END
    WHERE session_id = :session_id
)
UPDATE convo_sessions SET
    branch_id = CASE branch_id WHEN :old THEN :new ELSE branch_id END,
    previous_branch_id = CASE previous_branch_id WHEN :old THEN :new ELSE previous_branch_id END
WHERE session_id = :session_id;

-- name: rename_session_in_heads
WITH of_people AS (
    UPDATE convo_heads SET session_id = :new WHERE session_id = :old
)
UPDATE convo_sessions SET session_id = :new WHERE session_id = :old;

-- name: clear_way_in_heads
WITH of_people AS (DELETE FROM convo_heads WHERE session_id = :new)
DELETE FROM convo_sessions WHERE session_id = :new;
