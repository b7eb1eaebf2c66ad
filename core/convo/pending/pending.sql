-- Pending turns: those that are being answered, and those that can be asked again.

-- name: held_turns
-- Without those of deleted sessions.
SELECT h.* FROM convo_held_turns AS h
WHERE NOT EXISTS (SELECT 1 FROM convo_removed_sessions AS r WHERE r.kept_as = h.session_id);

-- name: hold_turn
INSERT INTO convo_held_turns (
    session_id, branch_id, turn, from_turn, stem, retries, question, options, state,
    host, process, process_began, items, agent, carried, after_row
) VALUES (
    :session_id, :branch_id, :turn, :from_turn, :stem, :retries, :question, :options, 'running',
    :host, :process, :process_began, :items, :agent, :carried,
    coalesce((
        SELECT id FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id
        ORDER BY sequence_number DESC
        LIMIT 1
    ), 0)
)
RETURNING id;

-- name: save_held_answer
UPDATE convo_held_turns SET answer = :answer, updated_at = {now} WHERE id = :id;

-- name: save_held_progress
UPDATE convo_held_turns SET
    answer = :answer, items = :items, running = :running, agent = :agent,
    updated_at = {now}
WHERE id = :id;

-- name: end_held_turn
-- What is on the branch now was stored before this turn ended.
UPDATE convo_held_turns SET
    state = :state, message = :message, answer = :answer, items = :items, running = :running,
    agent = :agent, updated_at = {now},
    after_row = coalesce((
        SELECT s.id FROM message_structure AS s
        WHERE s.session_id = convo_held_turns.session_id
          AND s.branch_id = convo_held_turns.branch_id
        ORDER BY s.sequence_number DESC
        LIMIT 1
    ), 0)
WHERE id = :id;

-- name: forget_held_turn
-- The turn and its earlier tries.
WITH first (id) AS (
    SELECT coalesce(retries, id) FROM convo_held_turns WHERE id = :id
)
DELETE FROM convo_held_turns WHERE id IN (
    SELECT id FROM first
    UNION ALL
    SELECT again.id FROM first {in_order} JOIN convo_held_turns AS again ON again.retries = first.id
);

-- name: run_of_held
-- The row of its run in the ledger, its location, and the runs of the tries that it continues.
SELECT run_id, session_id, branch_id, turn, carried FROM convo_held_turns WHERE id = :id;

-- name: note_run_of_held
UPDATE convo_held_turns SET run_id = :run_id WHERE id = :id;

-- name: place_runs_of_held
-- All tries of a turn. The runs that the stored turn continues belong to it; the others do not.
WITH first (id) AS (
    SELECT coalesce(retries, id) FROM convo_held_turns WHERE id = :id
), tried (run_id) AS (
    SELECT h.run_id FROM first {in_order} JOIN convo_held_turns AS h ON h.id = first.id
    UNION ALL
    SELECT h.run_id FROM first {in_order} JOIN convo_held_turns AS h ON h.retries = first.id
    UNION ALL
    SELECT CAST(value AS BIGINT) FROM {list: :carried}
    UNION ALL
    SELECT :run_id
)
UPDATE convo_runs SET
    session_id = :session_id, branch_id = :branch_id, user_turn_number = :turn,
    anchor = CASE
        WHEN id = :run_id OR id IN (SELECT CAST(value AS BIGINT) FROM {list: :carried})
            THEN CAST(:anchor AS BIGINT)
    END
WHERE id IN (SELECT run_id FROM tried);

-- name: held_turn
-- One try, with what had arrived of its answer or, if nothing had, of that of the previous try.
SELECT
    id, coalesce(retries, id), session_id, branch_id, turn, from_turn, stem, question, options,
    coalesce(nullif(answer, ''), (
        SELECT before.answer FROM convo_held_turns AS before
        WHERE (before.id = held.retries OR before.retries = held.retries)
          AND before.id < held.id AND before.answer <> '' AND before.items = held.items
        ORDER BY before.id DESC
        LIMIT 1
    ), ''),
    state, message, host, process, process_began, created_at, updated_at,
    updated_at > {an_hour_ago},
    after_row <> coalesce((
        SELECT s.id FROM message_structure AS s
        WHERE s.session_id = held.session_id AND s.branch_id = held.branch_id
        ORDER BY s.sequence_number DESC
        LIMIT 1
    ), 0),
    items, running, agent
FROM ({held_turns}) AS held
WHERE id = :id;

-- name: last_try
-- Of the question with this number or this try.
WITH first (number) AS (
    SELECT coalesce((SELECT retries FROM convo_held_turns WHERE id = :id), :id)
)
SELECT max(id) FROM (
    SELECT id FROM convo_held_turns WHERE id = (SELECT number FROM first)
    UNION ALL
    SELECT id FROM convo_held_turns WHERE retries = (SELECT number FROM first)
) AS tries;

-- name: last_tries
-- The last try of every question, in the order in which the questions were first asked.
SELECT max(id) FROM ({held_turns}) AS held
GROUP BY coalesce(retries, id)
ORDER BY coalesce(retries, id);

-- name: last_tries_of_branch
-- The newest first. A question belongs to the branch of its last try only.
SELECT id FROM convo_held_turns AS held
WHERE session_id = :session_id AND branch_id = :branch_id
  AND NOT EXISTS (
      SELECT 1 FROM convo_held_turns AS later
      WHERE later.retries = coalesce(held.retries, held.id) AND later.id > held.id
  )
ORDER BY id DESC;

-- name: last_tries_of_new_sessions
-- Those that are to begin a session that does not exist, the newest first.
SELECT id FROM ({held_turns}) AS held
WHERE NOT EXISTS (SELECT 1 FROM {sessions} AS s WHERE s.session_id = held.session_id)
  AND NOT EXISTS (
      SELECT 1 FROM convo_held_turns AS later
      WHERE later.retries = coalesce(held.retries, held.id) AND later.id > held.id
  )
ORDER BY id DESC;

-- name: processes_of_last_tries
-- The state and process of each, without the question.
SELECT state, host, process, process_began, updated_at > {an_hour_ago}
FROM convo_held_turns
WHERE id IN (SELECT max(id) FROM ({held_turns}) AS held GROUP BY coalesce(retries, id));

-- name: is_held_of_session
SELECT EXISTS (SELECT 1 FROM convo_held_turns WHERE session_id = :session_id);

-- name: last_tries_of_session
SELECT max(id) FROM convo_held_turns
WHERE session_id = :session_id
GROUP BY coalesce(retries, id)
ORDER BY coalesce(retries, id);

-- name: forget_held_of_session
DELETE FROM convo_held_turns WHERE session_id = :session_id;

-- name: return_held_turn
-- With its earlier tries.
UPDATE convo_held_turns SET session_id = :session_id WHERE id = :number OR retries = :number;

-- name: rename_session_in_cuts
UPDATE convo_cut_answers SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_held
UPDATE convo_held_turns SET session_id = :new WHERE session_id = :old;
