-- Usage in groups, so that it can be priced: all runs of a group have one model, server and rate.

-- name: models_asked
-- The models and servers of the runs of a session, or of all.
SELECT DISTINCT model, base_url FROM convo_runs
WHERE {session_or_all: session_id} AND (CAST(:branch_id AS TEXT) IS NULL OR branch_id = :branch_id)
  AND model IS NOT NULL;

-- name: usual_model
-- The model and the server of one of the last runs.
SELECT model, base_url FROM convo_runs
WHERE {session_or_all: session_id} AND (CAST(:branch_id AS TEXT) IS NULL OR branch_id = :branch_id)
ORDER BY session_id DESC, branch_id DESC, user_turn_number DESC
LIMIT 1;

-- name: is_usual
-- Whether a run is one of most: it completed, its turn exists, and its tokens of the usual model can
-- be added up and priced together.
r.status = 'completed' AND r.model IS NOT DISTINCT FROM :model
    AND r.base_url IS NOT DISTINCT FROM :base_url
    AND (r.anchor IS NULL OR there.id IS NOT NULL)
    AND r.estimated = 0 AND (r.total_tokens <> 0 OR r.requests <= 0)
    AND r.input_tokens >= r.cached_tokens + coalesce(r.cache_write_tokens, 0)
        + coalesce(r.audio_input_tokens, 0)
    AND r.output_tokens >= r.reasoning_tokens + coalesce(r.audio_output_tokens, 0)
    AND coalesce(r.cache_write_tokens >= r.cache_write_1h_tokens, TRUE)
    AND coalesce(r.audio_input_tokens <= 0 OR r.cached_tokens <= 0, TRUE);

-- name: spent_as_usual
-- The sums of the usual runs, which are one group, and before them the number of all runs. To sort
-- the runs into groups takes more time than to add them up.
SELECT (
           SELECT count(*) FROM convo_runs AS r
           WHERE {session_or_all: r.session_id} AND (CAST(:branch_id AS TEXT) IS NULL OR r.branch_id = :branch_id)
             AND (CAST(:since AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} >= :since)
             AND (CAST(:until AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} < :until)
       ) AS all_runs,
       min(r.id) AS first_run,
       count(DISTINCT r.anchor) + count(DISTINCT CASE
           WHEN r.anchor IS NULL
           THEN r.session_id || ' ' || r.branch_id || ' ' || r.user_turn_number
       END) AS turns,
       count(*) AS runs, 0 AS estimated,
       sum(r.requests), sum(r.input_tokens), sum(r.cached_tokens), sum(r.output_tokens),
       sum(r.reasoning_tokens), sum(r.total_tokens),
       sum(r.cache_write_tokens), sum(r.cache_write_1h_tokens), sum(r.audio_input_tokens),
       sum(r.audio_output_tokens),
       sum(r.recorded_cost), count(r.recorded_cost),
       sum(CASE WHEN r.duration_s > 0 THEN r.duration_s END),
       sum(CASE WHEN r.duration_s > 0 THEN r.output_tokens END),
       sum(r.first_token_s), count(r.first_token_s)
FROM convo_runs AS r
LEFT JOIN message_structure AS there ON there.id = r.anchor
WHERE {session_or_all: r.session_id} AND (CAST(:branch_id AS TEXT) IS NULL OR r.branch_id = :branch_id)
  AND (CAST(:since AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} >= :since)
  AND (CAST(:until AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} < :until)
  AND ({is_usual});

-- name: source_of_run
-- Where the session of a run came from. A deleted session is known by another name until it is
-- purged, and the source of its runs is NULL after that.
SELECT coalesce(
    (SELECT coalesce(s.source, 'convo') FROM convo_sessions AS s WHERE s.session_id = r.session_id),
    (
        SELECT coalesce(s.source, 'convo') FROM convo_removed_sessions AS e
        JOIN convo_sessions AS s ON s.session_id = e.kept_as
        WHERE e.session_id = r.session_id
        ORDER BY e.id DESC
        LIMIT 1
    ),
    CASE WHEN r.session_id = '' THEN 'convo' END
);

