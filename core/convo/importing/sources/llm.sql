-- The logs of `llm`: messages that are known by what they say and follow, and threads that point at
-- them. Releases before 0.32 wrote `responses` instead, which stay as they were.

-- name: threads
SELECT id, name, tip_message_hash, forked_from, datetime_utc FROM threads ORDER BY id;

-- name: message
SELECT parent_hash, role FROM messages WHERE hash = :hash;

-- name: parts
SELECT id, type, text, payload FROM parts WHERE message_hash = :hash ORDER BY position, id;

-- name: attachments_of_part
SELECT a.* FROM part_attachments AS p JOIN attachments AS a ON a.id = p.attachment_id
WHERE p.part_id = :id ORDER BY p."order";

-- name: fragment
SELECT content FROM fragments WHERE id = :id;

-- name: requests
SELECT * FROM turns WHERE thread_id = :id ORDER BY id;

-- name: conversations
SELECT id, name FROM conversations ORDER BY id;

-- name: responses
SELECT * FROM responses WHERE conversation_id = :id ORDER BY id;

-- name: attachments_of_response
SELECT a.* FROM prompt_attachments AS p JOIN attachments AS a ON a.id = p.attachment_id
WHERE p.response_id = :id ORDER BY p."order";

-- name: prompt_fragments
SELECT f.content FROM prompt_fragments AS p JOIN fragments AS f ON f.id = p.fragment_id
WHERE p.response_id = :id ORDER BY p."order";

-- name: system_fragments
SELECT f.content FROM system_fragments AS p JOIN fragments AS f ON f.id = p.fragment_id
WHERE p.response_id = :id ORDER BY p."order";

-- name: tool_calls
SELECT * FROM tool_calls WHERE response_id = :id ORDER BY id;

-- name: tool_results
SELECT * FROM tool_results WHERE response_id = :id ORDER BY id;
