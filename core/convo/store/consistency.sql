-- Queries that find inconsistencies. Each returns (session, branch or NULL, detail).

-- name: find_structure_without_message
SELECT s.session_id, s.branch_id, 'row ' || s.id || ' shows message ' || s.message_id
FROM message_structure AS s
WHERE NOT EXISTS (
    SELECT 1 FROM {messages} AS m WHERE m.id = s.message_id AND m.session_id {is_of: s.session_id}
);

-- name: find_plain_messages
SELECT m.session_id, NULL, count(*) || ' messages from ' || min(m.id)
FROM {messages} AS m
WHERE NOT EXISTS (SELECT 1 FROM message_structure AS s WHERE s.message_id = m.id)
GROUP BY m.session_id;

-- name: find_messages_without_session
SELECT m.session_id, NULL, count(*) || ' messages'
FROM {messages} AS m
WHERE NOT EXISTS (SELECT 1 FROM {sessions} AS s WHERE s.session_id = m.session_id)
GROUP BY m.session_id;

-- name: find_repeated_sequence_numbers
SELECT session_id, NULL, 'sequence number ' || sequence_number || ' stands ' || count(*) || ' times'
FROM message_structure
GROUP BY session_id, sequence_number
HAVING count(*) > 1;

-- name: find_turns_out_of_order
-- The user messages of a branch begin turns 1, 2, 3 …; other rows belong to a turn begun before.
WITH placed AS (
    SELECT session_id, branch_id, user_turn_number, branch_turn_number, message_type,
           count(*) FILTER (WHERE message_type = 'user') OVER (
               PARTITION BY session_id, branch_id ORDER BY sequence_number, id
               ROWS UNBOUNDED PRECEDING
           ) AS begun
    FROM message_structure
)
SELECT session_id, branch_id, 'turn ' || coalesce(CAST(user_turn_number AS TEXT), 'NULL') || ' as ' || begun || '.'
FROM placed
WHERE user_turn_number IS NULL
   OR branch_turn_number IS DISTINCT FROM user_turn_number
   OR user_turn_number NOT BETWEEN 0 AND begun
   OR message_type = 'user' AND user_turn_number <> begun;

-- name: find_usage_without_turn
SELECT u.session_id, u.branch_id, 'turn ' || u.user_turn_number
FROM turn_usage AS u
WHERE (u.session_id, u.branch_id, u.user_turn_number) NOT IN (
    SELECT session_id, branch_id, user_turn_number FROM message_structure
    WHERE user_turn_number IS NOT NULL
);

-- name: find_current_session_missing
-- A session that was cleared is not missing, only empty.
SELECT h.session_id, NULL, 'is the current session'
FROM convo_head AS h
WHERE NOT EXISTS (SELECT 1 FROM {sessions} AS s WHERE s.session_id = h.session_id)
  AND NOT EXISTS (
      SELECT 1 FROM session_clear_generations AS g WHERE g.session_id = h.session_id
  );

-- name: find_current_branch_missing
SELECT c.session_id, c.branch_id, 'is the current branch'
FROM convo_sessions AS c
WHERE c.branch_id <> 'main'
  AND NOT EXISTS (SELECT 1 FROM convo_removed_sessions AS r WHERE r.kept_as = c.session_id)
  AND NOT EXISTS (
      SELECT 1 FROM message_structure AS s
      WHERE s.session_id = c.session_id AND s.branch_id = c.branch_id
  )
  AND NOT EXISTS (
      SELECT 1 FROM ({empty_branches}) AS b
      WHERE b.session_id = c.session_id AND b.branch_id = c.branch_id
  );

-- name: find_unreserved_names
SELECT DISTINCT s.session_id, s.branch_id, 'its name may be given out again'
FROM message_structure AS s
WHERE s.branch_id <> 'main'
  AND NOT EXISTS (
      SELECT 1 FROM branch_reservations AS r
      WHERE r.session_id = s.session_id AND r.branch_id = s.branch_id
  );

-- name: find_removed_rows_still_there
SELECT s.session_id, s.branch_id, 'row ' || r.id || ' was taken, and is there'
FROM convo_removed_rows AS r
JOIN message_structure AS s ON s.id = r.id;

-- name: find_removed_rows_of_nothing
SELECT NULL, NULL, count(*) || ' rows of ' || removed_id
FROM convo_removed_rows
WHERE removed_id NOT IN (SELECT id FROM convo_removed)
GROUP BY removed_id;

-- name: find_eval_results_of_nothing
SELECT NULL, NULL, count(*) || ' results of ' || eval_id
FROM convo_eval_results
WHERE eval_id NOT IN (SELECT id FROM convo_evals)
GROUP BY eval_id;

-- name: find_branches_not_kept
-- Only on a server can it be that others delete what branches show.
SELECT NULL, NULL, '' WHERE FALSE;

-- name: mend_structure_without_message
DELETE FROM message_structure WHERE NOT EXISTS (
    SELECT 1 FROM {messages} AS m
    WHERE m.id = message_structure.message_id AND m.session_id {is_of: message_structure.session_id}
);

-- name: mend_messages_without_session
INSERT INTO {sessions} (session_id) SELECT DISTINCT session_id FROM {messages}
WHERE TRUE
ON CONFLICT DO NOTHING;

-- name: mend_usage_without_turn
DELETE FROM turn_usage WHERE (session_id, branch_id, user_turn_number) NOT IN (
    SELECT session_id, branch_id, user_turn_number FROM message_structure
    WHERE user_turn_number IS NOT NULL
);

-- name: mend_current_session_missing
DELETE FROM convo_head WHERE NOT EXISTS (
    SELECT 1 FROM {sessions} AS s WHERE s.session_id = convo_head.session_id
) AND NOT EXISTS (
    SELECT 1 FROM session_clear_generations AS g WHERE g.session_id = convo_head.session_id
);

-- name: mend_current_branch_missing
UPDATE convo_sessions SET branch_id = 'main'
WHERE session_id = :session_id AND branch_id = :branch_id;

-- name: mend_removed_rows_still_there
DELETE FROM convo_removed_rows WHERE id IN (SELECT id FROM message_structure);

-- name: mend_removed_rows_of_nothing
DELETE FROM convo_removed_rows WHERE removed_id NOT IN (SELECT id FROM convo_removed);

-- name: mend_eval_results_of_nothing
DELETE FROM convo_eval_results WHERE eval_id NOT IN (SELECT id FROM convo_evals);

-- name: forget_adoption
-- Has every message of a session checked again.
DELETE FROM convo_adopted WHERE session_id = :session_id;

-- name: lock_every_session
-- Against the writers of single sessions, where there may be several writers.
SELECT session_id FROM {sessions} ORDER BY session_id {for_update};
