-- Numbering the rows of a branch again.

-- name: renumber_branch
-- In the order of the messages or of the sequence numbers, above every sequence number in use. Each
-- user message begins a turn; what belonged to a turn goes with it, and the rest takes the turn in
-- which it stands.
WITH placed AS (
    SELECT id, message_type, user_turn_number AS old_turn,
           row_number() OVER standing AS position,
           coalesce(sum(message_type = 'user') OVER standing, 0) AS begun
    FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
    WINDOW standing AS (
        ORDER BY CASE WHEN :by_message THEN message_id ELSE sequence_number END, id
        ROWS UNBOUNDED PRECEDING
    )
), numbered AS (
    SELECT id, position,
           CASE WHEN message_type = 'user' THEN begun
                ELSE min(begun, coalesce(
                    CASE WHEN old_turn IS NOT NULL
                        THEN min(CASE WHEN message_type = 'user' THEN begun END) OVER same_turn END,
                    begun
                )) END AS turn
    FROM placed
    WINDOW same_turn AS (PARTITION BY old_turn)
)
UPDATE message_structure SET
    sequence_number = :last_sequence + numbered.position,
    user_turn_number = numbered.turn,
    branch_turn_number = numbered.turn
FROM numbered
WHERE message_structure.id = numbered.id;

-- name: turn_beginnings
SELECT user_turn_number, min(id) FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
GROUP BY user_turn_number;

-- name: usage_turns
SELECT id, user_turn_number FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id;

-- name: add_usage_row
UPDATE turn_usage AS kept SET
    requests = coalesce(kept.requests, 0) + coalesce(other.requests, 0),
    input_tokens = coalesce(kept.input_tokens, 0) + coalesce(other.input_tokens, 0),
    output_tokens = coalesce(kept.output_tokens, 0) + coalesce(other.output_tokens, 0),
    total_tokens = coalesce(kept.total_tokens, 0) + coalesce(other.total_tokens, 0)
FROM turn_usage AS other
WHERE kept.id = :id AND other.id = :other;

-- name: point_runs_to_usage_row
-- Those of a turn that has become one with another, under the number that it had.
UPDATE convo_runs SET turn_usage_id = :id
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
  AND turn_usage_id = :other;

-- name: delete_usage_row
DELETE FROM turn_usage WHERE id = :id;

-- name: turn_of_structure
SELECT user_turn_number FROM message_structure WHERE id = :id;

-- name: set_usage_turn
UPDATE turn_usage SET user_turn_number = :turn WHERE id = :id;

-- name: renumber_runs
UPDATE convo_runs
SET user_turn_number = (SELECT user_turn_number FROM message_structure WHERE id = anchor)
WHERE session_id = :session_id AND branch_id = :branch_id
  AND anchor IN (
      SELECT id FROM message_structure
      WHERE session_id = :session_id AND branch_id = :branch_id
  );
