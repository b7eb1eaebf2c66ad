-- Tokens: by turn in the SDK's table, by run in the ledger.

-- name: foreign_usage
-- The usage that only the SDK stored and that is in no run of the ledger, as ledger rows.
SELECT
    session_id, branch_id, user_turn_number,
    coalesce(
        (
            SELECT min(s.id) FROM message_structure AS s
            WHERE s.session_id = u.session_id AND s.branch_id = u.branch_id
              AND s.user_turn_number = u.user_turn_number AND s.message_type = 'user'
        ),
        (
            SELECT min(s.id) FROM message_structure AS s
            WHERE s.session_id = u.session_id AND s.branch_id = u.branch_id
              AND s.user_turn_number = u.user_turn_number
        )
    ) AS anchor,
    id AS turn_usage_id,
    coalesce(requests, 0) AS requests,
    coalesce(input_tokens, 0) AS input_tokens,
    {detail: input_tokens_details; 'cached_tokens'} AS cached_tokens,
    coalesce(output_tokens, 0) AS output_tokens,
    {detail: output_tokens_details; 'reasoning_tokens'} AS reasoning_tokens,
    coalesce(total_tokens, 0) AS total_tokens,
    input_tokens_details AS input_details,
    output_tokens_details AS output_details,
    created_at
FROM turn_usage AS u
WHERE NOT EXISTS (
    SELECT 1 FROM convo_runs AS r
    WHERE r.session_id = u.session_id AND r.branch_id = u.branch_id
      AND r.user_turn_number = u.user_turn_number AND r.turn_usage_id = u.id
);

-- name: tokens_of_branches
-- Of each branch of a session up to two rows: what is in the ledger, and what only the SDK stored.
SELECT branch_id, max(estimated), sum(requests), sum(input_tokens), sum(cached_tokens),
       sum(output_tokens), sum(reasoning_tokens), sum(total_tokens)
FROM convo_runs
WHERE session_id = :session_id
GROUP BY branch_id
UNION ALL
SELECT branch_id, 0, sum(requests), sum(input_tokens), sum(cached_tokens),
       sum(output_tokens), sum(reasoning_tokens), sum(total_tokens)
FROM ({foreign_usage}) AS u
WHERE session_id = :session_id
GROUP BY branch_id;

-- name: turn_account
-- The turn that the row :anchor began, wherever it is now; without one, the last turn of a branch.
-- With its runs, and whether the SDK has stored usage of it that is in none of them.
WITH last AS MATERIALIZED (
    SELECT ({last_turn}) AS number WHERE CAST(:anchor AS BIGINT) IS NULL
), turn AS MATERIALIZED (
    SELECT session_id, branch_id, user_turn_number AS number, id AS anchor
    FROM message_structure
    WHERE id = :anchor AND session_id = :session_id
    UNION ALL
    SELECT :session_id, :branch_id, last.number, coalesce(
        (
            SELECT min(s.id) FROM message_structure AS s
            WHERE s.session_id = :session_id AND s.branch_id = :branch_id
              AND s.user_turn_number = last.number AND s.message_type = 'user'
        ),
        (
            SELECT min(s.id) FROM message_structure AS s
            WHERE s.session_id = :session_id AND s.branch_id = :branch_id
              AND s.user_turn_number = last.number
        )
    )
    FROM last
    WHERE last.number IS NOT NULL
)
SELECT
    (SELECT generation FROM session_clear_generations WHERE session_id = :session_id),
    adoption.newest <= adoption.up_to,
    turn.branch_id, turn.number, turn.anchor,
    EXISTS (
        SELECT 1 FROM turn_usage AS u
        WHERE u.session_id = :session_id AND u.branch_id = turn.branch_id
          AND u.user_turn_number = turn.number
          AND NOT EXISTS (
              SELECT 1 FROM convo_runs AS known
              WHERE known.session_id = :session_id AND known.branch_id = turn.branch_id
                AND known.user_turn_number = turn.number AND known.turn_usage_id = u.id
          )
    ),
    r.id, r.requests, r.input_tokens, r.output_tokens, r.total_tokens,
    r.input_details, r.output_details, r.request_entries
FROM ({adoption_state}) AS adoption
LEFT JOIN turn ON TRUE
LEFT JOIN convo_runs AS r
    ON r.session_id = turn.session_id AND r.branch_id = turn.branch_id
    AND r.user_turn_number = turn.number AND r.anchor = turn.anchor
