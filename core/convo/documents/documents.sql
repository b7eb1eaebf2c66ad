-- Documents: the rows of a session as they are, and rows as a document has them.

-- name: document_session
SELECT s.created_at, s.updated_at, EXISTS (
    SELECT 1 FROM convo_head AS head
    WHERE head.{head_key} = {me} AND head.session_id = s.session_id
)
FROM {sessions} AS s WHERE s.session_id = :session_id;

-- name: document_former_names
SELECT old_session_id FROM convo_renamed_sessions
WHERE session_id = :session_id AND {is_text: old_session_id}
ORDER BY old_session_id;

-- name: document_settings
SELECT {of_head: branch_id; c.session_id; c.branch_id},
       {of_head: previous_branch_id; c.session_id; c.previous_branch_id},
       c.model, c.base_url, c.api, c.agent, c.model_chosen, c.context, c.mcp, c.template,
       c.template_values, c.source, c.folder
FROM convo_sessions AS c WHERE c.session_id = :session_id;

-- name: sessions_without_record
-- Names that only the ledger has, or a pending turn: of deleted sessions, or of ones not begun.
SELECT DISTINCT session_id FROM convo_runs AS r
WHERE NOT EXISTS (SELECT 1 FROM {sessions} AS s WHERE s.session_id = r.session_id)
UNION
SELECT DISTINCT coalesce(session_id, '') FROM ({held_turns}) AS h
WHERE NOT EXISTS (SELECT 1 FROM {sessions} AS s WHERE s.session_id = h.session_id)
ORDER BY 1;

-- Parts: the rows of a session, or of one branch if :branch_id is not NULL.

-- name: document_branches
SELECT branch_id, parent_branch_id, forked_from_turn, kept_empty, created_at
FROM convo_branches
WHERE session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR branch_id = :branch_id)
  AND generation = coalesce(
      (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
  )
ORDER BY branch_id;

-- name: document_renamed_branches
SELECT old_branch_id, branch_id FROM convo_renamed_branches
WHERE session_id = :session_id AND CAST(:branch_id AS TEXT) IS NULL
ORDER BY old_branch_id;

-- name: document_used_names
SELECT branch_id FROM branch_reservations
WHERE session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR branch_id = :branch_id)
ORDER BY branch_id;

-- name: document_messages
SELECT id, {bytes: message_data}, created_at FROM {messages}
WHERE session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR id IN (
    SELECT message_id FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
))
ORDER BY id;

-- name: document_structure_ids
-- With a look-up for each row: a server that takes the session for a short one joins too slowly.
SELECT s.id FROM message_structure AS s
WHERE s.session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR s.branch_id = :branch_id)
  AND (SELECT m.session_id FROM {messages} AS m WHERE m.id = s.message_id)
      {is_of: s.session_id}
ORDER BY s.id;

-- name: document_structure
SELECT s.id, s.message_id, s.branch_id, s.message_type, s.sequence_number, s.user_turn_number,
       s.branch_turn_number, s.tool_name, s.created_at
FROM (SELECT CAST(value AS BIGINT) AS id FROM {list: :ids}) AS wanted
{in_order} JOIN message_structure AS s ON s.id = wanted.id
ORDER BY s.id;

-- name: document_cuts
SELECT message_id, reason FROM convo_cut_answers
WHERE session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR message_id IN (
    SELECT message_id FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
))
ORDER BY message_id;

-- name: document_turn_usage
-- Of a branch alone, the usage of its own turns only: the runs of shared ones give theirs.
SELECT id, branch_id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
       input_tokens_details, output_tokens_details, created_at
FROM turn_usage
WHERE session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR branch_id = :branch_id)
ORDER BY id;

-- name: document_run_ids
SELECT id FROM convo_runs WHERE session_id = :session_id ORDER BY id;

