-- A part of a branch is replaced by a summary; the uncompacted line goes on as a branch.

-- name: rows_from_the_end
-- The newest :limit rows of a branch, newest first.
SELECT s.id, CAST(m.message_data AS BLOB), s.sequence_number
FROM (
    SELECT id, message_id, sequence_number FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
    ORDER BY sequence_number DESC
    LIMIT :limit
) AS s
LEFT JOIN {messages} AS m ON m.id = s.message_id
ORDER BY s.sequence_number DESC;

-- name: last_turn_before
SELECT max(user_turn_number) FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND sequence_number < :first_moved;

-- name: move_rows_from
-- The rows keep their ids, by which the ledger knows their turns.
WITH moved AS (
    SELECT id, row_number() OVER (ORDER BY sequence_number) AS position
    FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id AND sequence_number >= :first_moved
)
UPDATE message_structure SET
    branch_id = :new_branch_id,
    sequence_number = :last_sequence + moved.position
FROM moved
WHERE message_structure.id = moved.id;

-- name: move_usage_of_moved_turns
-- Of the turns that began in the moved part.
UPDATE turn_usage SET branch_id = :new_branch_id
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number > :last_kept_turn;

-- name: move_runs_of_moved_turns
UPDATE convo_runs SET branch_id = :new_branch_id
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number > :last_kept_turn
  AND anchor IN (
      SELECT id FROM message_structure
      WHERE session_id = :session_id AND branch_id = :new_branch_id
  );
