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
