-- Rows that the SDK's plain session wrote: messages without structure, on no branch yet.

-- name: adoption_state
-- The newest message, and up to which every one is known to have its structure; 0 for none.
SELECT
    coalesce((SELECT max(id) FROM {messages} WHERE session_id = :session_id), 0),
    coalesce((
        SELECT message_id FROM convo_adopted
        WHERE session_id = :session_id AND typeof(message_id) = 'integer'
    ), 0);

-- name: forget_every_adoption
DELETE FROM convo_adopted;

-- name: note_adopted
INSERT INTO convo_adopted (session_id, message_id) VALUES (:session_id, :message_id)
ON CONFLICT (session_id) DO UPDATE SET message_id = :message_id;

-- name: plain_messages
SELECT id, CAST(message_data AS BLOB), created_at
FROM {messages} AS m
WHERE session_id = :session_id AND id > :adopted_up_to
  AND NOT EXISTS (SELECT 1 FROM message_structure AS s WHERE s.message_id = m.id)
ORDER BY id;

-- name: main_has_later_message
-- The signs keep SQLite from walking through the whole branch for each message.
SELECT 1 FROM {messages} AS m
WHERE m.session_id = :session_id AND m.id > :message_id AND EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.message_id = m.id AND +s.session_id = :session_id AND +s.branch_id = 'main'
)
LIMIT 1;

-- name: adopt_message
INSERT INTO message_structure (
    session_id, message_id, branch_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name, created_at
) VALUES (
    :session_id, :message_id, 'main', :message_type, :sequence_number,
    :turn, :turn, :tool_name, :created_at
);

-- name: sessions_with_news
-- Those with messages that nobody has looked at since they were written.
SELECT session_id FROM {sessions} AS s
WHERE (SELECT max(id) FROM {messages} AS m WHERE m.session_id = s.session_id)
    > coalesce((SELECT message_id FROM convo_adopted AS a WHERE a.session_id = s.session_id), 0);
