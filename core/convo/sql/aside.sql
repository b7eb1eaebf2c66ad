-- Copies of one session, or of all, to be changed for a single read where nothing can be written.
-- Temporary tables of the same names are there already: they are what is inserted into.

-- name: copy_structure_aside
INSERT INTO message_structure (
    id, session_id, message_id, branch_id, message_type, sequence_number, user_turn_number,
    branch_turn_number, tool_name, created_at
)
SELECT
    id, session_id, message_id, branch_id, message_type, sequence_number, user_turn_number,
    branch_turn_number, tool_name, created_at
FROM main.message_structure
WHERE session_id BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'');

-- name: copy_usage_aside
INSERT INTO turn_usage (
    id, session_id, branch_id, user_turn_number, requests, input_tokens, output_tokens,
    total_tokens, input_tokens_details, output_tokens_details, created_at
)
SELECT
    id, session_id, branch_id, user_turn_number, requests, input_tokens, output_tokens,
    total_tokens, input_tokens_details, output_tokens_details, created_at
FROM main.turn_usage
WHERE session_id BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'');

-- name: copy_branches_aside
INSERT INTO convo_branches (
    session_id, branch_id, parent_branch_id, forked_from_turn, kept_empty, generation, created_at
)
SELECT
    session_id, branch_id, parent_branch_id, forked_from_turn, kept_empty, generation, created_at
FROM main.convo_branches
WHERE session_id BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'');

-- name: copy_adopted_aside
INSERT INTO convo_adopted (session_id, message_id)
SELECT session_id, message_id
FROM main.convo_adopted
WHERE session_id BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'');

-- name: copy_runs_aside
INSERT INTO convo_runs (
    id, session_id, branch_id, user_turn_number, anchor, turn_usage_id, model, status,
    estimated, requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
    total_tokens, input_details, output_details, request_entries, started_at, duration_s,
    created_at
)
SELECT
    id, session_id, branch_id, user_turn_number, anchor, turn_usage_id, model, status,
    estimated, requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
    total_tokens, input_details, output_details, request_entries, started_at, duration_s,
    created_at
FROM main.convo_runs
WHERE session_id BETWEEN coalesce(:session_id, '') AND coalesce(:session_id, x'');

-- name: copy_old_sessions_aside
-- With the columns that it has; those that it lacks are added to the copy.
CREATE TEMP TABLE convo_sessions AS SELECT * FROM main.convo_sessions;