ORDER BY r.id;

-- name: runs_of_turn
SELECT id, requests, input_tokens, output_tokens, total_tokens,
       input_details, output_details, request_entries
FROM convo_runs
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
  AND anchor = :anchor
ORDER BY id;

-- name: insert_run
-- With :has_usage, it is part of what the row of usage of its turn adds up.
INSERT INTO convo_runs (
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, model, status, estimated,
    requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens,
    input_details, output_details, request_entries, started_at, duration_s, last_agent,
    answer_schema, base_url, agent, recorded_cost, first_token_s, cache_write_tokens,
    cache_write_1h_tokens, audio_input_tokens, audio_output_tokens, longest_request,
    tool_times
) VALUES (
    :session_id, :branch_id, :turn, :anchor,
    CASE WHEN :has_usage THEN (
        SELECT u.id FROM turn_usage AS u
        WHERE u.session_id = :session_id AND u.branch_id = :branch_id AND u.user_turn_number = :turn
    ) END,
    :model, :status, CAST(:estimated AS INTEGER),
    :requests, :input_tokens, :cached_tokens, :output_tokens, :reasoning_tokens, :total_tokens,
    :input_details, :output_details, :request_entries, :started_at, :duration_s, :last_agent,
    :answer_schema, :base_url, :agent, :recorded_cost, :first_token_s, :cache_write_tokens,
    :cache_write_1h_tokens, :audio_input_tokens, :audio_output_tokens, :longest_request,
    :tool_times
)
RETURNING id;

-- name: replace_run
UPDATE convo_runs SET
    turn_usage_id = coalesce(CASE WHEN :has_usage THEN (
        SELECT u.id FROM turn_usage AS u
        WHERE u.session_id = convo_runs.session_id AND u.branch_id = convo_runs.branch_id
          AND u.user_turn_number = convo_runs.user_turn_number
    ) END, turn_usage_id),
    model = coalesce(:model, model), status = :status,
    estimated = CAST(:estimated AS INTEGER),
    requests = :requests, input_tokens = :input_tokens, cached_tokens = :cached_tokens,
    output_tokens = :output_tokens, reasoning_tokens = :reasoning_tokens,
    total_tokens = :total_tokens, input_details = :input_details,
    output_details = :output_details, request_entries = :request_entries,
    started_at = coalesce(:started_at, started_at),
    duration_s = coalesce(:duration_s, duration_s), last_agent = coalesce(:last_agent, last_agent),
    answer_schema = coalesce(:answer_schema, answer_schema),
    base_url = coalesce(:base_url, base_url), agent = coalesce(:agent, agent),
    recorded_cost = coalesce(:recorded_cost, recorded_cost),
    first_token_s = coalesce(:first_token_s, first_token_s),
    cache_write_tokens = :cache_write_tokens, cache_write_1h_tokens = :cache_write_1h_tokens,
    audio_input_tokens = :audio_input_tokens,
    audio_output_tokens = :audio_output_tokens, longest_request = :longest_request,
    tool_times = coalesce(:tool_times, tool_times)
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
    output_tokens_details = :output_details;

-- name: note_turn_usage_of_runs
-- Notes the row of usage of a turn in all runs that it adds up and that do not name it yet.
UPDATE convo_runs SET turn_usage_id = (
    SELECT u.id FROM turn_usage AS u
    WHERE u.session_id = :session_id AND u.branch_id = :branch_id AND u.user_turn_number = :turn
)
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
  AND anchor = :anchor AND turn_usage_id IS DISTINCT FROM (
      SELECT u.id FROM turn_usage AS u
      WHERE u.session_id = :session_id AND u.branch_id = :branch_id AND u.user_turn_number = :turn
  );

-- name: enter_foreign_usage
INSERT INTO convo_runs (
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, requests, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, total_tokens, input_details, output_details,
    created_at, cache_write_tokens, cache_write_1h_tokens, audio_input_tokens, audio_output_tokens
)
SELECT
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, requests, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, total_tokens, input_details, output_details,
    created_at, {detail: input_details; 'cache_write_tokens'}, 0,
    {detail: input_details; 'audio_tokens'}, {detail: output_details; 'audio_tokens'}
