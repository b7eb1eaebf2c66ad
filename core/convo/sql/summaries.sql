-- A list of the turns of a branch, as far back as is wanted: three reads that are put together by
-- the ids of messages and the numbers of turns.

-- name: newest_questions
-- The newest first. The time is that of the message: a turn that a branch shares was said when it
-- was said.
SELECT s.message_id, CAST(m.message_data AS BLOB),
       CAST(s.branch_turn_number AS INTEGER), m.created_at, CAST(s.sequence_number AS INTEGER)
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number DESC, s.sequence_number DESC
LIMIT :limit;

-- name: runs_since_message
-- The runs of turns that were begun by a message of that id or a later one, on whatever branch, and
-- what the SDK stored for such turns.
SELECT s.message_id, r.status, r.model, r.estimated, CAST(r.requests AS INTEGER),
       CAST(r.input_tokens AS INTEGER), CAST(r.cached_tokens AS INTEGER),
       CAST(r.output_tokens AS INTEGER), CAST(r.reasoning_tokens AS INTEGER),
       CAST(r.total_tokens AS INTEGER)
FROM convo_runs AS r
JOIN message_structure AS s ON s.id = r.anchor
WHERE r.session_id = :session_id AND s.message_id >= :message_id
UNION ALL
SELECT s.message_id, 'completed', NULL, 0, CAST(u.requests AS INTEGER), CAST(u.input_tokens AS INTEGER),
       CAST(u.cached_tokens AS INTEGER), CAST(u.output_tokens AS INTEGER),
       CAST(u.reasoning_tokens AS INTEGER), CAST(u.total_tokens AS INTEGER)
FROM ({foreign_usage}) AS u
JOIN message_structure AS s ON s.id = u.anchor
WHERE u.session_id = :session_id AND s.message_id >= :message_id;
