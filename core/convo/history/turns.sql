-- The turns of a branch: their questions, items and tool calls.

-- name: landed_turns
-- The turns of a session that began after a message, on the branch where they were asked.
SELECT s.branch_id, s.user_turn_number, {bytes: m.message_data}
FROM {messages} AS m
JOIN message_structure AS s ON s.id = (
    SELECT min(shown.id) FROM message_structure AS shown
    WHERE shown.message_id = m.id AND shown.message_type = 'user'
)
WHERE m.session_id = :session_id AND m.id > :after
ORDER BY m.id
LIMIT :most;

-- name: user_messages
-- The time is that of the message, so that a shared turn keeps its time.
SELECT {bytes: m.message_data}, s.branch_turn_number, m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: ids_of_user_messages
-- Of the same rows.
SELECT s.message_id
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: turn_items
SELECT user_turn_number, message_type, tool_name
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
ORDER BY sequence_number;

-- name: tool_usage
-- Calls, and results of a tool search whose call is missing; other results do not count. Starts at
-- the row :first, which may be below all rows.
SELECT coalesce(tool_name, message_type) AS tool, count(*), user_turn_number
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND sequence_number >= :first
  AND (
      message_type IN (
          'tool_call', 'function_call', 'custom_tool_call', 'computer_call', 'file_search_call',
          'web_search_call', 'code_interpreter_call', 'image_generation_call', 'local_shell_call',
          'shell_call', 'apply_patch_call', 'tool_search_call', 'mcp_call', 'mcp_list_tools',
          'mcp_approval_request'
      )
      OR message_type = 'tool_search_output' AND (
          user_turn_number IN (
              SELECT call.user_turn_number FROM message_structure AS call
              WHERE call.session_id = :session_id AND call.branch_id = :branch_id
                AND call.message_type = 'tool_search_call'
          )
      ) IS NOT TRUE
  )
GROUP BY user_turn_number, tool
ORDER BY user_turn_number, tool;

-- name: last_run_of_turn
-- The agent that a turn ended with, the JSON Schema that its answer had to match, and how it was
-- asked, whichever branch that was on. SQLite is made to start with the question and the few rows
-- that refer to it.
SELECT r.last_agent, r.answer_schema, r.model, r.base_url, r.agent
FROM message_structure AS asked
{in_order} JOIN message_structure AS s
    ON s.message_id = asked.message_id AND {unindexed: s.session_id} = asked.session_id
{in_order} JOIN convo_runs AS r
    ON r.session_id = s.session_id AND r.branch_id = s.branch_id
   AND r.user_turn_number = s.user_turn_number AND r.anchor = s.id
WHERE asked.session_id = :session_id AND asked.branch_id = :branch_id
  AND asked.user_turn_number = :turn AND asked.message_type = 'user'
ORDER BY r.id DESC LIMIT 1;

-- name: mark_cut
-- Marks the last item of a branch as the end of an incomplete answer.
INSERT INTO convo_cut_answers (session_id, message_id, reason)
SELECT session_id, message_id, :reason FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
ORDER BY sequence_number DESC
LIMIT 1
ON CONFLICT (session_id, message_id) DO UPDATE SET reason = excluded.reason;

-- name: cut_turns
-- Turns whose last item is marked: the turn may have been continued since. SQLite is made to start
-- with the marks, of which there are few.
SELECT s.user_turn_number, cut.reason
FROM convo_cut_answers AS cut
{in_order} JOIN message_structure AS s ON s.message_id = cut.message_id
WHERE cut.session_id = :session_id
  AND {unindexed: s.session_id} = :session_id AND {unindexed: s.branch_id} = :branch_id
  AND (
      SELECT next.user_turn_number FROM message_structure AS next
      WHERE next.session_id = :session_id AND next.branch_id = :branch_id
        AND next.sequence_number > s.sequence_number
      ORDER BY next.sequence_number
      LIMIT 1
  ) IS DISTINCT FROM s.user_turn_number;

-- name: forget_cuts_of_session
DELETE FROM convo_cut_answers WHERE session_id = :session_id;

-- name: forget_every_cut
DELETE FROM convo_cut_answers;

-- A list of the newest turns of a branch takes three reads, joined in Python by message id and turn
-- number.

