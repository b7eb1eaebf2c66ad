-- The databases of the Agents SDK. {messages} is a table of messages, and {sessions} one of sessions.

-- name: owners
-- The tables that a table refers to, by its column.
SELECT "from" AS own, "table" AS other FROM pragma_foreign_key_list(:table);

-- name: sessions
SELECT session_id, created_at FROM {sessions} ORDER BY created_at, session_id;

-- name: messages
SELECT id, message_data, created_at FROM {messages} WHERE session_id = :session_id ORDER BY id;

-- name: structure
SELECT branch_id, message_id, user_turn_number FROM message_structure
WHERE session_id = :session_id ORDER BY branch_id <> 'main', branch_id, sequence_number;

-- name: usage
SELECT branch_id, user_turn_number, requests, input_tokens, output_tokens, input_tokens_details,
    output_tokens_details
FROM turn_usage WHERE session_id = :session_id;