-- name: spent_by_group
-- Sums by the keys that are asked for; the others are NULL. `rates` has a row for each rate of the
-- models with several: a number, the model and server, the span of time, the times of day, and the
-- lengths of a request. `apart` is the id of a run that has to be priced by itself: its requests
-- may have different rates, its counts contradict each other, or some audio may be cached. `marks`
-- adds up 1 for a deleted turn, 2 for estimated tokens, and 4 for tokens that nobody counted.
-- Unless :priced is 1, the runs of all models and rates are in one group, with the number of turns.
-- If :unusual is 1, the runs that `spent_as_usual` adds up are left out.
-- A turn is identified by the row that began it or, if there is none, by its place. The tools of a
-- deleted or failed turn are not known: another turn may have its place.
WITH rate AS MATERIALIZED (
    SELECT CAST({element: value; 0} AS BIGINT) AS number, {element: value; 1} AS for_model,
           {element: value; 2} AS for_base_url, {element: value; 3} AS since, {element: value; 4} AS until,
           {element: value; 5} AS clock_since, {element: value; 6} AS clock_until,
           CAST({element: value; 7} AS BIGINT) AS above, CAST({element: value; 8} AS BIGINT) AS up_to
    FROM {list: :rates}
), tool AS MATERIALIZED (
    SELECT DISTINCT session_id, branch_id, user_turn_number, tool_name FROM message_structure
    WHERE :by_tool = 1 AND tool_name IS NOT NULL AND {session_or_all: session_id}
)
SELECT CASE WHEN :by_session = 1 THEN r.session_id END AS of_session,
       CASE WHEN :by_branch = 1 THEN r.branch_id END AS of_branch,
       CASE WHEN :by_turn = 1 THEN r.user_turn_number END AS of_turn,
       CASE WHEN :by_agent = 1 THEN r.agent END AS of_agent,
       CASE WHEN :by_source = 1 THEN ({source_of_run}) END AS of_source,
       tool.tool_name AS of_tool,
       CASE :period
           WHEN 'day' THEN {local_day: coalesce(r.started_at, r.created_at)}
           WHEN 'week' THEN {local_week: coalesce(r.started_at, r.created_at)}
           WHEN 'month' THEN {local_month: coalesce(r.started_at, r.created_at)}
       END AS of_period,
       r.status,
       CASE WHEN :by_model = 1 OR :priced = 1 THEN r.model END AS of_model,
       CASE WHEN :priced = 1 THEN r.base_url END AS of_base_url,
       rate.number AS of_rate,
       CASE WHEN r.anchor IS NOT NULL AND there.id IS NULL THEN 1 ELSE 0 END
           + CASE WHEN :priced = 1 AND r.estimated <> 0 THEN 2 ELSE 0 END
           + CASE WHEN :priced = 1 AND r.total_tokens = 0 AND r.requests > 0 THEN 4 ELSE 0 END AS marks,
       CASE
           WHEN :priced = 1 AND (
               rate.above >= 0 AND r.requests > 1
               OR r.input_tokens < r.cached_tokens + coalesce(r.cache_write_tokens, 0)
                   + coalesce(r.audio_input_tokens, 0)
               OR r.output_tokens < r.reasoning_tokens + coalesce(r.audio_output_tokens, 0)
               OR r.cache_write_tokens < r.cache_write_1h_tokens
               OR r.audio_input_tokens > 0 AND r.cached_tokens > 0
           ) THEN r.id
       END AS apart,
       min(r.id) AS first_run,
       count(DISTINCT r.anchor) + count(DISTINCT CASE
           WHEN r.anchor IS NULL
           THEN r.session_id || ' ' || r.branch_id || ' ' || r.user_turn_number
       END) AS turns,
       count(*) AS runs, max(r.estimated) AS estimated,
       sum(r.requests) AS requests, sum(r.input_tokens) AS input_tokens,
       sum(r.cached_tokens) AS cached_tokens, sum(r.output_tokens) AS output_tokens,
       sum(r.reasoning_tokens) AS reasoning_tokens, sum(r.total_tokens) AS total_tokens,
       sum(r.cache_write_tokens), sum(r.cache_write_1h_tokens), sum(r.audio_input_tokens),
       sum(r.audio_output_tokens),
       sum(r.recorded_cost), count(r.recorded_cost),
       sum(CASE WHEN r.duration_s > 0 THEN r.duration_s END),
       sum(CASE WHEN r.duration_s > 0 THEN r.output_tokens END),
       sum(r.first_token_s), count(r.first_token_s)
