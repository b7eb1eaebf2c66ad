-- Whole sessions, copied to another database: what documents leave out.

-- name: copied_removed_ids
-- What can be restored of a session: only entries since the last clear.
SELECT id FROM convo_removed AS entry
WHERE entry.session_id = :session_id AND entry.generation = coalesce(
    (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
);

-- name: copied_removed
SELECT id, act, branch_id, what, first_turn, last_turn, turns, asked_id, after_id, after_sequence,
       parent_branch_id, forked_from_turn, branch_created_at, removed_at
FROM convo_removed WHERE id IN ({copied_removed_ids})
ORDER BY id;

-- name: copied_removed_messages
SELECT id, {bytes: message_data}, created_at FROM convo_removed_messages
WHERE id IN (
    SELECT message_id FROM convo_removed_rows WHERE removed_id IN ({copied_removed_ids})
)
ORDER BY id;

-- name: copied_removed_rows
-- Without those whose messages have been deleted since, which could not be restored.
SELECT r.id, r.message_id, r.removed_id, r.message_type, r.sequence_number, r.user_turn_number,
       r.branch_turn_number, r.tool_name, r.created_at
FROM convo_removed_rows AS r
WHERE r.removed_id IN ({copied_removed_ids}) AND (
    EXISTS (SELECT 1 FROM convo_removed_messages AS k WHERE k.id = r.message_id)
    OR (SELECT m.session_id FROM {messages} AS m WHERE m.id = r.message_id) {is_of: :session_id}
)
ORDER BY r.id;

-- name: copied_removed_usage
SELECT id, removed_id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
       input_tokens_details, output_tokens_details, created_at
FROM convo_removed_usage WHERE removed_id IN ({copied_removed_ids})
ORDER BY id;

-- name: copied_removed_sessions
-- The deleted sessions of a name.
SELECT act, kept_as, branches, turns, was_current, session_created_at, session_updated_at, removed_at
FROM convo_removed_sessions WHERE session_id = :session_id
ORDER BY id;

-- name: copied_imports
SELECT id, source, source_id, parent_id, digest FROM convo_imported_sessions
WHERE session_id = :session_id
ORDER BY id;

-- name: copied_imports_of_none
-- Of sessions that have been deleted for good: what has been imported once is not imported again.
SELECT id, source, source_id, parent_id, digest FROM convo_imported_sessions
WHERE session_id IS NULL
ORDER BY id;

-- name: copied_imported_turns
SELECT import_id, turn_id, anchor, items, digest FROM convo_imported_turns
WHERE import_id IN (SELECT id FROM convo_imported_sessions WHERE session_id = :session_id)
ORDER BY id;

-- name: copied_evals
-- Those whose branches are in a session, or with NULL, in one that has been deleted for good.
SELECT id, name, path, digest, choices, cases, repeats, created_at, ended_at FROM convo_evals
WHERE session_id IS NOT DISTINCT FROM CAST(:session_id AS TEXT)
ORDER BY id;

-- name: evals_of_no_session
SELECT count(*) FROM convo_evals WHERE session_id IS NULL;

-- name: imports_of_no_session
SELECT count(*) FROM convo_imported_sessions WHERE session_id IS NULL;

-- name: known_eval
-- One of no session outlives those of its session, and may have been copied before.
SELECT id FROM convo_evals
WHERE session_id IS NULL AND name = :called AND digest = :digest
  AND created_at IS NOT DISTINCT FROM :created_at;

-- name: copied_eval_results
SELECT eval_id, position, choice, attempt, case_name, digest, state, session_id, branch_id, turn,
       checks, message, requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
       total_tokens, estimated, cost, judge_cost, duration_s, created_at
FROM convo_eval_results WHERE eval_id = :eval_id
ORDER BY position, choice, attempt;

-- name: copy_eval
INSERT INTO convo_evals (
    session_id, name, path, digest, choices, cases, repeats, created_at, ended_at
) VALUES (
    :session_id, :called, :path, :digest, :choices, :cases, :repeats, :created_at, :ended_at
) RETURNING id;

-- name: copy_eval_result
INSERT INTO convo_eval_results (
    eval_id, position, choice, attempt, case_name, digest, state, session_id, branch_id, turn,
    checks, message, requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
    total_tokens, estimated, cost, judge_cost, duration_s, created_at
) VALUES (
    :eval_id, :position, :choice, :attempt, :case_name, :digest, :state, :session_id, :branch_id,
    :turn, :checks, :message, :requests, :input_tokens, :cached_tokens, :output_tokens,
    :reasoning_tokens, :total_tokens, :estimated, :cost, :judge_cost, :duration_s, :created_at
);

-- name: removed_session_at
SELECT 1 FROM convo_removed_sessions
WHERE session_id = :session_id AND removed_at IS NOT DISTINCT FROM :removed_at;

-- name: names_of_removed_sessions
SELECT DISTINCT session_id FROM convo_removed_sessions AS gone WHERE {is_text: session_id}
ORDER BY session_id;

-- Storing a copy. Removed rows are inserted where they were, which gives them ids that no other row
-- has or will have, and then set aside.

-- name: copy_removed
INSERT INTO convo_removed (
    act, session_id, branch_id, what, first_turn, last_turn, turns, asked_id, after_id,
    after_sequence, parent_branch_id, forked_from_turn, branch_created_at, removed_at, generation
) VALUES (
    :act, :session_id, :branch, :what, :first_turn, :last_turn, :turns, :asked, :after,
    :after_sequence, :parent, :forked_from_turn, :branch_created_at, :removed_at,
    coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
    )
)
RETURNING id;

