-- Runs of sets of cases, and what came of each attempt at a case.

-- name: enter_eval
INSERT INTO convo_evals (name, path, digest, session_id, choices, cases, repeats)
VALUES (:set_name, :path, :digest, :session_id, :choices, :cases, :repeats)
RETURNING id;

-- name: end_eval
UPDATE convo_evals SET ended_at = CURRENT_TIMESTAMP WHERE id = :id;

-- name: enter_eval_result
-- An attempt that is made again takes the place of the one that failed.
INSERT INTO convo_eval_results (
    eval_id, position, choice, attempt, case_name, digest, state, session_id, branch_id, turn,
    checks, message, requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
    total_tokens, estimated, cost, judge_cost, duration_s
) VALUES (
    :eval_id, :position, :choice, :attempt, :case_name, :digest, :state, :session_id, :branch_id,
    :turn, :checks, :message, :requests, :input_tokens, :cached_tokens, :output_tokens,
    :reasoning_tokens, :total_tokens, CAST(:estimated AS INTEGER), :cost, :judge_cost, :duration_s
)
ON CONFLICT (eval_id, position, choice, attempt) DO UPDATE SET
    case_name = excluded.case_name, digest = excluded.digest, state = excluded.state,
    session_id = excluded.session_id, branch_id = excluded.branch_id, turn = excluded.turn,
    checks = excluded.checks, message = excluded.message, requests = excluded.requests,
    input_tokens = excluded.input_tokens, cached_tokens = excluded.cached_tokens,
    output_tokens = excluded.output_tokens, reasoning_tokens = excluded.reasoning_tokens,
    total_tokens = excluded.total_tokens, estimated = excluded.estimated, cost = excluded.cost,
    judge_cost = excluded.judge_cost, duration_s = excluded.duration_s,
    created_at = CURRENT_TIMESTAMP;

-- name: list_evals
-- All of them, or one; the newest first.
SELECT
    e.id, e.name, e.path, e.digest, e.session_id, e.choices, e.cases, e.repeats,
    (SELECT count(*) FROM convo_eval_results AS r WHERE r.eval_id = e.id),
    (SELECT count(*) FROM convo_eval_results AS r WHERE r.eval_id = e.id AND r.state = 'passed'),
    (SELECT count(*) FROM convo_eval_results AS r WHERE r.eval_id = e.id AND r.state = 'error'),
    e.created_at, e.ended_at
FROM convo_evals AS e
WHERE CAST(:id AS BIGINT) IS NULL OR e.id = :id
ORDER BY e.id DESC
LIMIT :limit;

-- name: eval_results
SELECT
    position, case_name, digest, choice, attempt, state, session_id, branch_id, turn, checks,
    message, cost, judge_cost, duration_s, estimated, requests, input_tokens, cached_tokens,
    output_tokens, reasoning_tokens, total_tokens
FROM convo_eval_results
WHERE eval_id = :id
ORDER BY position, choice, attempt;

-- name: rename_session_in_evals
UPDATE convo_evals SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_eval_results
UPDATE convo_eval_results SET session_id = :new WHERE session_id = :old;

-- name: rename_branch_in_eval_results
UPDATE convo_eval_results SET branch_id = :new
WHERE session_id = :session_id AND branch_id = :old;

-- name: forget_session_of_evals
-- Of a deleted session, for good.
UPDATE convo_evals SET session_id = NULL WHERE session_id = :session_id;

-- name: forget_session_of_eval_results
UPDATE convo_eval_results SET session_id = NULL, branch_id = NULL, turn = NULL
WHERE session_id = :session_id;
