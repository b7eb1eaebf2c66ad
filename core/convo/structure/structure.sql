-- The state of a branch that a write needs, in one statement.

-- name: branch_state
-- With the current location of the row :anchor, whose branch may have been renamed.
SELECT
    (SELECT generation FROM session_clear_generations WHERE session_id = :session_id),
    EXISTS (SELECT 1 FROM {sessions} WHERE session_id = :session_id),
    EXISTS ({branch_is_there}),
    (
        SELECT branch_id FROM convo_renamed_branches
        WHERE session_id = :session_id AND old_branch_id = :branch_id
    ),
    adoption.newest, adoption.up_to, ({last_turn}),
    sequence.last, sequence.is_worth_a_note, sequence.noted_row,
    (SELECT branch_id FROM message_structure WHERE id = :anchor AND session_id = :session_id),
    (SELECT user_turn_number FROM message_structure WHERE id = :anchor AND session_id = :session_id)
FROM ({adoption_state}) AS adoption
CROSS JOIN ({newest_sequence}) AS sequence;

-- name: adoption_state
-- The newest message, and the one up to which all are known to have their structure; 0 for none.
SELECT
    coalesce((
        SELECT id FROM {messages} WHERE {newest_first: session_id; :session_id; id} LIMIT 1
    ), 0) AS newest,
    coalesce((
        SELECT message_id FROM convo_adopted
        WHERE session_id = :session_id AND {is_integer: message_id}
    ), 0) AS up_to;

-- name: newest_sequence
-- The greatest sequence number of a session, and whether to record the row that has it. The bound,
-- 2^62, leaves out absurd numbers, and texts, which would be greater than all numbers. The branches
-- are visited as in `branches_with_rows`, but only if no row is recorded.
WITH RECURSIVE noted AS (
    SELECT s.id AS row_id
    FROM convo_last_rows AS note
    JOIN message_structure AS s ON s.id = note.row_id
    WHERE note.session_id = :session_id
      AND s.session_id = note.session_id AND s.sequence_number = note.sequence_number
      AND (SELECT max(id) FROM message_structure) - s.id <= :tail
), names (branch_id) AS (
    SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM noted) THEN (
        SELECT min(branch_id) FROM message_structure WHERE session_id = :session_id
    ) END
    UNION ALL
    SELECT (
        SELECT min(s.branch_id) FROM message_structure AS s
        WHERE s.session_id = :session_id AND s.branch_id > names.branch_id
    )
    FROM names WHERE names.branch_id IS NOT NULL
), walked AS (
    SELECT count(branch_id) AS branches, max((
        SELECT s.sequence_number FROM message_structure AS s
        WHERE s.session_id = :session_id AND s.branch_id = names.branch_id
          AND s.sequence_number < 4611686018427387904
        ORDER BY s.sequence_number DESC
        LIMIT 1
    )) AS last
    FROM names
)
SELECT
    coalesce(walked.last, (
        SELECT max(s.sequence_number) FROM message_structure AS s
        WHERE s.id >= noted.row_id AND {unindexed: s.session_id} = :session_id
          AND s.sequence_number < 4611686018427387904
    ), 0) AS last,
    walked.branches > :few OR noted.row_id IS NOT NULL AS is_worth_a_note,
    noted.row_id AS noted_row
FROM walked
LEFT JOIN noted ON TRUE;

-- name: last_turn
-- The turn of the last question, unless there is no question, or its message is lost.
SELECT max(turn) FROM (
    SELECT max(user_turn_number) AS turn FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
      AND user_turn_number < 4611686018427387904
    UNION ALL
    SELECT user_turn_number FROM (
        SELECT user_turn_number FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id
        ORDER BY sequence_number DESC
        LIMIT 1
    ) AS last_row
    WHERE user_turn_number < 4611686018427387904
) AS turns;

-- Adoption: messages without structure, as the SDK's plain session writes them, on no branch yet.

-- name: forget_every_adoption
DELETE FROM convo_adopted;

-- name: note_adopted
INSERT INTO convo_adopted (session_id, message_id) VALUES (:session_id, :message_id)
ON CONFLICT (session_id) DO UPDATE SET message_id = :message_id;

-- name: plain_messages
-- Counted, since PostgreSQL would turn NOT EXISTS into a join with all rows.
SELECT id, {bytes: message_data}, created_at
FROM {messages} AS m
WHERE session_id = :session_id AND id > :adopted_up_to
  AND (SELECT count(*) FROM message_structure AS s WHERE s.message_id = m.id) = 0
ORDER BY id;

-- name: main_has_later_message
-- The `+` signs keep SQLite from scanning the whole branch for each message.
SELECT 1 FROM {messages} AS m
WHERE m.session_id = :session_id AND m.id > :message_id AND (
    SELECT count(*) FROM message_structure AS s
    WHERE s.message_id = m.id
      AND {unindexed: s.session_id} = :session_id AND {unindexed: s.branch_id} = 'main'
) > 0
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
-- Those with messages that have not been checked since they were written.
SELECT session_id FROM {sessions} AS s
WHERE {is_session: session_id}
  AND (SELECT m.id FROM {messages} AS m WHERE {newest_first: m.session_id; s.session_id; m.id} LIMIT 1)
    > coalesce((SELECT message_id FROM convo_adopted AS a WHERE a.session_id = s.session_id), 0);