-- name: set_aside_copied_rows
INSERT INTO convo_removed_rows (
    removed_id, id, message_id, message_type, sequence_number, user_turn_number,
    branch_turn_number, tool_name, created_at
)
SELECT :removed_id, id, message_id, message_type, sequence_number, user_turn_number,
       branch_turn_number, tool_name, created_at
FROM message_structure
WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids} AS list);

-- name: delete_copied_rows
DELETE FROM message_structure
WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids} AS list);

-- name: set_aside_copied_usage
INSERT INTO convo_removed_usage (
    removed_id, id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
    input_tokens_details, output_tokens_details, created_at
)
SELECT :removed_id, id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
       input_tokens_details, output_tokens_details, created_at
FROM turn_usage
WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids} AS list);

-- name: delete_copied_usage
DELETE FROM turn_usage WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids} AS list);

-- name: set_aside_copied_messages
INSERT INTO convo_removed_messages (id, message_data, created_at)
SELECT id, message_data, created_at FROM {messages}
WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids} AS list);

-- name: delete_copied_messages
DELETE FROM {messages} WHERE id IN (SELECT CAST(value AS BIGINT) FROM {list: :ids} AS list);

-- name: copy_removed_session
INSERT INTO convo_removed_sessions (
    act, session_id, kept_as, branches, turns, was_current, newest_message, session_created_at,
    session_updated_at, removed_at
) VALUES (
    :act, :called, :session_id, :branches, :turns, :was_current, 0, :session_created_at,
    :session_updated_at, :removed_at
)
RETURNING id;

-- name: drop_place_of_copy
-- The session under whose name the rows of a deleted one were inserted.
DELETE FROM {sessions} WHERE session_id = :session_id;

-- Marks, also those of removed turns, but not those of turns that have been deleted for good.

-- name: copied_notes
SELECT n.note, n.message_id, n.created_at
FROM convo_notes AS n
WHERE n.session_id = :session_id AND (
    EXISTS (SELECT 1 FROM {messages} AS m WHERE m.id = n.message_id)
    OR EXISTS (SELECT 1 FROM convo_removed_messages AS r WHERE r.id = n.message_id)
)
ORDER BY n.message_id;

-- name: copied_tags
SELECT t.tag, t.message_id, t.created_at
FROM convo_tags AS t
WHERE t.session_id = :session_id AND (
    EXISTS (SELECT 1 FROM {messages} AS m WHERE m.id = t.message_id)
    OR EXISTS (SELECT 1 FROM convo_removed_messages AS r WHERE r.id = t.message_id)
)
ORDER BY t.message_id, t.tag;

-- name: copied_stars
SELECT t.created_at, nullif(t.message_id, 0)
FROM convo_stars AS t
WHERE t.session_id = :session_id AND (
    t.message_id = 0
    OR EXISTS (SELECT 1 FROM {messages} AS m WHERE m.id = t.message_id)
    OR EXISTS (SELECT 1 FROM convo_removed_messages AS r WHERE r.id = t.message_id)
)
ORDER BY t.message_id;

-- name: copied_merges
SELECT m.kind, m.anchor, m.last_row, m.before_row, m.source_branch_id, m.source_anchor,
       m.source_row, m.first_turn, m.last_turn, m.created_at, m.replaced_id, m.undone_id
FROM convo_merges AS m
WHERE m.session_id = :session_id AND (
    EXISTS (SELECT 1 FROM message_structure AS s WHERE s.id = m.anchor)
    OR EXISTS (
        SELECT 1 FROM convo_removed AS e
        JOIN convo_removed_rows AS r ON r.removed_id = e.id AND r.id = m.anchor
        WHERE e.session_id = :session_id
    )
) AND (
    EXISTS (SELECT 1 FROM message_structure AS s WHERE s.id = m.last_row)
    OR EXISTS (
        SELECT 1 FROM convo_removed AS e
        JOIN convo_removed_rows AS r ON r.removed_id = e.id AND r.id = m.last_row
        WHERE e.session_id = :session_id
    )
)
ORDER BY m.id;

-- name: copy_merge
INSERT INTO convo_merges (
    session_id, kind, anchor, last_row, before_row, source_branch_id, source_anchor, source_row,
    first_turn, last_turn, created_at, replaced_id, undone_id
) VALUES (
    :session_id, :kind, :anchor, :last_row, :before_row, :source_branch, :source_anchor,
    :source_row, :first_turn, :last_turn, :created_at, :replaced, :undone
);
