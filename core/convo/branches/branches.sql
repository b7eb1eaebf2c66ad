-- Branches. One exists while it has rows, or is recorded as empty. `main` always exists.

-- name: empty_branches
-- The branches that exist without rows. The SDK clears a session without deleting their records.
SELECT session_id, branch_id, created_at
FROM convo_branches AS b
WHERE kept_empty <> 0 AND generation = coalesce(
    (SELECT g.generation FROM session_clear_generations AS g WHERE g.session_id = b.session_id), 0
);

-- name: branch_is_there
SELECT 1 WHERE :branch_id = 'main'
    OR EXISTS (
        SELECT 1 FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id
    )
    OR EXISTS (
        SELECT 1 FROM ({empty_branches}) AS empty
        WHERE session_id = :session_id AND branch_id = :branch_id
    );

-- name: branch_has_rows
SELECT 1 FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
LIMIT 1;

-- name: branches_with_rows
-- Seeks from name to name in the index: reading every row would be slow. Other statements include
-- this one by its name in braces.
WITH RECURSIVE walked (branch_id) AS (
    SELECT min(branch_id) FROM message_structure WHERE session_id = :session_id
    UNION ALL
    SELECT (
        SELECT min(s.branch_id) FROM message_structure AS s
        WHERE s.session_id = :session_id AND s.branch_id > walked.branch_id
    )
    FROM walked WHERE walked.branch_id IS NOT NULL
)
SELECT branch_id FROM walked WHERE branch_id IS NOT NULL;

-- name: branch_names
SELECT branch_id FROM ({branches_with_rows}) AS filled
UNION SELECT branch_id FROM ({empty_branches}) AS empty WHERE session_id = :session_id
UNION SELECT 'main'
ORDER BY 1;

-- name: fork_state
-- Whether a user message began the turn to fork from, and whether the new name was ever used.
SELECT
    EXISTS (
        SELECT 1 FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id
          AND user_turn_number = :turn AND message_type = 'user'
    ),
    EXISTS ({branch_name_was_used});

-- name: reserve_branch_name
INSERT INTO branch_reservations (session_id, branch_id)
VALUES (:session_id, :branch_id)
ON CONFLICT DO NOTHING;

-- name: branch_name_was_used
SELECT 1 WHERE :new_branch_id = 'main'
    OR EXISTS (
        SELECT 1 FROM branch_reservations
        WHERE session_id = :session_id AND branch_id = :new_branch_id
    )
    OR EXISTS (
        SELECT 1 FROM message_structure
        WHERE session_id = :session_id AND branch_id = :new_branch_id
    );

-- name: branch_names_used
-- Those of a JSON list of names that a branch of the session has or had.
SELECT name.value FROM {list: :names} AS name
WHERE EXISTS (
    SELECT 1 FROM branch_reservations AS r
    WHERE r.session_id = :session_id AND r.branch_id = name.value
) OR EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.session_id = :session_id AND s.branch_id = name.value
);

-- name: copy_rows
-- Copies the rows of the turns up to :last_turn, or those before a sequence number, to a new branch,
-- in order. The copies refer to the same messages.
INSERT INTO message_structure (
    session_id, message_id, branch_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name
)
SELECT
    s.session_id, s.message_id, :new_branch_id, s.message_type,
    :last_sequence + kept.position,
    s.user_turn_number, s.branch_turn_number, s.tool_name
FROM (
    SELECT id, row_number() OVER (ORDER BY sequence_number) AS position
    FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
      AND user_turn_number <= :last_turn AND sequence_number < :before
) AS kept
{in_order} JOIN message_structure AS s ON s.id = kept.id
ORDER BY kept.position;

-- name: copy_later_rows
-- Copies the rows of the turns after :turn to the end of another branch, in order. The numbers of
-- the turns are smaller by :shift there.
INSERT INTO message_structure (
    session_id, message_id, branch_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name
)
SELECT
    s.session_id, s.message_id, :new_branch_id, s.message_type,
    :last_sequence + kept.position,
    s.user_turn_number - :shift, s.branch_turn_number - :shift, s.tool_name
FROM (
    SELECT id, row_number() OVER (ORDER BY sequence_number) AS position
    FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number > :turn
) AS kept
{in_order} JOIN message_structure AS s ON s.id = kept.id
ORDER BY kept.position;

-- name: record_branch
INSERT INTO convo_branches (
    session_id, branch_id, parent_branch_id, forked_from_turn, kept_empty, generation
) VALUES (
    :session_id, :branch_id, :parent_branch_id, :forked_from_turn, CAST(:kept_empty AS INTEGER),
    coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
    )
)
ON CONFLICT (session_id, branch_id) DO UPDATE SET
    parent_branch_id = excluded.parent_branch_id, forked_from_turn = excluded.forked_from_turn,
    kept_empty = excluded.kept_empty, generation = excluded.generation,
    created_at = {now};