-- name: newest_questions
-- The newest first. The time is that of the message, so that a shared turn keeps its time.
SELECT s.message_id, {bytes: m.message_data},
       CAST(s.branch_turn_number AS BIGINT), m.created_at, CAST(s.sequence_number AS BIGINT)
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number DESC, s.sequence_number DESC
LIMIT :limit;

-- name: runs_since_message
-- The runs of turns that began with this message or a later one, on any branch, and the usage that
-- the SDK stored for such turns.
SELECT s.message_id, r.status, r.model, r.estimated, CAST(r.requests AS BIGINT),
       CAST(r.input_tokens AS BIGINT), CAST(r.cached_tokens AS BIGINT),
       CAST(r.output_tokens AS BIGINT), CAST(r.reasoning_tokens AS BIGINT),
       CAST(r.total_tokens AS BIGINT)
FROM convo_runs AS r
JOIN message_structure AS s ON s.id = r.anchor
WHERE r.session_id = :session_id AND s.message_id >= :message_id
UNION ALL
SELECT s.message_id, 'completed', NULL, 0, CAST(u.requests AS BIGINT), CAST(u.input_tokens AS BIGINT),
       CAST(u.cached_tokens AS BIGINT), CAST(u.output_tokens AS BIGINT),
       CAST(u.reasoning_tokens AS BIGINT), CAST(u.total_tokens AS BIGINT)
FROM ({foreign_usage}) AS u
JOIN message_structure AS s ON s.id = u.anchor
WHERE u.session_id = :session_id AND s.message_id >= :message_id;

-- Whole turns of a branch: only their messages are read, and none before them.

-- name: turns_of_branch
-- The turns of a branch, each with what tells it from others: its first and its last message, and
-- how many it has.
SELECT user_turn_number, min(message_id), max(message_id), count(*)
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number IS NOT NULL
GROUP BY user_turn_number
ORDER BY user_turn_number;

-- name: items_of_turns
SELECT s.message_id, {bytes: m.message_data}, s.user_turn_number, m.created_at
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
      -9223372036854775808
  )
ORDER BY s.sequence_number;

-- name: runs_of_turns
-- The usage of the turns, on any branch, stored by convo or the SDK, and the model: if there was
-- more than one, that of the completed runs. The `+` keeps SQLite from reading all rows of the
-- session for each turn: few rows refer to one message.
WITH shown AS (
    SELECT asked.user_turn_number AS turn, s.id, s.session_id, s.branch_id, s.user_turn_number
    FROM message_structure AS asked
    JOIN message_structure AS s
        ON s.message_id = asked.message_id AND {unindexed: s.session_id} = asked.session_id
    WHERE asked.session_id = :session_id AND asked.branch_id = :branch_id
      AND asked.user_turn_number BETWEEN :first AND :last AND asked.message_type = 'user'
), spent AS (
    SELECT shown.turn, r.model, r.status IN ('failed', 'interrupted') AS is_cut, r.estimated,
           r.requests, r.input_tokens, r.cached_tokens, r.output_tokens, r.reasoning_tokens,
           r.total_tokens
    FROM shown
    JOIN convo_runs AS r
        ON r.session_id = shown.session_id AND r.branch_id = shown.branch_id
       AND r.user_turn_number = shown.user_turn_number AND r.anchor = shown.id
    UNION ALL
    SELECT shown.turn, NULL, FALSE, 0, coalesce(u.requests, 0), coalesce(u.input_tokens, 0),
           {detail: u.input_tokens_details; 'cached_tokens'}, coalesce(u.output_tokens, 0),
           {detail: u.output_tokens_details; 'reasoning_tokens'}, coalesce(u.total_tokens, 0)
    FROM shown
    JOIN turn_usage AS u
        ON u.session_id = shown.session_id AND u.branch_id = shown.branch_id
       AND u.user_turn_number = shown.user_turn_number
    WHERE NOT EXISTS (
        SELECT 1 FROM convo_runs AS r
        WHERE r.session_id = u.session_id AND r.branch_id = u.branch_id
          AND r.user_turn_number = u.user_turn_number AND r.turn_usage_id = u.id
    ) AND shown.id = (
        SELECT min(s.id) FROM message_structure AS s
        WHERE s.session_id = u.session_id AND s.branch_id = u.branch_id
          AND s.user_turn_number = u.user_turn_number AND s.message_type = 'user'
    )
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
