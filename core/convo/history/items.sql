-- Appending, reading and popping the items of a branch.

-- name: generation
SELECT generation FROM session_clear_generations WHERE session_id = :session_id;

-- name: ensure_generation
INSERT INTO session_clear_generations (session_id, generation) VALUES (:session_id, 0)
ON CONFLICT DO NOTHING;

-- name: bump_generation
INSERT INTO session_clear_generations (session_id, generation) VALUES (:session_id, 1)
ON CONFLICT (session_id) DO UPDATE SET
    generation = session_clear_generations.generation + 1
RETURNING generation;

-- name: ensure_session
INSERT INTO {sessions} (session_id) VALUES (:session_id)
ON CONFLICT DO NOTHING;

-- name: touch_session
-- Creates the session if it does not exist.
INSERT INTO {sessions} (session_id) VALUES (:session_id)
ON CONFLICT (session_id) DO UPDATE SET updated_at = {now};

-- name: append_message
INSERT INTO {messages} (session_id, message_data) VALUES (:session_id, :message_data)
RETURNING id;

-- name: append_structure
INSERT INTO message_structure (
    session_id, message_id, branch_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name
) VALUES (
    :session_id, :message_id, :branch_id, :message_type, :sequence_number,
    :turn, :turn, :tool_name
)
RETURNING id;

-- name: append_message_at
-- An imported message keeps its time.
INSERT INTO {messages} (session_id, message_data, created_at)
VALUES (:session_id, :message_data, :created_at)
RETURNING id;

-- name: append_structure_at
INSERT INTO message_structure (
    session_id, message_id, branch_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name, created_at
) VALUES (
    :session_id, :message_id, :branch_id, :message_type, :sequence_number,
    :turn, :turn, :tool_name, :created_at
)
RETURNING id;

-- name: turn_anchor
-- The row that began a turn. Its id is never reused.
SELECT coalesce(
    (
        SELECT min(id) FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
          AND message_type = 'user'
    ),
    (
        SELECT min(id) FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
    )
);

-- name: all_items
SELECT {bytes: m.message_data}
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id
ORDER BY s.sequence_number;

-- name: ids_of_all_items
-- Of the same rows.
SELECT s.message_id
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id
ORDER BY s.sequence_number;

-- name: items_before_turn
SELECT s.message_id, {bytes: m.message_data}
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.user_turn_number < :turn
ORDER BY s.sequence_number;

-- name: newest_turn
-- The last turn, or the one that is followed by :newer turns.
SELECT user_turn_number FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
  AND {is_integer: user_turn_number}
ORDER BY user_turn_number DESC
LIMIT 1 OFFSET :newer;

-- name: items_since_turn
-- Without items that were added later to an earlier turn.
SELECT s.message_id, {bytes: m.message_data}
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.user_turn_number >= :turn
  AND s.sequence_number >= (
      SELECT min(q.sequence_number) FROM message_structure AS q
      WHERE q.session_id = :session_id AND q.branch_id = :branch_id
        AND q.user_turn_number = :turn AND q.message_type = 'user'
  )
ORDER BY s.sequence_number;

-- name: newest_items
-- The newest :limit rows, newest first.
SELECT s.message_id, {bytes: m.message_data}, s.sequence_number
FROM message_structure AS s
LEFT JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id
ORDER BY s.sequence_number DESC
LIMIT :limit;

-- name: older_items
-- The same, for the rows below a sequence number.
SELECT s.message_id, {bytes: m.message_data}, s.sequence_number
FROM message_structure AS s
LEFT JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.sequence_number < :below
ORDER BY s.sequence_number DESC
LIMIT :limit;