FROM ({foreign_usage}) AS u
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first_turn AND :last_turn;

-- name: enter_foreign_usage_of_session
-- Of one session, or of all if :session_id is NULL.
INSERT INTO convo_runs (
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, requests, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, total_tokens, input_details, output_details,
    created_at, cache_write_tokens, cache_write_1h_tokens, audio_input_tokens, audio_output_tokens
)
SELECT
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, requests, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, total_tokens, input_details, output_details,
    created_at, {detail: input_details; 'cache_write_tokens'}, 0,
    {detail: input_details; 'audio_tokens'}, {detail: output_details; 'audio_tokens'}
FROM ({foreign_usage}) AS u
WHERE {session_or_all: session_id};

-- name: fill_counts_of_runs
-- Once the table of an older release has the columns for them.
UPDATE convo_runs SET
    cache_write_tokens = {detail: input_details; 'cache_write_tokens'},
    cache_write_1h_tokens = 0,
    audio_input_tokens = {detail: input_details; 'audio_tokens'},
    audio_output_tokens = {detail: output_details; 'audio_tokens'}
WHERE cache_write_tokens IS NULL;

-- name: delete_turn_usage_of_branch
DELETE FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first_turn AND :last_turn;

-- name: delete_turn_usage_of_session
DELETE FROM turn_usage WHERE session_id = :session_id;

-- name: session_usage
SELECT sum(requests), sum(input_tokens), sum(output_tokens), sum(total_tokens), count(*)
FROM turn_usage
WHERE session_id = :session_id;

-- name: branch_usage
SELECT sum(requests), sum(input_tokens), sum(output_tokens), sum(total_tokens), count(*)
FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id;

-- name: turn_usage
SELECT user_turn_number, requests, input_tokens, output_tokens, total_tokens,
       {bytes: coalesce(input_tokens_details, 'null')},
       {bytes: coalesce(output_tokens_details, 'null')}
FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first_turn AND :last_turn
ORDER BY user_turn_number;

-- name: last_request_of_turn
-- The requests of a turn's last run.
SELECT {bytes: request_entries} FROM convo_runs
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
ORDER BY id DESC
LIMIT 1;

-- name: newest_runs_nearby
-- The newest runs of a session among the newest of the database.
SELECT id FROM convo_runs
WHERE id > (SELECT max(id) FROM convo_runs) - :nearby
  AND {unindexed: session_id} = :session_id
  AND (CAST(:branch_id AS TEXT) IS NULL OR {unindexed: branch_id} = :branch_id)
  AND (CAST(:since AS TEXT) IS NULL OR {utc: coalesce(started_at, created_at)} >= :since)
  AND (CAST(:until AS TEXT) IS NULL OR {utc: coalesce(started_at, created_at)} < :until)
ORDER BY id DESC
LIMIT :limit;

-- name: newest_runs
SELECT id FROM convo_runs
WHERE session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR branch_id = :branch_id)
  AND (CAST(:since AS TEXT) IS NULL OR {utc: coalesce(started_at, created_at)} >= :since)
  AND (CAST(:until AS TEXT) IS NULL OR {utc: coalesce(started_at, created_at)} < :until)
ORDER BY id DESC
LIMIT :limit;

-- name: runs_of_turns_run
-- All runs of the turns with some runs, in order, each with its turn: whether it still exists, and
-- the message that began it, or its question if the turn is pending.
SELECT r.branch_id, r.user_turn_number, r.anchor, s.id IS NOT NULL, {bytes: m.message_data},
       CASE WHEN r.status IN ('failed', 'interrupted') THEN r.status ELSE 'completed' END,
       CASE WHEN r.anchor IS NULL THEN (
           SELECT {bytes: h.question} FROM convo_held_turns AS h
           WHERE h.session_id IS NOT DISTINCT FROM nullif(:session_id, '') AND h.branch_id = r.branch_id
             AND h.run_id = r.id
       ) END,
       r.model, r.estimated, CAST(r.requests AS BIGINT), CAST(r.input_tokens AS BIGINT),
       CAST(r.cached_tokens AS BIGINT), CAST(r.output_tokens AS BIGINT),
       CAST(r.reasoning_tokens AS BIGINT), CAST(r.total_tokens AS BIGINT),
       r.id, r.base_url, {utc: coalesce(r.started_at, r.created_at)},
       coalesce(r.longest_request, r.input_tokens),
       r.cache_write_tokens, r.cache_write_1h_tokens, r.audio_input_tokens, r.audio_output_tokens,
       r.recorded_cost, r.duration_s, r.first_token_s