-- name: document_run_ids_of_branch
-- The runs of the turns of a branch, which may have been asked on another one.
SELECT r.id
FROM message_structure AS shown
{in_order} JOIN message_structure AS asked
    ON asked.message_id = shown.message_id AND {unindexed: asked.session_id} = shown.session_id
{in_order} JOIN convo_runs AS r
    ON r.session_id = :session_id AND r.branch_id = asked.branch_id
   AND r.user_turn_number = asked.user_turn_number AND r.anchor = asked.id
WHERE shown.session_id = :session_id AND shown.branch_id = :branch_id
  AND shown.message_type = 'user'
ORDER BY r.id;

-- name: document_runs
SELECT r.id, r.branch_id, r.user_turn_number, r.anchor, r.turn_usage_id, r.model, r.status,
       r.estimated, r.requests, r.input_tokens, r.cached_tokens, r.output_tokens,
       r.reasoning_tokens, r.total_tokens, r.input_details, r.output_details, r.request_entries,
       r.started_at, r.duration_s, r.created_at, r.last_agent, r.answer_schema, r.base_url, r.agent,
       r.recorded_cost, r.first_token_s, r.cache_write_tokens, r.cache_write_1h_tokens,
       r.audio_input_tokens, r.audio_output_tokens, r.longest_request, r.tool_times
FROM (SELECT CAST(value AS BIGINT) AS id FROM {list: :ids}) AS wanted
{in_order} JOIN convo_runs AS r ON r.id = wanted.id
ORDER BY r.id;

-- name: place_of_anchor
-- Where a branch shows the message of another row: for the runs of turns that it shares.
SELECT s.id, s.user_turn_number
FROM message_structure AS asked
JOIN message_structure AS s ON s.message_id = asked.message_id
WHERE asked.id = :anchor
  AND {unindexed: s.session_id} = :session_id AND {unindexed: s.branch_id} = :branch_id
ORDER BY s.id LIMIT 1;

-- name: document_pending
-- Not with a branch alone: who asked them waits for them. Those of no session have NULL.
SELECT id, branch_id, turn, from_turn, stem, retries, question, options, answer, state, message,
       host, process, process_began, after_row, created_at, updated_at, items, running, agent,
       run_id, carried
FROM convo_held_turns
WHERE (session_id = :session_id OR :session_id = '' AND session_id IS NULL)
  AND CAST(:branch_id AS TEXT) IS NULL
ORDER BY id;

-- name: document_notes
SELECT n.note, n.message_id, n.created_at
FROM convo_notes AS n
JOIN {messages} AS m ON m.id = n.message_id AND m.session_id {is_of: n.session_id}
WHERE n.session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR n.message_id IN (
    SELECT message_id FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
))
ORDER BY n.message_id;

-- name: document_tags
SELECT t.tag, t.message_id, t.created_at
FROM convo_tags AS t
JOIN {messages} AS m ON m.id = t.message_id AND m.session_id {is_of: t.session_id}
WHERE t.session_id = :session_id AND (CAST(:branch_id AS TEXT) IS NULL OR t.message_id IN (
    SELECT message_id FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
))
ORDER BY t.message_id, t.tag;

-- name: document_stars
-- The star of the session itself has no message.
SELECT t.created_at, nullif(t.message_id, 0)
FROM convo_stars AS t
LEFT JOIN {messages} AS m ON m.id = t.message_id AND m.session_id {is_of: t.session_id}
WHERE t.session_id = :session_id AND (t.message_id = 0 OR m.id IS NOT NULL)
  AND (CAST(:branch_id AS TEXT) IS NULL OR t.message_id IN (
      SELECT message_id FROM message_structure
      WHERE session_id = :session_id AND branch_id = :branch_id
  ))
ORDER BY t.message_id;

-- name: document_merges
-- Those that are to be seen. What they replaced, and what an undo took, is not in documents.
SELECT m.kind, m.anchor, m.last_row, m.before_row, m.source_branch_id, m.source_anchor,
       m.source_row, m.first_turn, m.last_turn, m.created_at
