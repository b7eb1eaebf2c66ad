-- How the branches of a session hang together.

-- name: turns_backwards
-- From the last turn on: who meets a turn that is known need not read what lies before it.
SELECT message_id, CAST(coalesce(user_turn_number, 0) AS INTEGER)
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
ORDER BY user_turn_number DESC, sequence_number DESC;
