-- What a shell completes: the names of a server, each with a word about it.

-- name: glance_server_sessions
-- Those with this beginning that were written to last; with :anywhere, with this somewhere in them.
SELECT session_id, to_char(updated_at, 'YYYY-MM-DD') FROM {sessions}
WHERE {is_session: session_id} AND length(session_id) BETWEEN 1 AND :longest AND (
    starts_with(session_id, :begun)
    OR (:anywhere AND strpos(lower(session_id), lower(:begun)) > 0)
)
ORDER BY updated_at DESC, session_id
LIMIT :most;

-- name: glance_server_turns
-- Those of a branch whose numbers begin with some digits, the newest first, with their questions.
SELECT
    s.user_turn_number,
    CASE WHEN length(m.message_data) <= :longest THEN m.message_data ELSE '' END
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
  AND starts_with(CAST(s.user_turn_number AS TEXT), :digits)
ORDER BY s.user_turn_number DESC
LIMIT :most;

-- name: glance_server_tags
-- The tags of a session with their turns, which may lie on several branches.
SELECT t.tag, s.branch_id, s.user_turn_number
FROM convo_tags AS t
JOIN message_structure AS s ON s.message_id = t.message_id AND s.session_id = t.session_id
WHERE t.session_id = :session_id AND s.message_type = 'user'
  AND length(t.tag) BETWEEN 1 AND :longest
ORDER BY t.tag, s.id
LIMIT 1000;