-- Renumbering the rows of a branch.

-- name: turn_range
-- Searched from both ends, by the index on the turn.
SELECT
    (
        SELECT user_turn_number FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
          AND {is_integer: user_turn_number}
        ORDER BY user_turn_number LIMIT 1
    ),
    (
        SELECT user_turn_number FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
          AND {is_integer: user_turn_number}
        ORDER BY user_turn_number DESC LIMIT 1
    );

-- name: renumber_branch
-- In the order of the messages or of the sequence numbers, above every sequence number in use. Each
-- user message begins a turn; rows that belonged to a turn stay in it, and the others get the turn
-- that they are placed in.
WITH placed AS (
    SELECT id, message_type, user_turn_number AS old_turn,
           row_number() OVER standing AS position,
           count(*) FILTER (WHERE message_type = 'user') OVER standing AS begun
    FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
    WINDOW standing AS (
        ORDER BY CASE WHEN :by_message THEN message_id ELSE sequence_number END, id
        ROWS UNBOUNDED PRECEDING
    )
), numbered AS (
    SELECT id, position,
           CASE WHEN message_type <> 'user' AND old_turn IS NOT NULL AND first_begun < begun
                THEN first_begun ELSE begun END AS turn
    FROM (
        SELECT id, position, message_type, old_turn, begun,
               min(CASE WHEN message_type = 'user' THEN begun END) OVER (PARTITION BY old_turn)
                   AS first_begun
        FROM placed
    ) AS standing
)
UPDATE message_structure SET
    sequence_number = :last_sequence + numbered.position,
    user_turn_number = numbered.turn,
    branch_turn_number = numbered.turn
FROM numbered
WHERE message_structure.id = numbered.id;

-- name: turn_beginnings
SELECT user_turn_number, min(id) FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
GROUP BY user_turn_number;

-- name: usage_turns
SELECT id, user_turn_number FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id
ORDER BY id;

-- name: add_usage_row
UPDATE turn_usage AS kept SET
    requests = coalesce(kept.requests, 0) + coalesce(other.requests, 0),
    input_tokens = coalesce(kept.input_tokens, 0) + coalesce(other.input_tokens, 0),
    output_tokens = coalesce(kept.output_tokens, 0) + coalesce(other.output_tokens, 0),
    total_tokens = coalesce(kept.total_tokens, 0) + coalesce(other.total_tokens, 0)
FROM turn_usage AS other
WHERE kept.id = :id AND other.id = :other;

-- name: point_runs_to_usage_row
-- The runs of a turn that was merged with another, under its old number.
UPDATE convo_runs SET turn_usage_id = :id
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
  AND turn_usage_id = :other;

-- name: delete_usage_row
DELETE FROM turn_usage WHERE id = :id;

-- name: turn_of_structure
SELECT user_turn_number FROM message_structure WHERE id = :id;

-- name: set_usage_turn
UPDATE turn_usage SET user_turn_number = :turn WHERE id = :id;

-- name: renumber_runs
UPDATE convo_runs
SET user_turn_number = (SELECT user_turn_number FROM message_structure WHERE id = anchor)
WHERE session_id = :session_id AND branch_id = :branch_id
  AND anchor IN (
      SELECT id FROM message_structure
      WHERE session_id = :session_id AND branch_id = :branch_id
  );

-- name: shift_turns
UPDATE message_structure SET
    user_turn_number = user_turn_number + :shift, branch_turn_number = branch_turn_number + :shift
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number > :turn;

-- name: shift_usage_away
-- By way of negative numbers, so that no turn's usage gets the number of one that has yet to move.
UPDATE turn_usage SET user_turn_number = -1 - (user_turn_number + :shift)
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number > :turn;

-- name: shift_usage_back
UPDATE turn_usage SET user_turn_number = -1 - user_turn_number
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number < 0;

-- The row with the greatest sequence number of a session.

-- name: reserve_names_in_use
INSERT INTO branch_reservations (session_id, branch_id)
SELECT :session_id, branch_id FROM ({branches_with_rows}) AS names
WHERE TRUE
ON CONFLICT DO NOTHING;

-- name: reserve_names_and_another
INSERT INTO branch_reservations (session_id, branch_id)
SELECT :session_id, branch_id FROM ({branches_with_rows}) AS names
UNION SELECT :session_id, :branch_id
WHERE TRUE
ON CONFLICT DO NOTHING;

-- name: reserve_names_since
-- The same, if the names in older rows are reserved already.
INSERT INTO branch_reservations (session_id, branch_id)
SELECT session_id, branch_id FROM message_structure
WHERE id > :row_id AND {unindexed: session_id} = :session_id
UNION SELECT :session_id, :branch_id
WHERE TRUE
ON CONFLICT DO NOTHING;

-- name: note_last_row
INSERT INTO convo_last_rows (session_id, row_id, sequence_number)
SELECT session_id, id, sequence_number FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
  AND sequence_number < 4611686018427387904
ORDER BY sequence_number DESC
LIMIT 1
ON CONFLICT (session_id) DO UPDATE SET
    row_id = excluded.row_id, sequence_number = excluded.sequence_number;

-- name: forget_last_row
DELETE FROM convo_last_rows WHERE session_id = :session_id;