FROM convo_merges AS m
JOIN message_structure AS a ON a.id = m.anchor AND a.session_id = m.session_id
JOIN message_structure AS z ON z.id = m.last_row AND z.session_id = m.session_id
WHERE m.session_id = :session_id
  AND (CAST(:branch_id AS TEXT) IS NULL OR a.branch_id = :branch_id AND z.branch_id = :branch_id)
ORDER BY m.id;

-- Restoring.

-- name: restore_session
INSERT INTO {sessions} (session_id, created_at, updated_at)
VALUES (:session_id, {time_or_now: :created_at}, {time_or_now: :updated_at})
ON CONFLICT DO NOTHING;

-- name: restore_renamed_session
INSERT INTO convo_renamed_sessions (old_session_id, session_id) VALUES (:old, :new)
ON CONFLICT DO NOTHING;

-- name: restore_settings
INSERT INTO convo_sessions (
    session_id, branch_id, previous_branch_id, model, base_url, api, agent, model_chosen, context,
    mcp, template, template_values, source, folder
) VALUES (
    :session_id, :branch, :previous_branch, :model, :base_url, :api, :agent, :model_chosen,
    :context, :mcp, :template, :template_values, :source, :folder
)
ON CONFLICT DO NOTHING;

-- name: restore_branch
INSERT INTO convo_branches (
    session_id, branch_id, parent_branch_id, forked_from_turn, kept_empty, generation, created_at
) VALUES (
    :session_id, :branch, :parent, :forked_from_turn, :kept_empty,
    coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
    ),
    :created_at
)
ON CONFLICT (session_id, branch_id) DO UPDATE SET
    parent_branch_id = excluded.parent_branch_id, forked_from_turn = excluded.forked_from_turn,
    kept_empty = excluded.kept_empty, generation = excluded.generation,
    created_at = excluded.created_at;

-- name: restore_renamed_branch
INSERT INTO convo_renamed_branches (session_id, old_branch_id, branch_id)
VALUES (:session_id, :old, :branch)
ON CONFLICT DO NOTHING;

-- name: restore_used_name
INSERT INTO branch_reservations (session_id, branch_id) VALUES (:session_id, :branch)
ON CONFLICT DO NOTHING;

-- name: restore_message
INSERT INTO {messages} (session_id, message_data, created_at)
VALUES (:session_id, :data, {time_or_now: :created_at})
RETURNING id;

-- name: restore_structure
INSERT INTO message_structure (
    session_id, message_id, branch_id, message_type, sequence_number, user_turn_number,
    branch_turn_number, tool_name, created_at
) VALUES (
    :session_id, :message, :branch, :type, :sequence, :turn, :branch_turn, :tool, :created_at
)
RETURNING id;

-- name: restore_cut
INSERT INTO convo_cut_answers (session_id, message_id, reason)
VALUES (:session_id, :message, :reason)
ON CONFLICT DO NOTHING;

-- name: restore_turn_usage
INSERT INTO turn_usage (
    session_id, branch_id, user_turn_number, requests, input_tokens, output_tokens, total_tokens,
    input_tokens_details, output_tokens_details, created_at
) VALUES (
    :session_id, :branch, :turn, :requests, :input_tokens, :output_tokens, :total_tokens,
    :input_details, :output_details, :created_at
)
ON CONFLICT (session_id, branch_id, user_turn_number) DO UPDATE SET requests = excluded.requests
RETURNING id;

-- name: restore_run
INSERT INTO convo_runs (
    session_id, branch_id, user_turn_number, anchor, turn_usage_id, model, status, estimated,
    requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens,
    input_details, output_details, request_entries, started_at, duration_s, created_at, last_agent,
    answer_schema, base_url, agent, recorded_cost, first_token_s, cache_write_tokens,
    cache_write_1h_tokens, audio_input_tokens, audio_output_tokens, longest_request, tool_times
) VALUES (
    :session_id, :branch, :turn, :anchor, :turn_usage, :model, :status, :estimated, :requests,
    :input_tokens, :cached_tokens, :output_tokens, :reasoning_tokens, :total_tokens,
    :input_details, :output_details, :request_entries, :started_at, :duration_s, :created_at,
    :last_agent, :answer_schema, :base_url, :agent, :recorded_cost, :first_token_s,
    :cache_write_tokens, :cache_write_1h_tokens, :audio_input_tokens, :audio_output_tokens,
    :longest_request, :tool_times
)
RETURNING id;