FROM (
    SELECT DISTINCT branch_id, user_turn_number, anchor FROM convo_runs
    WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids})
) AS turn
JOIN convo_runs AS r
    ON r.session_id = :session_id AND r.branch_id = turn.branch_id
    AND r.user_turn_number = turn.user_turn_number AND r.anchor IS NOT DISTINCT FROM turn.anchor
LEFT JOIN message_structure AS s
    ON s.id = r.anchor AND s.session_id = :session_id AND s.branch_id = r.branch_id
LEFT JOIN {messages} AS m ON m.id = s.message_id
WHERE (CAST(:since AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} >= :since)
  AND (CAST(:until AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} < :until)
ORDER BY r.id;

-- name: runs_of_shown_turns
-- The same for some turns of a branch, which may share them with the one that they were asked on.
SELECT shown.branch_id, shown.user_turn_number, r.anchor, 1, NULL,
       CASE WHEN r.status IN ('failed', 'interrupted') THEN r.status ELSE 'completed' END, NULL,
       r.model, r.estimated, CAST(r.requests AS BIGINT), CAST(r.input_tokens AS BIGINT),
       CAST(r.cached_tokens AS BIGINT), CAST(r.output_tokens AS BIGINT),
       CAST(r.reasoning_tokens AS BIGINT), CAST(r.total_tokens AS BIGINT),
       r.id, r.base_url, {utc: coalesce(r.started_at, r.created_at)},
       coalesce(r.longest_request, r.input_tokens),
       r.cache_write_tokens, r.cache_write_1h_tokens, r.audio_input_tokens, r.audio_output_tokens,
       r.recorded_cost, r.duration_s, r.first_token_s
FROM message_structure AS shown
{in_order} JOIN message_structure AS asked
    ON asked.message_id = shown.message_id AND asked.message_type = 'user'
{in_order} JOIN convo_runs AS r
    ON r.session_id = :session_id AND r.branch_id = asked.branch_id
    AND r.user_turn_number = asked.user_turn_number AND r.anchor = asked.id
WHERE shown.session_id = :session_id AND shown.branch_id = :branch_id
  AND shown.user_turn_number BETWEEN :first AND :last
  AND shown.message_type = 'user'
ORDER BY r.id;

-- name: newest_foreign
-- The same for usage that only the SDK stored: the last turns, by branch and turn.
SELECT * FROM (
    SELECT u.branch_id, u.user_turn_number, u.anchor, s.id IS NOT NULL,
           {bytes: m.message_data}, 'completed', NULL, NULL, 0, CAST(u.requests AS BIGINT),
           CAST(u.input_tokens AS BIGINT), CAST(u.cached_tokens AS BIGINT),
           CAST(u.output_tokens AS BIGINT), CAST(u.reasoning_tokens AS BIGINT),
           CAST(u.total_tokens AS BIGINT), NULL, NULL, NULL, 0,
           {detail: u.input_details; 'cache_write_tokens'}, 0, 0, 0, NULL, NULL, NULL
    FROM (
        SELECT * FROM ({foreign_usage}) AS spent
        WHERE session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR branch_id = :branch_id)
          AND (CAST(:since AS TEXT) IS NULL OR {utc: created_at} >= :since)
          AND (CAST(:until AS TEXT) IS NULL OR {utc: created_at} < :until)
        ORDER BY (branch_id = 'main'), branch_id DESC, user_turn_number DESC
        LIMIT :limit
    ) AS u
    LEFT JOIN message_structure AS s
        ON s.id = u.anchor AND s.session_id = :session_id AND s.branch_id = u.branch_id
    LEFT JOIN {messages} AS m ON m.id = s.message_id
) AS newest
ORDER BY branch_id <> 'main', branch_id, user_turn_number;

-- name: tool_times
-- How long the calls of a session took, by run, the last run last.
SELECT {bytes: tool_times} FROM convo_runs WHERE session_id = :session_id AND tool_times IS NOT NULL
ORDER BY id;
