-- Removing turns and branches with `undo` and `delete`, and restoring them.

-- name: enter_removed
-- A branch with its record, or turns of it.
INSERT INTO convo_removed (
    act, session_id, branch_id, what,
    parent_branch_id, forked_from_turn, branch_created_at, generation
)
SELECT
    :act, :session_id, :branch_id, :what,
    record.parent_branch_id, record.forked_from_turn, record.created_at,
    coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
    )
FROM (SELECT 1) AS one
LEFT JOIN convo_branches AS record
    ON record.session_id = :session_id AND record.branch_id = :branch_id
RETURNING id;

-- name: lock_acts
-- Where there are several writers at once, they number their acts one after the other.
SELECT id FROM convo_schema WHERE id = 1 {for_update};

-- name: next_act
-- The number of an act is never greater than the ids of its entries.
SELECT coalesce(max(id), 0) + 1 FROM convo_removed;

-- name: take_rows
INSERT INTO convo_removed_rows (
    removed_id, id, message_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name, created_at
)
SELECT
    :removed_id, id, message_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name, created_at
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
  AND (CAST(:first_turn AS BIGINT) IS NULL OR user_turn_number >= :first_turn)
  AND (CAST(:last_turn AS BIGINT) IS NULL OR user_turn_number <= :last_turn);

-- name: delete_taken_rows
DELETE FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
  AND (CAST(:first_turn AS BIGINT) IS NULL OR user_turn_number >= :first_turn)
  AND (CAST(:last_turn AS BIGINT) IS NULL OR user_turn_number <= :last_turn);

-- name: take_unshown_messages
-- Of the messages of removed rows, those that are on no branch any more.
INSERT INTO convo_removed_messages (id, message_data, created_at)
SELECT m.id, m.message_data, m.created_at
FROM convo_removed_rows AS r
JOIN {messages} AS m ON m.id = r.message_id
WHERE r.removed_id = :removed_id
  AND NOT EXISTS (SELECT 1 FROM message_structure AS s WHERE s.message_id = r.message_id)
ON CONFLICT (id) DO UPDATE SET
    message_data = excluded.message_data, created_at = excluded.created_at;

-- name: delete_taken_messages
DELETE FROM {messages} WHERE id IN (
    SELECT r.message_id FROM convo_removed_rows AS r
    WHERE r.removed_id = :removed_id
      AND NOT EXISTS (SELECT 1 FROM message_structure AS s WHERE s.message_id = r.message_id)
);

-- name: take_usage
INSERT INTO convo_removed_usage (
    removed_id, id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
    input_tokens_details, output_tokens_details, created_at
)
SELECT
    :removed_id, id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
    input_tokens_details, output_tokens_details, created_at
FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first_turn AND :last_turn;

-- name: describe_removed
-- The removed turns, the first of them that was asked on the branch itself, and the row that they
-- followed.
UPDATE convo_removed SET
    (first_turn, last_turn, turns) = (
        SELECT min(user_turn_number), max(user_turn_number), count(*)
        FROM convo_removed_rows
        WHERE removed_id = :removed_id AND message_type = 'user'
    ),
    asked_id = (
        SELECT r.id FROM convo_removed_rows AS r
        JOIN convo_removed AS e ON e.id = r.removed_id
        WHERE r.removed_id = :removed_id AND r.message_type = 'user'
        ORDER BY (e.what = 'branch' AND r.user_turn_number < coalesce(e.forked_from_turn, 0)),
                 r.user_turn_number
        LIMIT 1
    ),
    (after_id, after_sequence) = (
        SELECT s.id, s.sequence_number FROM message_structure AS s
        WHERE s.session_id = convo_removed.session_id AND s.branch_id = convo_removed.branch_id
        ORDER BY s.sequence_number DESC
        LIMIT 1
    )
WHERE id = :removed_id;