-- name: newest_row
-- With its message, and whether the branch has other rows, the turn has other rows after the one
-- that began it, the message is on another branch, and removed rows refer to it.
SELECT
    newest.id, newest.message_id, newest.user_turn_number, {bytes: m.message_data},
    EXISTS (
        SELECT 1 FROM message_structure AS s
        WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.id <> newest.id
    ),
    EXISTS (
        SELECT 1 FROM message_structure AS s
        WHERE s.session_id = :session_id AND s.branch_id = :branch_id
          AND s.user_turn_number = newest.user_turn_number AND s.id <> newest.id
          AND s.sequence_number >= coalesce(
              (
                  SELECT min(q.sequence_number) FROM message_structure AS q
                  WHERE q.session_id = :session_id AND q.branch_id = :branch_id
                    AND q.user_turn_number = newest.user_turn_number AND q.message_type = 'user'
              ),
              -9223372036854775808
          )
    ),
    EXISTS (
        SELECT 1 FROM message_structure AS s
        WHERE s.message_id = newest.message_id AND s.id <> newest.id
    ),
    EXISTS (SELECT 1 FROM convo_removed_rows AS r WHERE r.message_id = newest.message_id)
FROM (
    SELECT id, message_id, user_turn_number FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
    ORDER BY sequence_number DESC
    LIMIT 1
) AS newest
LEFT JOIN {messages} AS m ON m.id = newest.message_id;

-- name: message_data
SELECT {bytes: message_data} FROM {messages} WHERE id = :message_id;

-- name: delete_structure_row
DELETE FROM message_structure WHERE id = :id;

-- name: delete_message
DELETE FROM {messages} WHERE id = :message_id;

-- name: anchor_place
SELECT branch_id, user_turn_number FROM message_structure
WHERE id = :id AND session_id = :session_id;

-- name: calls_saying
-- The messages of a session that contain a text, such as the id of a call, the newest first.
SELECT id, {bytes: message_data} FROM {messages}
WHERE session_id = :session_id AND {contains: message_data; :call}
ORDER BY id DESC;

-- name: places_of_message
-- The first is where it was added; the others share it.
SELECT branch_id, user_turn_number, sequence_number FROM message_structure
WHERE message_id = :message_id AND {unindexed: session_id} = :session_id
  AND {is_integer: user_turn_number}
ORDER BY id;

-- name: answers_saying
SELECT {bytes: m.message_data}
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.sequence_number > :sequence
  AND {contains: m.message_data; :call};

-- name: delete_messages_of_session
DELETE FROM {messages} WHERE session_id = :session_id;

-- name: delete_structure_of_session
DELETE FROM message_structure WHERE session_id = :session_id;

-- name: delete_session
DELETE FROM {sessions} WHERE session_id = :session_id;

-- Compaction: part of a branch is replaced with a summary; the items before that stay on a branch.

-- name: rows_from_the_end
-- The newest :limit rows of a branch, newest first.
SELECT s.id, {bytes: m.message_data}, s.sequence_number
FROM (
    SELECT id, message_id, sequence_number FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
    ORDER BY sequence_number DESC
    LIMIT :limit
) AS s
LEFT JOIN {messages} AS m ON m.id = s.message_id
ORDER BY s.sequence_number DESC;

-- name: last_turn_before
SELECT max(user_turn_number) FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND sequence_number < :first_moved;

-- name: move_rows_from
-- The rows keep their ids, by which the ledger knows their turns.
WITH moved AS (
    SELECT id, row_number() OVER (ORDER BY sequence_number) AS position
    FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id AND sequence_number >= :first_moved
)
UPDATE message_structure SET
    branch_id = :new_branch_id,
    sequence_number = :last_sequence + moved.position
FROM moved
WHERE message_structure.id = moved.id;

-- name: move_usage_of_moved_turns
-- Only of turns that began in the moved part.
UPDATE turn_usage SET branch_id = :new_branch_id
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number > :last_kept_turn;

-- name: move_runs_of_moved_turns
UPDATE convo_runs SET branch_id = :new_branch_id
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number > :last_kept_turn
  AND anchor IN (
      SELECT id FROM message_structure
      WHERE session_id = :session_id AND branch_id = :new_branch_id
  );
