-- Turns that are being answered, or were and are in no history: what is needed to ask them again.

-- name: hold_turn
INSERT INTO convo_held_turns (
    session_id, branch_id, turn, from_turn, stem, retries, question, options, state,
    host, process, process_began, after_row
) VALUES (
    :session_id, :branch_id, :turn, :from_turn, :stem, :retries, :question, :options, 'running',
    :host, :process, :process_began,
    coalesce((
        SELECT id FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id
        ORDER BY sequence_number DESC
        LIMIT 1
    ), 0)
);

-- name: save_held_answer
UPDATE convo_held_turns SET answer = :answer, updated_at = CURRENT_TIMESTAMP WHERE id = :id;

-- name: end_held_turn
-- What stands on the branch by now was stored before this turn came to its end.
UPDATE convo_held_turns SET
    state = :state, message = :message, answer = :answer, updated_at = CURRENT_TIMESTAMP,
    after_row = coalesce((
        SELECT s.id FROM message_structure AS s
        WHERE s.session_id = convo_held_turns.session_id
          AND s.branch_id = convo_held_turns.branch_id
        ORDER BY s.sequence_number DESC
        LIMIT 1
    ), 0)
WHERE id = :id;

-- name: pass_held_turns
-- Another turn was stored: those that had come to their end before are over for good.
UPDATE convo_held_turns SET after_row = -1
WHERE session_id = :session_id AND branch_id = :branch_id AND state <> 'running';

-- name: forget_held_turn
-- The turn, and the earlier tries of it.
WITH first (id) AS (
    SELECT coalesce(retries, id) FROM convo_held_turns WHERE id = :id
)
DELETE FROM convo_held_turns WHERE id IN (
    SELECT id FROM first
    UNION ALL
    SELECT again.id FROM first CROSS JOIN convo_held_turns AS again ON again.retries = first.id
);

-- name: first_try
SELECT coalesce(retries, id) FROM convo_held_turns WHERE id = :id;

-- name: drop_oldest_held_turns
DELETE FROM convo_held_turns WHERE id IN (
    SELECT id FROM convo_held_turns
    WHERE session_id IS :session_id
    ORDER BY id DESC
    LIMIT -1 OFFSET :kept
);

-- name: held_turn
SELECT
    id, session_id, branch_id, turn, from_turn, stem, question, options, answer, state, message,
    host, process, process_began, created_at, updated_at,
    updated_at > datetime('now', '-1 hour')
FROM convo_held_turns
WHERE id = :id;

-- name: held_turns_of_branch
-- Those after which nothing was stored on their branch, the newest first.
SELECT id FROM convo_held_turns
WHERE session_id = :session_id AND branch_id = :branch_id AND after_row >= coalesce((
    SELECT id FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
    ORDER BY sequence_number DESC
    LIMIT 1
), 0)
ORDER BY id DESC;

-- name: held_first_turns
-- Those of sessions that are not there, after which nothing was stored anywhere, newest first.
SELECT h.id FROM convo_held_turns AS h
WHERE NOT EXISTS (SELECT 1 FROM {sessions} AS s WHERE s.session_id = h.session_id)
  AND h.updated_at >= coalesce((SELECT max(updated_at) FROM {sessions}), '')
ORDER BY h.id DESC;

-- name: delete_held_of_session
-- What is being answered at this moment stays: its end is yet to be told.
DELETE FROM convo_held_turns WHERE session_id = :session_id AND state <> 'running';

-- name: rename_in_held
UPDATE convo_held_turns SET session_id = :new WHERE session_id = :old;
