-- Full-text indexes of what was said. They are made, and caught up, when somebody searches.

-- name: create_convo_indexed
-- Up to which message each index goes, and how many entries it has got by then.
CREATE TABLE IF NOT EXISTS convo_indexed (
    name TEXT PRIMARY KEY,
    message_id INTEGER NOT NULL,
    entries INTEGER NOT NULL
) WITHOUT ROWID;

-- name: create_convo_prompts
-- Which prompts have three characters in a row. It keeps neither texts nor positions: the rows
-- that it names are read anyway, to see whether they say what was looked for.
CREATE VIRTUAL TABLE IF NOT EXISTS convo_prompts USING fts5 (
    text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);

-- name: enter_prompt
INSERT INTO convo_prompts (rowid, text) VALUES (:message_id, :text);

-- name: create_convo_words
-- Which words are where in prompts and answers. What is entered is taken apart into words before;
-- the tokenizer has to know nothing but spaces and ASCII's signs.
CREATE VIRTUAL TABLE IF NOT EXISTS convo_words USING fts5 (
    text, content = '', tokenize = 'ascii'
);

-- name: enter_words
INSERT INTO convo_words (rowid, text) VALUES (:message_id, :text);

-- name: index_position
SELECT message_id, entries FROM convo_indexed
WHERE name = :index AND typeof(message_id) = 'integer' AND typeof(entries) = 'integer';

-- name: note_indexed
INSERT OR REPLACE INTO convo_indexed (name, message_id, entries)
VALUES (:index, :message_id, :entries);

-- name: forget_indexed_above
UPDATE convo_indexed SET message_id = min(message_id, :message_id);

-- name: newest_of_all
SELECT max(id) FROM {messages};

-- name: count_messages
SELECT count(*) FROM {messages};

-- name: end_of_batch
SELECT max(id) FROM (
    SELECT id FROM {messages} WHERE id > :after ORDER BY id LIMIT :most
);

-- name: messages_to_index
-- Prompts, and with :answers what was answered. `is_wanted` is NULL for a message that has no
-- structure yet: it may be either. What is long is not read whole: NULL stands for it.
SELECT id, CASE WHEN length(message_data) <= :long THEN CAST(message_data AS BLOB) END, is_wanted
FROM (
    SELECT m.id, m.message_data, (
        SELECT max(s.message_type = 'user' OR :answers AND s.message_type = 'assistant')
        FROM message_structure AS s
        WHERE s.message_id = m.id
    ) AS is_wanted
    FROM {messages} AS m
    WHERE m.id > :after AND m.id <= :last
)
WHERE is_wanted IS NOT 0
ORDER BY id;

-- name: session_span
SELECT
    (SELECT min(id) FROM {messages} WHERE session_id = :session_id),
    (SELECT max(id) FROM {messages} WHERE session_id = :session_id);

-- name: prompts_matching
SELECT rowid FROM convo_prompts
WHERE convo_prompts MATCH :query AND rowid >= :first AND rowid <= :last
LIMIT :most;

-- name: messages_of_branch_after
-- The signs keep SQLite from walking through the whole branch.
SELECT message_id FROM message_structure
WHERE message_id > :after
  AND +session_id = :session_id AND +branch_id = :branch_id AND +message_type = 'user';

-- name: prompts_of_branch
-- As `user_messages`, with NULL for what is long.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN CAST(m.message_data AS BLOB) END,
       s.branch_turn_number, m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: user_messages_among
-- As `prompts_of_branch`, of the messages in a JSON list.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN CAST(m.message_data AS BLOB) END,
       s.branch_turn_number, m.created_at
FROM json_each(:message_ids) AS found
CROSS JOIN message_structure AS s ON s.message_id = found.value
JOIN {messages} AS m ON m.id = s.message_id
WHERE +s.session_id = :session_id AND +s.branch_id = :branch_id AND +s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: messages_matching
-- The best first, of equals the newest; none that nobody shows any more.
SELECT rowid FROM convo_words
WHERE convo_words MATCH :query AND EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.message_id = convo_words.rowid
      AND (:session_id IS NULL OR s.session_id = :session_id)
      AND (:branch_id IS NULL OR s.branch_id = :branch_id)
)
ORDER BY rank, rowid DESC
LIMIT :most;

-- name: messages_said
SELECT m.id, CASE WHEN length(m.message_data) <= :long THEN CAST(m.message_data AS BLOB) END
FROM {messages} AS m
WHERE EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.message_id = m.id AND s.message_type IN ('user', 'assistant')
      AND (:session_id IS NULL OR s.session_id = :session_id)
      AND (:branch_id IS NULL OR s.branch_id = :branch_id)
)
ORDER BY m.id;

-- name: found_messages
-- Each message of a JSON list once, where its session stands if it is shown there, else on the
-- branch that showed it first.
SELECT m.id, s.session_id, s.branch_id, s.user_turn_number, s.message_type,
       CASE WHEN length(m.message_data) <= :long THEN CAST(m.message_data AS BLOB) END,
       m.created_at
FROM json_each(:message_ids) AS found
CROSS JOIN message_structure AS s ON s.id = (
    SELECT one.id FROM message_structure AS one
    LEFT JOIN convo_sessions AS c
        ON c.session_id = one.session_id AND c.branch_id = one.branch_id
    WHERE one.message_id = found.value
      AND (:session_id IS NULL OR one.session_id = :session_id)
      AND (:branch_id IS NULL OR one.branch_id = :branch_id)
    ORDER BY c.session_id IS NULL, one.id
    LIMIT 1
)
JOIN {messages} AS m ON m.id = s.message_id
ORDER BY found.key;

-- name: drop_convo_prompts
DROP TABLE IF EXISTS convo_prompts;

-- name: let_schema_be_written
PRAGMA writable_schema = ON;

-- name: disown_table
-- What SQLite cannot even drop, because it is too damaged to be opened.
DELETE FROM sqlite_master WHERE type = 'table' AND name = :index;

-- name: read_schema_again
PRAGMA writable_schema = RESET;

-- name: drop_convo_prompts_data
DROP TABLE IF EXISTS convo_prompts_data;

-- name: drop_convo_prompts_idx
DROP TABLE IF EXISTS convo_prompts_idx;

-- name: drop_convo_prompts_config
DROP TABLE IF EXISTS convo_prompts_config;

-- name: text_of_object
SELECT sql FROM main.sqlite_master WHERE name = :object;

-- name: forget_index
DELETE FROM convo_indexed WHERE name = :index;

-- name: forget_every_index
DROP TABLE IF EXISTS convo_indexed;

-- name: drop_convo_words
DROP TABLE IF EXISTS convo_words;

-- name: drop_convo_words_data
DROP TABLE IF EXISTS convo_words_data;

-- name: drop_convo_words_idx
DROP TABLE IF EXISTS convo_words_idx;

-- name: drop_convo_words_docsize
DROP TABLE IF EXISTS convo_words_docsize;

-- name: drop_convo_words_config
DROP TABLE IF EXISTS convo_words_config;