-- name: keep_messages_for_removed
-- Keeps messages that removed rows refer to before the messages of a branch are deleted for good.
INSERT INTO convo_removed_messages (id, message_data, created_at)
SELECT m.id, m.message_data, m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE EXISTS (SELECT 1 FROM convo_removed WHERE session_id = :session_id)
  AND s.session_id = :session_id AND s.branch_id = :branch_id
  AND EXISTS (SELECT 1 FROM convo_removed_rows AS r WHERE r.message_id = s.message_id)
  AND NOT EXISTS (
      SELECT 1 FROM message_structure AS other
      WHERE other.message_id = s.message_id
        AND NOT (other.session_id = s.session_id AND other.branch_id = s.branch_id)
  )
ON CONFLICT DO NOTHING;

-- name: keep_message_for_removed
INSERT INTO convo_removed_messages (id, message_data, created_at)
SELECT id, message_data, created_at FROM {messages} WHERE id = :message_id
ON CONFLICT DO NOTHING;

-- name: list_removed
-- What can be restored, the last removed first; only entries since the last clear, and without those
-- that made room for a merge: its undo brings them back.
SELECT
    e.id, e.act, e.what, e.branch_id, CAST(e.first_turn AS BIGINT),
    CAST(e.last_turn AS BIGINT), CAST(e.turns AS BIGINT), e.removed_at,
    coalesce({bytes: kept.message_data}, {bytes: shown.message_data}),
    undone.kind, undone.source_branch_id, undone.first_turn, undone.last_turn
