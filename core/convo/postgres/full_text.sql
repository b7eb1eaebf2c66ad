-- Searching the text of messages.

-- name: prompts_that_may_say
-- The prompts of a branch, with NULL for long ones, and without those in ASCII that do not contain
-- a text. JSON with escapes may spell it otherwise.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END,
       s.branch_turn_number, m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
  AND (
      m.message_data ILIKE :pattern ESCAPE '\'
      OR strpos(m.message_data, '\u') > 0 AND (
          m.message_data ILIKE :other_1 ESCAPE ''
          OR m.message_data ILIKE :other_2 ESCAPE ''
          OR m.message_data ILIKE :other_3 ESCAPE ''
          OR m.message_data ILIKE :other_4 ESCAPE ''
          OR m.message_data ILIKE :other_5 ESCAPE ''
      )
      OR length(m.message_data) < octet_length(m.message_data)
  )
ORDER BY s.user_turn_number, s.sequence_number;

-- name: user_messages_among
-- The prompts among the messages in a JSON list, with NULL for long ones. The server expects a long
-- list, for which it would read both tables whole: a LIMIT has it look each message up.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END,
       s.branch_turn_number, m.created_at
FROM {list: :message_ids} AS found
CROSS JOIN LATERAL (
    SELECT one.message_id, one.user_turn_number, one.branch_turn_number, one.sequence_number
    FROM message_structure AS one
    WHERE one.message_id = CAST(found.value AS BIGINT) AND one.session_id = :session_id
      AND one.branch_id = :branch_id AND one.message_type = 'user'
    LIMIT 1
) AS s
CROSS JOIN LATERAL (
    SELECT message_data, created_at FROM {messages} WHERE id = s.message_id LIMIT 1
) AS m
ORDER BY s.user_turn_number, s.sequence_number;

-- name: found_messages
-- Each message of a JSON list once, in its order: on the current branch of its session if it is
-- there, else on the branch that had it first.
-- Each is looked up, too.
SELECT m.id, s.session_id, s.branch_id, s.user_turn_number, s.message_type,
       CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END,
       m.created_at
FROM {list: :message_ids} WITH ORDINALITY AS found (value, place)
CROSS JOIN LATERAL (
    SELECT one.session_id, one.branch_id, one.user_turn_number, one.message_type
    FROM message_structure AS one
    WHERE one.message_id = CAST(found.value AS BIGINT)
      AND (CAST(:session_id AS TEXT) IS NULL OR one.session_id = :session_id)
      AND (CAST(:branch_id AS TEXT) IS NULL OR one.branch_id = :branch_id)
      AND (CAST(:source AS TEXT) IS NULL OR EXISTS (
          SELECT 1 FROM convo_sessions AS origin
          WHERE origin.session_id = one.session_id AND origin.source = :source
      ))
    ORDER BY (
        one.branch_id = coalesce(
            (
                SELECT head.branch_id FROM convo_heads AS head
                WHERE head.person = :person AND head.session_id = one.session_id
            ),
            (SELECT c.branch_id FROM convo_sessions AS c WHERE c.session_id = one.session_id)
        )
    ) IS NOT TRUE, one.id
    LIMIT 1
) AS s
CROSS JOIN LATERAL (
    SELECT id, message_data, created_at FROM {messages}
    WHERE id = CAST(found.value AS BIGINT)
    LIMIT 1
) AS m
ORDER BY found.place;

-- name: quick_check
-- The server looks after its files itself.
SELECT 'ok';

-- name: create_convo_words
-- The words of prompts and answers, with their positions.
CREATE TABLE IF NOT EXISTS convo_words (
    message_id BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);

-- name: index_words
CREATE INDEX IF NOT EXISTS convo_words_of_messages ON convo_words USING gin (words);

-- name: create_convo_indexed_sessions
-- The message of a session up to which all are in an index. Only within a session are ids in the
-- order in which messages become visible.
CREATE TABLE IF NOT EXISTS convo_indexed_sessions (
    name TEXT NOT NULL,
    session_id TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    PRIMARY KEY (name, session_id)
);

-- name: sessions_behind_index
-- Each with the last message that is in the index, and the newest one.
SELECT s.session_id, coalesce(noted.message_id, 0), newest.id
FROM {sessions} AS s
CROSS JOIN LATERAL (
    SELECT m.id FROM {messages} AS m WHERE m.session_id = s.session_id ORDER BY m.id DESC LIMIT 1
) AS newest
LEFT JOIN convo_indexed_sessions AS noted
    ON noted.name = :index AND noted.session_id = s.session_id
WHERE {session_or_all: s.session_id} AND newest.id > coalesce(noted.message_id, 0)
ORDER BY newest.id
LIMIT :most;

-- name: messages_behind_index
-- How many messages are not in the index, and how many there are.
SELECT count(*) FILTER (WHERE m.id > coalesce(noted.message_id, 0)), count(*)
FROM {messages} AS m
LEFT JOIN convo_indexed_sessions AS noted
    ON noted.name = :index AND noted.session_id = m.session_id;

-- name: messages_of_session_to_index
-- Prompts and answers. Long messages are not read: they are given as NULL.
SELECT m.id, CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END
FROM {messages} AS m
WHERE m.session_id = :session_id AND m.id > :after AND m.id <= :last AND EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.message_id = m.id AND s.message_type IN ('user', 'assistant')
)
ORDER BY m.id
LIMIT :most;

-- name: enter_words
INSERT INTO convo_words (message_id, words)
SELECT entry.message_id, CAST(entry.words AS TSVECTOR)
FROM (VALUES (:message_id, :words)) AS entry (message_id, words)
ON CONFLICT DO NOTHING
RETURNING message_id;

-- name: note_session_indexed
INSERT INTO convo_indexed_sessions (name, session_id, message_id)
VALUES (:index, :session_id, :message_id)
ON CONFLICT (name, session_id) DO UPDATE SET message_id = excluded.message_id;

-- name: forget_sessions_indexed_above
UPDATE convo_indexed_sessions SET message_id = :message_id
WHERE name = :index AND message_id > :message_id;

-- name: forget_indexed_sessions
DELETE FROM convo_indexed_sessions WHERE name = :index;

-- name: forget_every_position
DELETE FROM convo_indexed_sessions;

-- name: drop_words_of_deleted
-- A role that row level security keeps from some messages cannot tell which have been deleted.
DELETE FROM convo_words AS w
WHERE (SELECT row_security_active(m.tableoid) FROM {messages} AS m LIMIT 1) IS FALSE
  AND NOT EXISTS (SELECT 1 FROM {messages} AS m WHERE m.id = w.message_id);

-- name: drop_words
DELETE FROM convo_words;

-- name: messages_matching
-- The best first, of equals the newest; without messages that are on no branch any more.
SELECT w.message_id FROM convo_words AS w
WHERE w.words @@ CAST(:query AS TSQUERY) AND EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.message_id = w.message_id
      AND (:session_id IS NULL OR s.session_id = :session_id)
      AND (:branch_id IS NULL OR s.branch_id = :branch_id)
      AND (:source IS NULL OR EXISTS (
          SELECT 1 FROM convo_sessions AS origin
          WHERE origin.session_id = s.session_id AND origin.source = :source
      ))
)
ORDER BY ts_rank(w.words, CAST(:query AS TSQUERY), 1) DESC, w.message_id DESC
LIMIT :most;
