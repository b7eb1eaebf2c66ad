-- Merging a branch into another, squashing turns, and undoing both.

-- name: rows_of_turns
SELECT id, message_id, message_type, CAST(user_turn_number AS BIGINT),
       CAST(sequence_number AS BIGINT)
FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
  AND user_turn_number BETWEEN :first AND :last
ORDER BY sequence_number;

-- name: messages_of_branch
SELECT message_id, user_turn_number FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
ORDER BY sequence_number;

-- name: last_row_of_branch
SELECT id FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
ORDER BY sequence_number DESC
LIMIT 1;

-- name: questions_of_branch
-- The message of each question, its time, and the number of its turn.
SELECT m.id, m.created_at, CAST(s.user_turn_number AS BIGINT)
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: time_of_message
SELECT created_at FROM {messages} WHERE id = :message_id;

-- name: is_same_content
SELECT count(*) FROM {messages} AS a
JOIN {messages} AS b ON b.message_data = a.message_data AND b.created_at = a.created_at
WHERE a.id = :one AND b.id = :other;

-- name: copy_message
-- With its time, as turns are shown with the time when they were asked.
INSERT INTO {messages} (session_id, message_data, created_at)
SELECT session_id, message_data, created_at FROM {messages}
WHERE id = :message_id AND session_id = :session_id
RETURNING id;

-- name: copy_row
INSERT INTO message_structure (
    session_id, message_id, branch_id, message_type, sequence_number,
    user_turn_number, branch_turn_number, tool_name
)
SELECT session_id, :message_id, :branch_id, message_type, :sequence, :turn, :turn, tool_name
FROM message_structure
WHERE id = :id
RETURNING id;

-- name: copy_cut
INSERT INTO convo_cut_answers (session_id, message_id, reason)
SELECT session_id, :new_message_id, reason FROM convo_cut_answers
WHERE session_id = :session_id AND message_id = :message_id
ON CONFLICT DO NOTHING;

-- name: enter_merge
INSERT INTO convo_merges (
    session_id, kind, anchor, last_row, before_row, source_branch_id, source_anchor, source_row,
    first_turn, last_turn, replaced_id
) VALUES (
    :session_id, :kind, :anchor, :last_row, :before_row, :source_branch_id, :source_anchor,
    :source_row, :first_turn, :last_turn, :replaced_id
);

-- name: last_merge
-- The merge or squash that put the newest row on a branch.
SELECT m.id, m.kind, m.anchor, m.last_row, m.before_row, m.source_branch_id, m.source_anchor,
       m.source_row, m.first_turn, m.last_turn, m.replaced_id, m.undone_id
FROM convo_merges AS m
JOIN message_structure AS a ON a.id = m.anchor
JOIN message_structure AS z ON z.id = m.last_row
WHERE m.session_id = :session_id
  AND {unindexed: a.session_id} = :session_id AND {unindexed: a.branch_id} = :branch_id
  AND {unindexed: z.session_id} = :session_id AND {unindexed: z.branch_id} = :branch_id
  AND NOT EXISTS (
      SELECT 1 FROM message_structure AS s
      WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.id > m.last_row
  )
ORDER BY m.id DESC
LIMIT 1;

-- name: undone_merge
SELECT m.id, m.kind, m.anchor, m.last_row, m.before_row, m.source_branch_id, m.source_anchor,
       m.source_row, m.first_turn, m.last_turn, m.replaced_id, m.undone_id
FROM convo_merges AS m
WHERE m.session_id = :session_id AND m.undone_id = :removed_id
ORDER BY m.id DESC
LIMIT 1;

-- name: merges_of_branch
-- The turns of a branch that merges and squashes put there. Turns made of several are known by their
-- message on other branches too.
SELECT m.id, s.user_turn_number, m.kind, m.source_branch_id, m.first_turn, m.last_turn
FROM convo_merges AS m
JOIN message_structure AS a ON a.id = m.anchor
JOIN message_structure AS s
    ON s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
   AND (
       s.id BETWEEN m.anchor AND m.last_row
       OR m.kind IN ('summary', 'squash') AND s.message_id = a.message_id
   )
WHERE m.session_id = :session_id AND m.kind <> 'taken'
ORDER BY m.id, s.id;

-- name: last_summed_up
-- The last row of a branch that a summary on another one covers.
SELECT z.sequence_number, CAST(z.user_turn_number AS BIGINT)
FROM convo_merges AS m
JOIN message_structure AS a ON a.id = m.anchor
JOIN message_structure AS z ON z.id = m.source_row
WHERE m.session_id = :session_id AND m.kind = 'summary'
  AND {unindexed: a.session_id} = :session_id AND {unindexed: a.branch_id} = :branch_id
  AND {unindexed: z.session_id} = :session_id AND {unindexed: z.branch_id} = :source
ORDER BY z.sequence_number DESC
LIMIT 1;

-- name: note_undone_merge
UPDATE convo_merges SET replaced_id = NULL, undone_id = :undone_id WHERE id = :id;

-- name: note_redone_merge
UPDATE convo_merges SET replaced_id = :replaced_id, undone_id = NULL WHERE id = :id;

-- name: turn_of_row
SELECT CAST(user_turn_number AS BIGINT) FROM message_structure
WHERE id = :id AND {unindexed: session_id} = :session_id AND {unindexed: branch_id} = :branch_id;

-- name: removed_span
SELECT CAST(first_turn AS BIGINT), CAST(last_turn AS BIGINT) FROM convo_removed WHERE id = :removed_id;

-- The merges of a session that is deleted, renamed or cleared, and of entries that are gone.

-- name: forget_entry_of_merges
UPDATE convo_merges SET
    replaced_id = nullif(replaced_id, :removed_id), undone_id = nullif(undone_id, :removed_id)
WHERE session_id = :session_id AND (replaced_id = :removed_id OR undone_id = :removed_id);

-- name: forget_entries_of_merges
-- Of one session, or of all if :session_id is NULL.
UPDATE convo_merges SET replaced_id = NULL, undone_id = NULL WHERE {session_or_all: session_id};

-- name: forget_marks_in_merges
DELETE FROM convo_merges WHERE session_id = :session_id;

-- name: clear_way_in_merges
DELETE FROM convo_merges WHERE session_id = :new;

-- name: rename_session_in_merges
UPDATE convo_merges SET session_id = :new WHERE session_id = :old;

-- name: rename_branch_in_merges
UPDATE convo_merges SET source_branch_id = :new
WHERE session_id = :session_id AND source_branch_id = :old;

-- name: forget_every_merge
DELETE FROM convo_merges;

-- name: mend_merges_of_others
DELETE FROM convo_merges WHERE EXISTS (
    SELECT 1 FROM message_structure AS s
    WHERE s.id = convo_merges.anchor AND s.session_id <> convo_merges.session_id
);

-- name: set_turn_of_row
UPDATE message_structure SET user_turn_number = :turn, branch_turn_number = :turn WHERE id = :id;

-- name: set_time_of_message
UPDATE {messages} SET created_at = (
    SELECT o.created_at FROM {messages} AS o WHERE o.id = :other
)
WHERE id = :id;