FROM convo_runs AS r
LEFT JOIN message_structure AS there ON there.id = r.anchor
LEFT JOIN tool
    ON there.id IS NOT NULL AND tool.session_id = r.session_id AND tool.branch_id = r.branch_id
    AND tool.user_turn_number = r.user_turn_number
LEFT JOIN rate
    ON rate.for_model = r.model AND rate.for_base_url IS NOT DISTINCT FROM r.base_url
    AND {utc: coalesce(r.started_at, r.created_at)} >= rate.since
    AND {utc: coalesce(r.started_at, r.created_at)} < rate.until
    AND {clock: coalesce(r.started_at, r.created_at)} >= rate.clock_since
    AND {clock: coalesce(r.started_at, r.created_at)} < rate.clock_until
    AND coalesce(r.longest_request, r.input_tokens) > rate.above
    AND coalesce(r.longest_request, r.input_tokens) <= rate.up_to
WHERE {session_or_all: r.session_id} AND (CAST(:branch_id AS TEXT) IS NULL OR r.branch_id = :branch_id)
  AND (CAST(:since AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} >= :since)
  AND (CAST(:until AS TEXT) IS NULL OR {utc: coalesce(r.started_at, r.created_at)} < :until)
  AND (:unusual = 0 OR ({is_usual}) IS NOT TRUE)
GROUP BY of_session, of_branch, of_turn, of_agent, of_source, of_tool, of_period, r.status,
         of_model, of_base_url, of_rate, marks, apart;

-- name: foreign_by_group
-- The same for usage that only the SDK stored, whose model and agent are not known.
SELECT CASE WHEN :by_session = 1 THEN r.session_id END AS of_session,
       CASE WHEN :by_branch = 1 THEN r.branch_id END AS of_branch,
       CASE WHEN :by_turn = 1 THEN r.user_turn_number END AS of_turn,
       NULL,
       CASE WHEN :by_source = 1 THEN ({source_of_run}) END AS of_source,
       tool.tool_name AS of_tool,
       CASE :period
           WHEN 'day' THEN {local_day: r.created_at}
           WHEN 'week' THEN {local_week: r.created_at}
           WHEN 'month' THEN {local_month: r.created_at}
       END AS of_period,
       'completed', NULL, NULL, NULL, 0, NULL, NULL, count(DISTINCT r.turn_usage_id), count(*), 0,
       sum(r.requests), sum(r.input_tokens), sum(r.cached_tokens), sum(r.output_tokens),
       sum(r.reasoning_tokens), sum(r.total_tokens),
       sum({detail: r.input_details; 'cache_write_tokens'}), 0, 0, 0, NULL, 0, NULL, NULL, NULL, 0
FROM ({foreign_usage}) AS r
LEFT JOIN (
    SELECT DISTINCT session_id, branch_id, user_turn_number, tool_name FROM message_structure
    WHERE :by_tool = 1 AND tool_name IS NOT NULL AND {session_or_all: session_id}
) AS tool
    ON tool.session_id = r.session_id AND tool.branch_id = r.branch_id
    AND tool.user_turn_number = r.user_turn_number
WHERE {session_or_all: r.session_id} AND (CAST(:branch_id AS TEXT) IS NULL OR r.branch_id = :branch_id)
  AND (CAST(:since AS TEXT) IS NULL OR {utc: r.created_at} >= :since)
  AND (CAST(:until AS TEXT) IS NULL OR {utc: r.created_at} < :until)
GROUP BY of_session, of_branch, of_turn, of_source, of_tool, of_period
ORDER BY CASE WHEN :by_branch = 1 THEN r.branch_id END <> 'main', of_branch;

-- name: has_foreign
-- Whether there is usage that only the SDK stored. Both indexes have the rows in this order.
SELECT 1 FROM (
    SELECT session_id, branch_id, user_turn_number, id FROM turn_usage
    WHERE {session_or_all: session_id}
    EXCEPT
    SELECT session_id, branch_id, user_turn_number, turn_usage_id FROM convo_runs
    WHERE {session_or_all: session_id}
    ORDER BY 1, 2, 3, 4
    LIMIT 1
) AS foreign_row;

-- name: requests_of_runs
SELECT id, {utc: coalesce(started_at, created_at)}, {bytes: request_entries} FROM convo_runs
WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids});