FROM convo_removed AS e
LEFT JOIN convo_merges AS undone ON undone.session_id = e.session_id AND undone.undone_id = e.id
LEFT JOIN convo_removed_rows AS r ON r.removed_id = e.id AND r.id = e.asked_id
LEFT JOIN convo_removed_messages AS kept ON kept.id = r.message_id
LEFT JOIN {messages} AS shown ON shown.id = r.message_id
WHERE e.session_id = :session_id AND e.generation = coalesce(
    (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
) AND NOT EXISTS (
    SELECT 1 FROM convo_merges AS m
    JOIN message_structure AS s ON s.id = m.anchor
    WHERE m.session_id = :session_id AND m.replaced_id = e.id
)
ORDER BY e.id DESC;

-- name: removed_place
SELECT after_id, after_sequence FROM convo_removed WHERE id = :removed_id;

-- name: removed_branch_record
SELECT parent_branch_id, forked_from_turn, branch_created_at
FROM convo_removed WHERE id = :removed_id;

-- name: row_place
SELECT branch_id, sequence_number FROM message_structure
WHERE session_id = :session_id AND id = :id;

-- name: last_older_row
-- The last row of a branch that is older than the removed rows.
SELECT branch_id, sequence_number FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
  AND id < (SELECT max(id) FROM convo_removed_rows WHERE removed_id = :removed_id)
ORDER BY sequence_number DESC
LIMIT 1;

-- name: branch_goes_on_after
SELECT 1 FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND sequence_number > :sequence
ORDER BY sequence_number
LIMIT 1;

-- name: sequence_is_taken
-- Whether another row has got one of the sequence numbers of the removed rows.
SELECT 1
FROM ({branches_with_rows}) AS names
CROSS JOIN (
    SELECT min(sequence_number) AS first, max(sequence_number) AS last
    FROM convo_removed_rows WHERE removed_id = :removed_id
) AS removed
{in_order} JOIN message_structure AS s
    ON s.session_id = :session_id AND s.branch_id = names.branch_id
   AND s.sequence_number BETWEEN removed.first AND removed.last
WHERE s.sequence_number IN (
    SELECT sequence_number FROM convo_removed_rows WHERE removed_id = :removed_id
)
LIMIT 1;

-- name: oldest_message_to_put_back
SELECT min(id) FROM convo_removed_messages
WHERE id IN (SELECT message_id FROM convo_removed_rows WHERE removed_id = :removed_id);

-- name: put_back_messages
INSERT INTO {messages} (id, session_id, message_data, created_at)
SELECT id, :session_id, message_data, created_at
FROM convo_removed_messages
WHERE id IN (SELECT message_id FROM convo_removed_rows WHERE removed_id = :removed_id)
ON CONFLICT DO NOTHING;

-- name: forget_messages_put_back
DELETE FROM convo_removed_messages
WHERE id IN (SELECT message_id FROM convo_removed_rows WHERE removed_id = :removed_id);

-- name: put_back_rows
-- With their old sequence numbers if those are free, else above all others; without rows whose
-- messages have been deleted since.
INSERT INTO message_structure (
    id, session_id, message_id, branch_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name, created_at
)
SELECT
    id, :session_id, message_id, :branch_id, message_type,
    CASE WHEN CAST(:last_sequence AS BIGINT) IS NULL THEN sequence_number
        ELSE :last_sequence + row_number() OVER (ORDER BY sequence_number, id) END,
    user_turn_number + :shift, branch_turn_number + :shift, tool_name, created_at
FROM convo_removed_rows AS r
WHERE removed_id = :removed_id AND {is_integer: id} AND EXISTS (
    SELECT 1 FROM {messages} AS m WHERE m.id = r.message_id AND m.session_id {is_of: :session_id}
);

-- name: put_back_usage
INSERT INTO turn_usage (
    id, session_id, branch_id, user_turn_number, requests, input_tokens, output_tokens,
    total_tokens, input_tokens_details, output_tokens_details, created_at
)
SELECT
    id, :session_id, :branch_id, user_turn_number + :shift, requests, input_tokens, output_tokens,
    total_tokens, input_tokens_details, output_tokens_details, created_at
FROM convo_removed_usage
WHERE removed_id = :removed_id AND {is_integer: id} AND user_turn_number + :shift IN (
    SELECT s.user_turn_number FROM message_structure AS s
    WHERE s.session_id = :session_id AND s.branch_id = :branch_id
)
ON CONFLICT DO NOTHING;

-- name: relocate_runs
-- The runs of rows that were restored to another branch, or with other numbers.
UPDATE convo_runs SET
    branch_id = :branch_id,
    user_turn_number = user_turn_number + :shift
WHERE session_id = :session_id AND branch_id = :old_branch_id
  AND anchor IN (SELECT id FROM convo_removed_rows WHERE removed_id = :removed_id);

-- name: count_removed_rows
SELECT count(*) FROM convo_removed_rows WHERE removed_id = :removed_id;

-- name: put_back_branch_record
INSERT INTO convo_branches (
    session_id, branch_id, parent_branch_id, forked_from_turn, kept_empty, generation, created_at
) VALUES (
    :session_id, :branch_id, :parent_branch_id, :forked_from_turn, CAST(:kept_empty AS INTEGER),
    coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
    ),
    :created_at
)
ON CONFLICT (session_id, branch_id) DO UPDATE SET
    parent_branch_id = excluded.parent_branch_id, forked_from_turn = excluded.forked_from_turn,
    kept_empty = excluded.kept_empty, generation = excluded.generation,
    created_at = excluded.created_at;

-- name: delete_removed_rows
DELETE FROM convo_removed_rows WHERE removed_id = :removed_id;

-- name: delete_removed_usage
DELETE FROM convo_removed_usage WHERE removed_id = :removed_id;

-- name: delete_removed_entry
DELETE FROM convo_removed WHERE id = :removed_id;

-- name: count_removed
-- Of one session, or of all if :session_id is NULL.
SELECT count(*) FROM convo_removed WHERE {session_or_all: session_id};

-- name: purge_removed_messages
DELETE FROM convo_removed_messages WHERE id IN (
    SELECT message_id FROM convo_removed_rows WHERE removed_id IN (
        SELECT id FROM convo_removed WHERE {session_or_all: session_id}
    )
);

-- name: purge_removed_rows
DELETE FROM convo_removed_rows WHERE removed_id IN (
    SELECT id FROM convo_removed WHERE {session_or_all: session_id}
);

-- name: purge_removed_usage
DELETE FROM convo_removed_usage WHERE removed_id IN (
    SELECT id FROM convo_removed WHERE {session_or_all: session_id}
);

-- name: purge_removed
DELETE FROM convo_removed WHERE {session_or_all: session_id};
