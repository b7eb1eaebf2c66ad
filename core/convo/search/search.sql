-- How far the full-text indexes go, and the messages to enter in them.

-- name: index_position
SELECT message_id, entries FROM convo_indexed
WHERE name = :index AND {is_integer: message_id} AND {is_integer: entries};

-- name: note_indexed
INSERT INTO convo_indexed (name, message_id, entries) VALUES (:index, :message_id, :entries)
ON CONFLICT (name) DO UPDATE SET message_id = excluded.message_id, entries = excluded.entries;

-- name: forget_indexed_above
UPDATE convo_indexed SET message_id = :message_id
WHERE name = :index AND message_id > :message_id;

-- name: newest_of_all
SELECT max(id) FROM {messages};

-- name: count_messages
SELECT count(*) FROM {messages};

-- name: end_of_batch
-- The newest message of the next batch, and the size of the batch.
SELECT max(id), count(*) FROM (
    SELECT id FROM {messages} WHERE id > :after ORDER BY id LIMIT :most
) AS batch;

-- name: count_messages_with_structure
SELECT count(DISTINCT message_id) FROM message_structure
WHERE message_id > :after AND message_id <= :last;

-- name: messages_to_index
-- Prompts, and with :answers the answers too. Long messages are not read: they are given as NULL.
SELECT m.id, CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END, 1
FROM {messages} AS m
WHERE m.id IN (
    SELECT s.message_id FROM message_structure AS s
    WHERE s.message_id > :after AND s.message_id <= :last
      AND (s.message_type = 'user' OR :answers AND s.message_type = 'assistant')
)
ORDER BY m.id;

-- name: messages_that_may_be_indexed
-- As `messages_to_index`, with the messages without structure, whose kind is not known yet: the last
-- column is NULL for them.
SELECT id, CASE WHEN length(message_data) <= :long THEN {bytes: message_data} END, is_wanted
FROM (
    SELECT m.id, m.message_data, (
        SELECT max(CASE
            WHEN s.message_type = 'user' OR :answers AND s.message_type = 'assistant' THEN 1 ELSE 0
        END)
        FROM message_structure AS s
        WHERE s.message_id = m.id
    ) AS is_wanted
    FROM {messages} AS m
    WHERE m.id > :after AND m.id <= :last
) AS m
WHERE is_wanted IS DISTINCT FROM 0
ORDER BY id;

-- name: messages_of_branch_after
-- The `+` signs keep SQLite from scanning the whole branch.
SELECT message_id FROM message_structure
WHERE message_id > :after
  AND {unindexed: session_id} = :session_id AND {unindexed: branch_id} = :branch_id AND {unindexed: message_type} = 'user';

-- name: messages_said
SELECT m.id, CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END
FROM {messages} AS m
WHERE EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.message_id = m.id AND s.message_type IN ('user', 'assistant')
      AND (CAST(:session_id AS TEXT) IS NULL OR s.session_id = :session_id)
      AND (CAST(:branch_id AS TEXT) IS NULL OR s.branch_id = :branch_id)
      AND (CAST(:source AS TEXT) IS NULL OR EXISTS (
          SELECT 1 FROM convo_sessions AS origin
          WHERE origin.session_id = s.session_id AND origin.source = :source
      ))
)
ORDER BY m.id;

-- name: forget_index
DELETE FROM convo_indexed WHERE name = :index;
