-- The sessions of a database.

-- name: session_is_there
SELECT 1 FROM {sessions} WHERE session_id = :session_id;

-- name: session_names
SELECT session_id FROM {sessions} WHERE {is_session: session_id} ORDER BY created_at, {row};

-- name: session_names_used
-- Those of a JSON list of names that a session has.
SELECT name.value FROM {list: :names} AS name
JOIN {sessions} AS s ON s.session_id = name.value;

-- name: count_sessions
SELECT count(*) FROM {sessions};

-- name: count_some_sessions
-- Those that were imported from a source, those of a folder, or those of both.
SELECT count(*) FROM {sessions} AS s
JOIN convo_sessions AS about ON about.session_id = s.session_id
WHERE (CAST(:source AS TEXT) IS NULL OR about.source = :source)
  AND (CAST(:folder AS TEXT) IS NULL OR about.folder = :folder);

-- name: list_sessions
-- All of them, those of a source or a folder, or one. `turns` are those of the session's current
-- branch; the tokens are those of the ledger and of the usage that only the SDK stored.
WITH placed AS (
    SELECT s.session_id, s.created_at, s.updated_at, s.place AS position, c.model, c.source,
           CASE
               WHEN EXISTS (
                   SELECT 1 FROM message_structure AS r
                   WHERE r.session_id = s.session_id
                     AND r.branch_id = {of_head: branch_id; s.session_id; c.branch_id}
               ) OR EXISTS (
                   SELECT 1 FROM ({empty_branches}) AS b
                   WHERE b.session_id = s.session_id
                     AND b.branch_id = {of_head: branch_id; s.session_id; c.branch_id}
               ) THEN {of_head: branch_id; s.session_id; c.branch_id}
               ELSE 'main'
           END AS branch_id
    FROM (
        SELECT session_id, created_at, updated_at, {row} AS place FROM {sessions} AS one
        WHERE {is_session: session_id}
          AND (CAST(:session_id AS TEXT) IS NULL OR session_id = :session_id)
          AND (CAST(:source AS TEXT) IS NULL OR EXISTS (
              SELECT 1 FROM convo_sessions AS origin
              WHERE origin.session_id = one.session_id AND origin.source = :source
          ))
          AND (CAST(:folder AS TEXT) IS NULL OR EXISTS (
              SELECT 1 FROM convo_sessions AS place
              WHERE place.session_id = one.session_id AND place.folder = :folder
          ))
        ORDER BY updated_at DESC, {row} DESC LIMIT :limit
    ) AS s
    LEFT JOIN convo_sessions AS c ON c.session_id = s.session_id
)
SELECT
    p.session_id, p.branch_id,
    (
        SELECT count(*) FROM (
            SELECT branch_id FROM message_structure WHERE session_id = p.session_id
            UNION
            SELECT branch_id FROM ({empty_branches}) AS empty WHERE session_id = p.session_id
            UNION SELECT 'main'
        ) AS names
    ),
    (
        SELECT count(DISTINCT user_turn_number) FROM message_structure AS t
        WHERE t.session_id = p.session_id AND t.branch_id = p.branch_id
          AND t.message_type = 'user'
    ),
    (
        SELECT coalesce(sum(total_tokens), 0) FROM convo_runs AS r
        WHERE r.session_id = p.session_id
    ) + (
        SELECT coalesce(sum(total_tokens), 0) FROM ({foreign_usage}) AS u
        WHERE u.session_id = p.session_id
    ),
    EXISTS (
        SELECT 1 FROM convo_runs AS r WHERE r.session_id = p.session_id AND r.estimated <> 0
    ),
    p.model, p.created_at, p.updated_at, p.source
FROM placed AS p
ORDER BY p.updated_at DESC, p.position DESC;

-- name: session_model
SELECT model, base_url, api, agent, coalesce(model_chosen, 0), context, mcp, template,
    template_values
FROM convo_sessions WHERE session_id = :session_id;

