-- Tokens: by turn in the SDK's table, by run in the ledger.

-- name: runs_of_turn
SELECT id, requests, input_tokens, output_tokens, total_tokens,
       input_details, output_details, request_entries
FROM convo_runs
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
  AND anchor = :anchor
ORDER BY id;

-- name: insert_run
INSERT INTO convo_runs (
    session_id, branch_id, user_turn_number, anchor, model, status, estimated,
    requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens,
    input_details, output_details, request_entries, started_at, duration_s
) VALUES (
    :session_id, :branch_id, :turn, :anchor, :model, :status, :estimated,
    :requests, :input_tokens, :cached_tokens, :output_tokens, :reasoning_tokens, :total_tokens,
    :input_details, :output_details, :request_entries, :started_at, :duration_s
);

-- name: replace_run
UPDATE convo_runs SET
    model = coalesce(:model, model), status = :status, estimated = :estimated,
    requests = :requests, input_tokens = :input_tokens, cached_tokens = :cached_tokens,
    output_tokens = :output_tokens, reasoning_tokens = :reasoning_tokens,
    total_tokens = :total_tokens, input_details = :input_details,
    output_details = :output_details, request_entries = :request_entries,
    started_at = coalesce(:started_at, started_at),
    duration_s = coalesce(:duration_s, duration_s)
WHERE id = :id;

-- name: set_turn_usage
INSERT INTO turn_usage (
    session_id, branch_id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
    input_tokens_details, output_tokens_details
) VALUES (
    :session_id, :branch_id, :turn, :requests, :input_tokens, :output_tokens, :total_tokens,
    :input_details, :output_details
)
ON CONFLICT (session_id, branch_id, user_turn_number) DO UPDATE SET
    requests = :requests, input_tokens = :input_tokens, output_tokens = :output_tokens,
    total_tokens = :total_tokens, input_tokens_details = :input_details,
    output_tokens_details = :output_details
RETURNING id;

-- name: note_turn_usage_of_runs
UPDATE convo_runs SET turn_usage_id = :turn_usage_id
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
  AND anchor = :anchor;

-- name: enter_foreign_usage
INSERT INTO convo_runs (
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, requests, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, total_tokens, input_details, output_details,
    created_at
)
SELECT
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, requests, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, total_tokens, input_details, output_details,
    created_at
FROM convo_foreign_usage
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first_turn AND :last_turn;

-- name: branches_with_usage
-- Of one session, or of all where none is named.
SELECT DISTINCT session_id, branch_id FROM turn_usage
WHERE :session_id IS NULL OR session_id = :session_id;

-- name: delete_turn_usage_of_branch
DELETE FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first_turn AND :last_turn;

-- name: delete_turn_usage_of_session
DELETE FROM turn_usage WHERE session_id = :session_id;

-- name: session_usage
SELECT sum(requests), sum(input_tokens), sum(output_tokens), sum(total_tokens), count(*)
FROM turn_usage
WHERE session_id = :session_id AND (:branch_id IS NULL OR branch_id = :branch_id);

-- name: turn_usage
SELECT user_turn_number, requests, input_tokens, output_tokens, total_tokens,
       input_tokens_details, output_tokens_details
FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first_turn AND :last_turn
ORDER BY user_turn_number;

-- name: ledger_by_turn
-- Every turn that tokens were spent on, in the order in which that began; the message is NULL
-- where the turn is gone. What the SDK stored comes last, unless a run has entered it.
WITH spent AS (
    SELECT id, branch_id, user_turn_number AS turn, anchor, model, estimated, requests,
           input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens
    FROM convo_runs
    WHERE session_id = :session_id
    UNION ALL
    SELECT NULL, branch_id, user_turn_number, anchor, NULL, 0, requests,
           input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens
    FROM convo_foreign_usage
    WHERE session_id = :session_id
)
SELECT spent.branch_id, spent.turn,
       CASE WHEN count(DISTINCT spent.model) = 1 THEN max(spent.model) END,
       max(spent.estimated), sum(spent.requests), sum(spent.input_tokens),
       sum(spent.cached_tokens), sum(spent.output_tokens), sum(spent.reasoning_tokens),
       sum(spent.total_tokens), s.id IS NOT NULL, CAST(m.message_data AS BLOB)
FROM spent
LEFT JOIN message_structure AS s
    ON s.id = spent.anchor AND s.session_id = :session_id AND s.branch_id = spent.branch_id
LEFT JOIN {messages} AS m ON m.id = s.message_id
WHERE :branch_id IS NULL OR spent.branch_id = :branch_id
GROUP BY spent.branch_id, spent.turn, spent.anchor
ORDER BY min(spent.id) IS NULL, min(spent.id), spent.branch_id <> 'main', spent.branch_id,
         spent.turn;
