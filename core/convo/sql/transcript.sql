-- Some turns of a branch, whole: only their messages are read, and nothing of the line before them.

-- name: items_of_turns
SELECT s.user_turn_number, s.message_id, CAST(m.message_data AS BLOB), m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id
  AND s.user_turn_number BETWEEN :first AND :last
  AND s.sequence_number >= coalesce(
      (
          SELECT min(q.sequence_number) FROM message_structure AS q
          WHERE q.session_id = :session_id AND q.branch_id = :branch_id
            AND q.user_turn_number = :first AND q.message_type = 'user'
      ),
      -9e999
  )
ORDER BY s.sequence_number;

-- name: runs_of_turns
-- What the turns cost, on whatever branch they were asked.
SELECT
    asked.user_turn_number,
    CASE WHEN count(DISTINCT r.model) = 1 THEN max(r.model) END,
    max(r.estimated), sum(r.requests), sum(r.input_tokens), sum(r.cached_tokens),
    sum(r.output_tokens), sum(r.reasoning_tokens), sum(r.total_tokens)
FROM message_structure AS asked
JOIN message_structure AS s ON s.message_id = asked.message_id
JOIN convo_runs AS r
    ON r.session_id = s.session_id AND r.branch_id = s.branch_id
   AND r.user_turn_number = s.user_turn_number AND r.anchor = s.id
WHERE asked.session_id = :session_id AND asked.branch_id = :branch_id
  AND asked.user_turn_number BETWEEN :first AND :last AND asked.message_type = 'user'
GROUP BY asked.user_turn_number;