-- name: set_kept_empty
INSERT INTO convo_branches (session_id, branch_id, kept_empty, generation)
VALUES (
    :session_id, :branch_id, CAST(:kept_empty AS INTEGER),
    coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
    )
)
ON CONFLICT (session_id, branch_id) DO UPDATE SET
    kept_empty = excluded.kept_empty, generation = excluded.generation;

-- name: note_filled_by_others
-- Branches that are recorded as empty and have rows by now: their rows show that they exist.
UPDATE convo_branches SET kept_empty = 0
WHERE session_id = :session_id AND kept_empty <> 0 AND EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.session_id = convo_branches.session_id AND s.branch_id = convo_branches.branch_id
);

-- name: delete_messages_of_branch
-- Only those that are on no other branch, by their ids. A row before the first one of the branch is
-- on another: most that a branch shares are known by that, without reading them.
DELETE FROM {messages} WHERE id IN (
    SELECT s.message_id FROM message_structure AS s
    WHERE s.session_id = :session_id AND s.branch_id = :branch_id
      AND NOT EXISTS (
          SELECT 1 FROM message_structure AS other
          WHERE other.message_id = s.message_id
            AND (
                other.id < (
                    SELECT min(own.id) FROM message_structure AS own
                    WHERE own.session_id = :session_id AND own.branch_id = :branch_id
                )
                OR other.branch_id <> :branch_id OR other.session_id <> :session_id
            )
      )
);

-- name: delete_structure_of_branch
DELETE FROM message_structure WHERE session_id = :session_id AND branch_id = :branch_id;

-- name: delete_branch_record
DELETE FROM convo_branches WHERE session_id = :session_id AND branch_id = :branch_id;

-- name: delete_branches_of_session
DELETE FROM convo_branches WHERE session_id = :session_id;

-- name: sizes_of_branches
-- For a session that has had many branches: whether they are short, all hold rows, and have texts
-- as names. They are short if the session has used a name for every eight of its sequence numbers.
SELECT
    EXISTS ({name_after_an_eighth})
    AND NOT EXISTS (
        SELECT 1 FROM convo_branches WHERE session_id = :session_id AND kept_empty <> 0
    )
    AND EXISTS (
        SELECT 1 FROM message_structure WHERE session_id = :session_id AND branch_id = 'main'
    )
    AND {is_text: (SELECT max(branch_id) FROM message_structure WHERE session_id = :session_id)}
    AS are_short
FROM convo_last_rows
WHERE session_id = :session_id;

-- name: name_after_an_eighth
-- One of the names that branches of a session have or had, if there are more than an eighth of its
-- last sequence number, which may be any value in a file. To skip so many takes less time than to
-- count all.
SELECT 1 FROM branch_reservations
WHERE session_id = :session_id
LIMIT 1 OFFSET (
    SELECT CASE WHEN sequence_number > 0 THEN CAST(sequence_number / 8 AS BIGINT) ELSE 0 END
    FROM convo_last_rows WHERE session_id = :session_id
);

-- name: list_short_branches
-- The same as `list_branches`, for short branches that all hold rows: one pass over the rows takes
-- less time than index look-ups for each branch.
SELECT counted.branch_id, counted.messages, counted.turns, oldest.created_at
FROM (
    SELECT
        branch_id,
        count(*) AS messages,
        count(*) FILTER (WHERE message_type = 'user') AS turns,
        min(sequence_number) AS first_sequence,
        {of_first: id} AS first_id
    FROM message_structure
    WHERE session_id = :session_id
    GROUP BY branch_id
) AS counted
{in_order} JOIN message_structure AS oldest ON oldest.id = counted.first_id
ORDER BY oldest.created_at, counted.first_sequence;

-- name: empty_branch_lines
-- The branches that hold nothing.
SELECT
    branch_id, 0 AS messages, 0 AS turns, created_at, NULL AS first_sequence
FROM ({empty_branches}) AS empty
WHERE session_id = :session_id AND branch_id <> 'main' AND NOT EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.session_id = :session_id AND s.branch_id = empty.branch_id
)
UNION ALL
SELECT
    'main', 0, 0,
    coalesce(
        (SELECT created_at FROM {sessions} WHERE session_id = :session_id), {now}
    ),
    0
WHERE NOT EXISTS (
    SELECT 1 FROM message_structure WHERE session_id = :session_id AND branch_id = 'main'
);

-- name: branch_lines
-- Every branch with its first row, which tells its age. The counts come from the indexes, name by
-- name or, if there are many names, in one pass over all rows.
SELECT
    lines.branch_id,
    lines.messages,
    (
        SELECT count(*) FROM message_structure AS s
        WHERE s.session_id = :session_id AND s.branch_id = lines.branch_id
          AND s.message_type = 'user'
    ) AS turns,
    oldest.created_at AS created_at,
    oldest.sequence_number AS first_sequence