-- name: place_known_run
-- The run of a session that had been deleted here: its turn is back.
UPDATE convo_runs SET
    branch_id = :branch, user_turn_number = :turn, anchor = :anchor, turn_usage_id = :turn_usage
WHERE id = :id;

-- name: restore_note
INSERT INTO convo_notes (session_id, message_id, note, created_at)
VALUES (:session_id, :message, :note, :created_at)
ON CONFLICT DO NOTHING;

-- name: restore_tag
INSERT INTO convo_tags (session_id, tag, message_id, created_at)
VALUES (:session_id, :tag, :message, :created_at)
ON CONFLICT DO NOTHING;

-- name: restore_star
INSERT INTO convo_stars (session_id, message_id, created_at)
VALUES (:session_id, coalesce(CAST(:message AS BIGINT), 0), :created_at)
ON CONFLICT DO NOTHING;

-- name: restore_merge
INSERT INTO convo_merges (
    session_id, kind, anchor, last_row, before_row, source_branch_id, source_anchor, source_row,
    first_turn, last_turn, created_at
) VALUES (
    :session_id, :kind, :anchor, :last_row, :before_row, :source_branch, :source_anchor,
    :source_row, :first_turn, :last_turn, :created_at
);

-- name: merge_of_anchor
SELECT 1 FROM convo_merges WHERE session_id = :session_id AND anchor = :anchor AND kind = :kind;

-- name: restore_pending
INSERT INTO convo_held_turns (
    session_id, branch_id, turn, from_turn, stem, retries, question, options, answer, state,
    message, host, process, process_began, after_row, created_at, updated_at, items, running, agent,
    run_id, carried
) VALUES (
    :session_id, :branch, :turn, :from_turn, :stem, :retries, :question, :options, :answer, :state,
    :message, :host, :process, :process_began, :after_row, :created_at, :updated_at, :items,
    :running, :agent, :run, :carried
)
RETURNING id;

-- Merging: adding to a session what its document has more.

-- name: document_record
-- The session that the document of another was stored as, if it is that session still.
SELECT d.session_id, d.digest
FROM convo_imported_sessions AS d
JOIN {sessions} AS s ON s.session_id = d.session_id
WHERE d.source = 'convo' AND d.source_id = :known_as
  AND s.created_at IS NOT DISTINCT FROM :created_at;

-- name: document_of_deleted
SELECT session_id, digest FROM convo_imported_sessions
WHERE source = 'convo' AND source_id = :known_as AND session_id IS NOT NULL;

-- name: session_begun_at
SELECT 1 FROM {sessions}
WHERE session_id = :session_id AND created_at IS NOT DISTINCT FROM :created_at;

-- name: record_document
UPDATE convo_imported_sessions SET session_id = :session_id, digest = :digest
WHERE source = 'convo' AND source_id = :known_as;

-- name: record_new_document
INSERT INTO convo_imported_sessions (source, source_id, session_id, digest)
VALUES ('convo', :known_as, :session_id, :digest);

-- name: rows_of_line
SELECT id, message_id, user_turn_number FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id
ORDER BY sequence_number;

-- name: lowest_anchor
-- The lowest number that stands for a deleted row; 0 if none does.
SELECT coalesce(min(anchor), 0) FROM convo_runs WHERE session_id = :session_id AND anchor < 0;

-- name: known_pending
SELECT id, question, created_at, updated_at FROM convo_held_turns
WHERE session_id = :session_id OR :session_id = '' AND session_id IS NULL;

-- name: usage_of_turn
SELECT id FROM turn_usage
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn;

-- name: grow_session
UPDATE {sessions} SET updated_at = :updated_at
WHERE session_id = :session_id AND updated_at < :updated_at;
