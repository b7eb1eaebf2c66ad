-- The turns of a branch: what was asked, which items followed, which tools were called.

-- name: user_messages
-- The time is that of the message: a turn that a branch shares was said when it was said.
SELECT s.message_id, CAST(m.message_data AS BLOB), s.branch_turn_number, m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: turn_items
SELECT user_turn_number, message_type, tool_name
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
ORDER BY sequence_number;

-- name: turn_range
-- Looked for from both ends, by the index on the turn.
SELECT
    (
        SELECT user_turn_number FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
          AND typeof(user_turn_number) = 'integer'
        ORDER BY user_turn_number LIMIT 1
    ),
    (
        SELECT user_turn_number FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
          AND typeof(user_turn_number) = 'integer'
        ORDER BY user_turn_number DESC LIMIT 1
    );

-- name: tool_usage
-- Calls, and those results of a tool search whose call is not there; other results are no calls.
SELECT coalesce(tool_name, message_type) AS tool, count(*), user_turn_number
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
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
GROUP BY tool, user_turn_number
ORDER BY user_turn_number, tool;

-- name: runs_by_anchor
-- What the runs of a branch's turns cost, by the message that began the turn, so that a turn is
-- recognised on every branch that shares it.
SELECT
    s.message_id,
    CASE WHEN count(DISTINCT r.model) = 1 THEN max(r.model) END,
    max(r.estimated), sum(r.requests), sum(r.input_tokens), sum(r.cached_tokens),
    sum(r.output_tokens), sum(r.reasoning_tokens), sum(r.total_tokens)
FROM convo_runs AS r
JOIN message_structure AS s ON s.id = r.anchor
WHERE r.session_id = :session_id
GROUP BY s.message_id;