-- name: set_session_model
INSERT INTO convo_sessions (
    session_id, model, base_url, api, agent, model_chosen, context, mcp, template, template_values,
    folder
)
VALUES (
    :session_id, :model, :base_url, :api, :agent, CAST(:model_chosen AS INTEGER),
    :context, :mcp, :template, :template_values, :folder
)
ON CONFLICT (session_id) DO UPDATE SET
    model = :model, base_url = :base_url, api = :api, agent = :agent,
    model_chosen = excluded.model_chosen,
    context = :context, mcp = :mcp, template = :template, template_values = :template_values,
    folder = coalesce(:folder, convo_sessions.folder);

-- name: choose_session_model
-- Goes on with a model. Another server may speak another API, another agent has another context.
UPDATE convo_sessions SET
    model = :model, base_url = :base_url, agent = :agent, model_chosen = 1,
    api = CASE WHEN base_url IS NOT DISTINCT FROM :base_url THEN api END,
    context = CASE WHEN agent IS NOT DISTINCT FROM :agent THEN context END
WHERE session_id = :session_id;

-- name: folder_of_session
SELECT folder FROM convo_sessions WHERE session_id = :session_id;

-- name: note_folder
INSERT INTO convo_sessions (session_id, folder) VALUES (:session_id, :folder)
ON CONFLICT (session_id) DO UPDATE SET folder = excluded.folder;

-- name: session_of_folder
-- The current session if it is one of the folder, else the one of the folder that was last written.
SELECT s.session_id FROM convo_sessions AS c
JOIN {sessions} AS s ON s.session_id = c.session_id
WHERE c.folder = :folder
ORDER BY
    CASE WHEN s.session_id = (SELECT session_id FROM convo_head WHERE {head_key} = {me}) THEN 0 ELSE 1 END,
    s.updated_at DESC
LIMIT 1;

-- name: session_renamed_to
SELECT session_id FROM convo_renamed_sessions
WHERE old_session_id = :session_id AND {is_text: session_id};

-- name: note_renamed_session
INSERT INTO convo_renamed_sessions (old_session_id, session_id) VALUES (:old, :new)
ON CONFLICT (old_session_id) DO UPDATE SET session_id = excluded.session_id;

-- name: forget_renamed_session
-- For a name that another session gets.
DELETE FROM convo_renamed_sessions WHERE old_session_id = :session_id;

-- Deletes leftovers under a name that a session gets and no session has now.

-- name: clear_way_in_branches
DELETE FROM convo_branches WHERE session_id = :new;

-- name: clear_way_in_renamed_branches
DELETE FROM convo_renamed_branches WHERE session_id = :new;

-- name: clear_way_in_heads
DELETE FROM convo_sessions WHERE session_id = :new;

-- name: clear_way_in_adopted
DELETE FROM convo_adopted WHERE session_id = :new;

-- name: clear_way_in_cuts
DELETE FROM convo_cut_answers WHERE session_id = :new;

-- name: clear_way_in_last_rows
DELETE FROM convo_last_rows WHERE session_id = :new;

-- Renames a session in every table with session names.

-- name: rename_session_in_renamed_sessions
-- There are few.
UPDATE convo_renamed_sessions SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_sessions
UPDATE {sessions} SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_messages
UPDATE {messages} SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_structure
UPDATE message_structure SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_turn_usage
UPDATE turn_usage SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_reservations
UPDATE branch_reservations SET session_id = :new
WHERE session_id = :old AND branch_id NOT IN (
    SELECT branch_id FROM branch_reservations WHERE session_id = :new
);

-- name: rename_session_in_branches
-- Rows from before a clear keep the old name.
UPDATE convo_branches SET
    session_id = :new,
    generation = coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :new), 0
    )
WHERE session_id = :old AND generation = coalesce(
    (SELECT generation FROM session_clear_generations WHERE session_id = :old), 0
);

-- name: rename_session_in_renamed_branches
UPDATE convo_renamed_branches SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_heads
UPDATE convo_sessions SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_adopted
UPDATE convo_adopted SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_runs
UPDATE convo_runs SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_head
UPDATE convo_head SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_removed
-- Entries from before a clear keep the old name.
UPDATE convo_removed SET
    session_id = :new,
    generation = coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = :new), 0
    )
WHERE session_id = :old AND generation = coalesce(
    (SELECT generation FROM session_clear_generations WHERE session_id = :old), 0
);
