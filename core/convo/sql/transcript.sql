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
-- What the turns cost, on whatever branch they were asked, by convo or by the SDK, and the model:
-- where there was more than one, that of the runs that came to a good end. The sign keeps
-- SQLite from reading all rows of the session for each turn: few rows show one message.
WITH shown AS (
    SELECT asked.user_turn_number AS turn, s.id, s.branch_id, s.user_turn_number
    FROM message_structure AS asked
    JOIN message_structure AS s
        ON s.message_id = asked.message_id AND +s.session_id = asked.session_id
    WHERE asked.session_id = :session_id AND asked.branch_id = :branch_id
      AND asked.user_turn_number BETWEEN :first AND :last AND asked.message_type = 'user'
), spent AS (
    SELECT shown.turn, r.model, r.status IN ('failed', 'interrupted') AS is_cut, r.estimated,
           r.requests, r.input_tokens, r.cached_tokens, r.output_tokens, r.reasoning_tokens,
           r.total_tokens
    FROM shown
    JOIN convo_runs AS r
        ON r.session_id = :session_id AND r.branch_id = shown.branch_id
       AND r.user_turn_number = shown.user_turn_number AND r.anchor = shown.id
    UNION ALL
    SELECT shown.turn, NULL, 0, 0, u.requests, u.input_tokens, u.cached_tokens,
           u.output_tokens, u.reasoning_tokens, u.total_tokens
    FROM shown
    JOIN ({foreign_usage}) AS u
        ON u.session_id = :session_id AND u.branch_id = shown.branch_id
       AND u.user_turn_number = shown.user_turn_number AND u.anchor = shown.id
)
SELECT
    turn,
    CASE
        WHEN count(DISTINCT model) = 1 THEN max(model)
        WHEN count(DISTINCT CASE WHEN NOT is_cut THEN model END) = 1
            THEN max(CASE WHEN NOT is_cut THEN model END)
    END,
    max(estimated), sum(requests), sum(input_tokens), sum(cached_tokens),
    sum(output_tokens), sum(reasoning_tokens), sum(total_tokens)
FROM spent
GROUP BY turn;
