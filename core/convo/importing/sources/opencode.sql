-- The database of opencode. Messages and their parts are JSON; releases from the summer of 2026 on
-- write messages with their parts as one row of `session_message`.

-- name: sessions
SELECT * FROM session ORDER BY time_created, id;

-- name: messages
SELECT id, data FROM message WHERE session_id = :session ORDER BY time_created, id;

-- name: parts
SELECT data FROM part WHERE message_id = :message ORDER BY id;

-- name: whole_messages
SELECT id, type, data FROM session_message WHERE session_id = :session ORDER BY time_created, id;

-- name: first_message
SELECT data FROM message WHERE session_id = :session ORDER BY time_created, id LIMIT 1;

-- name: first_whole_message
SELECT data FROM session_message WHERE session_id = :session AND type = 'user'
ORDER BY time_created, id LIMIT 1;
