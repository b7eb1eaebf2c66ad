-- The full-text indexes in SQLite. A search creates them and catches them up.

-- name: create_convo_indexed
-- The last message in each index, and the number of its entries.
CREATE TABLE IF NOT EXISTS convo_indexed (
    name TEXT PRIMARY KEY,
    message_id INTEGER NOT NULL,
    entries INTEGER NOT NULL
) WITHOUT ROWID;

-- name: create_convo_prompts
-- The prompts with each trigram. It stores neither texts nor positions: the rows that it returns
-- are read anyway, to check whether they contain the search term.
CREATE VIRTUAL TABLE IF NOT EXISTS convo_prompts USING fts5 (
    text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);

-- name: merge_prompts_later
-- Merges sixteen parts of the index at a time: building takes half the time, queries no longer.
INSERT INTO convo_prompts (convo_prompts, rank) VALUES ('automerge', 16);

-- name: gather_prompts
-- Bytes of the index that are collected in memory before they are written as a part.
INSERT INTO convo_prompts (convo_prompts, rank) VALUES ('hashsize', 8388608);

-- name: enter_prompt
INSERT INTO convo_prompts (rowid, text) VALUES (:message_id, :text);

-- name: create_convo_words
-- The words of prompts and answers, with their positions. Texts are split into words before they
-- are entered; the tokenizer only needs to know spaces and ASCII punctuation.
CREATE VIRTUAL TABLE IF NOT EXISTS convo_words USING fts5 (
    text, content = '', tokenize = 'ascii'
);

-- name: merge_words_later
INSERT INTO convo_words (convo_words, rank) VALUES ('automerge', 16);

-- name: gather_words
INSERT INTO convo_words (convo_words, rank) VALUES ('hashsize', 8388608);

-- name: enter_words
INSERT INTO convo_words (rowid, text) VALUES (:message_id, :text);

-- name: prompts_matching
-- Of one session; the caller filters by branch.
SELECT rowid FROM convo_prompts
WHERE convo_prompts MATCH :query
  AND rowid >= (SELECT min(m.id) FROM {messages} AS m WHERE m.session_id = :session_id)
  AND rowid <= (SELECT max(m.id) FROM {messages} AS m WHERE m.session_id = :session_id)
LIMIT :most;

-- name: prompts_that_may_say
-- The prompts of a branch, with NULL for long ones, and without those in ASCII that do not contain
-- a text. JSON with escapes may spell it otherwise: "Straße" contains "STRASSE". Any other text
-- needs more than a comparison, and some builds of SQLite find nothing in BLOBs. The casts keep
-- SQLite from preparing the statement again for each pattern, in the hope of an index: that takes
-- longer than to read ten prompts.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN CAST(m.message_data AS BLOB) END,
       s.branch_turn_number, m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
  AND (
      m.message_data LIKE CAST(:pattern AS TEXT) ESCAPE '\'
      OR :other_1 IS NOT NULL AND m.message_data LIKE '%\u%' AND (
          m.message_data LIKE CAST(:other_1 AS TEXT)
          OR :other_2 IS NOT NULL AND m.message_data LIKE CAST(:other_2 AS TEXT)
          OR :other_3 IS NOT NULL AND m.message_data LIKE CAST(:other_3 AS TEXT)
          OR :other_4 IS NOT NULL AND m.message_data LIKE CAST(:other_4 AS TEXT)
          OR :other_5 IS NOT NULL AND m.message_data LIKE CAST(:other_5 AS TEXT)
      )
      OR typeof(m.message_data) <> 'text'
      OR length(m.message_data) < length(CAST(m.message_data AS BLOB))
  )
ORDER BY s.user_turn_number, s.sequence_number;

-- name: user_messages_among
-- The prompts among the messages in a JSON list, with NULL for long ones.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN CAST(m.message_data AS BLOB) END,
       s.branch_turn_number, m.created_at
FROM json_each(:message_ids) AS found
CROSS JOIN message_structure AS s ON s.message_id = found.value
JOIN {messages} AS m ON m.id = s.message_id
WHERE +s.session_id = :session_id AND +s.branch_id = :branch_id AND +s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: messages_matching
-- The best first, of equals the newest; without messages that are on no branch any more.
SELECT rowid FROM convo_words
WHERE convo_words MATCH :query AND EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.message_id = convo_words.rowid
      AND (:session_id IS NULL OR s.session_id = :session_id)
      AND (:branch_id IS NULL OR s.branch_id = :branch_id)
      AND (:source IS NULL OR EXISTS (
          SELECT 1 FROM convo_sessions AS origin
          WHERE origin.session_id = s.session_id AND origin.source = :source
      ))
)
ORDER BY rank, rowid DESC
LIMIT :most;

-- name: found_messages
-- Each message of a JSON list once: on the current branch of its session if it is there, else on
-- the branch that had it first.
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
      AND (:source IS NULL OR EXISTS (
          SELECT 1 FROM convo_sessions AS origin
          WHERE origin.session_id = one.session_id AND origin.source = :source
      ))
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
-- For a table that is too damaged to be opened, which SQLite cannot even drop.
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