FROM (
    SELECT branch_id, count(*) AS messages FROM message_structure
    WHERE session_id = :session_id AND :are_many
    GROUP BY branch_id
    UNION ALL
    SELECT names.branch_id, (
        SELECT count(*) FROM message_structure AS s
        WHERE s.session_id = :session_id AND s.branch_id = names.branch_id
    )
    FROM ({branches_with_rows}) AS names
    WHERE NOT :are_many
) AS lines
JOIN message_structure AS oldest ON oldest.id = (
    SELECT s.id FROM message_structure AS s
    WHERE s.session_id = :session_id AND s.branch_id = lines.branch_id
    ORDER BY s.sequence_number
    LIMIT 1
)
UNION ALL
SELECT branch_id, messages, turns, created_at, first_sequence
FROM ({empty_branch_lines}) AS without_rows;

-- name: list_branches
-- The oldest first; of two from the same second, the one with the older rows.
SELECT branch_id, messages, turns, created_at
FROM ({branch_lines}) AS found
ORDER BY created_at, first_sequence IS NULL, first_sequence;

-- name: list_branches_with_parents
-- In the same order, with the turn that each was made from.
SELECT found.branch_id, found.messages, found.turns, found.created_at,
       record.parent_branch_id, record.forked_from_turn
FROM ({branch_lines}) AS found
LEFT JOIN convo_branches AS record
    ON record.session_id = :session_id AND record.branch_id = found.branch_id
ORDER BY found.created_at, found.first_sequence IS NULL, found.first_sequence;

-- name: rename_branch_in_structure
UPDATE message_structure SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_in_turn_usage
UPDATE turn_usage SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_in_runs
UPDATE convo_runs SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_in_branches
UPDATE convo_branches SET branch_id = :new
WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_of_children
UPDATE convo_branches SET parent_branch_id = :new
WHERE session_id = :session_id AND parent_branch_id = :old;

-- name: rename_branch_in_heads
UPDATE convo_sessions SET
    branch_id = CASE branch_id WHEN :old THEN :new ELSE branch_id END,
    previous_branch_id = CASE previous_branch_id WHEN :old THEN :new ELSE previous_branch_id END
WHERE session_id = :session_id;

-- name: rename_branch_in_removed
UPDATE convo_removed SET
    branch_id = CASE branch_id WHEN :old THEN :new ELSE branch_id END,
    parent_branch_id = CASE parent_branch_id WHEN :old THEN :new ELSE parent_branch_id END
WHERE session_id = :session_id;

-- name: rename_branch_in_held
UPDATE convo_held_turns SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_of_renamed
UPDATE convo_renamed_branches SET branch_id = :new
WHERE session_id = :session_id AND branch_id = :old;

-- name: note_renamed_branch
INSERT INTO convo_renamed_branches (session_id, old_branch_id, branch_id)
VALUES (:session_id, :old, :new)
ON CONFLICT (session_id, old_branch_id) DO UPDATE SET branch_id = excluded.branch_id;

-- name: branch_renamed_to
SELECT branch_id FROM convo_renamed_branches
WHERE session_id = :session_id AND old_branch_id = :branch_id;

-- The head: the current session, and the current branch of each session.

-- name: current_session
-- A cleared session does not exist until it is written to again; then it is the current one again.
SELECT session_id FROM convo_head
WHERE {head_key} = {me} AND session_id IN (SELECT session_id FROM {sessions});

-- name: set_current_session
INSERT INTO convo_head ({head_key}, session_id) VALUES ({me}, :session_id)
ON CONFLICT ({head_key}) DO UPDATE SET session_id = :session_id;

-- name: unset_current_session
DELETE FROM convo_head WHERE session_id = :session_id;

-- name: newest_session
SELECT session_id FROM {sessions} WHERE {is_text: session_id} AND {is_session: session_id}
ORDER BY updated_at DESC, {row} DESC LIMIT 1;

-- name: session_head
SELECT branch_id, previous_branch_id FROM convo_sessions WHERE session_id = :session_id;

-- name: set_session_head
INSERT INTO convo_sessions (session_id, branch_id, previous_branch_id)
VALUES (:session_id, :branch_id, :previous_branch_id)
ON CONFLICT (session_id) DO UPDATE SET
    branch_id = :branch_id, previous_branch_id = :previous_branch_id;

-- name: forget_branch_in_head
-- A head on the branch moves to `main`, which then cannot be the previous branch as well.
UPDATE convo_sessions SET
    branch_id = CASE branch_id WHEN :branch_id THEN 'main' ELSE branch_id END,
    previous_branch_id = nullif(
        nullif(previous_branch_id, :branch_id),
        CASE branch_id WHEN :branch_id THEN 'main' ELSE '' END
    )
WHERE session_id = :session_id;

-- name: reset_session_head
UPDATE convo_sessions SET branch_id = 'main', previous_branch_id = NULL
WHERE session_id = :session_id;

-- The turns that branches share.

-- name: turns_backwards
-- The last turn first, so that a reader can stop at the first turn that it knows.
SELECT message_id, CAST(coalesce(user_turn_number, 0) AS BIGINT)
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
ORDER BY user_turn_number DESC, sequence_number DESC;
