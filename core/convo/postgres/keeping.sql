-- What is deleted by others, such as the SDK's class, which knows no branches: a message that a branch
-- shows stays on that branch. It keeps its id and its text, under the name of a session of its own,
-- which the SDK's class does not read.
--
-- A function of the owner does so, because others need not have rights on these tables. Semicolons
-- stand at the beginnings of its lines, since one at the end of a line ends a block. What convo
-- deletes itself says so, by a setting of its transaction.

-- name: keep_messages
-- After the rows are gone, so that others can have their ids. For this, `message_structure` has no
-- foreign key to the messages: a delete that the triggers do not see leaves rows without message.
-- Usage goes with its turn, and what can be restored keeps its text, as when convo deletes.
CREATE OR REPLACE FUNCTION {schema}.convo_keep_messages() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH lost AS (
        DELETE FROM message_structure AS s USING gone
        WHERE s.message_id = gone.id AND (s.branch_id = 'main' OR NOT EXISTS (
            SELECT 1 FROM {sessions} AS owner WHERE owner.session_id = gone.session_id
        ))
        RETURNING s.id, s.session_id, s.branch_id, s.user_turn_number
    )
    DELETE FROM turn_usage AS u USING lost
    WHERE u.session_id = lost.session_id AND u.branch_id = lost.branch_id
      AND u.user_turn_number = lost.user_turn_number
      AND NOT EXISTS (
          SELECT 1 FROM message_structure AS s
          WHERE s.session_id = u.session_id AND s.branch_id = u.branch_id
            AND s.user_turn_number = u.user_turn_number AND s.id NOT IN (SELECT id FROM lost)
      )
    ; INSERT INTO convo_removed_messages (id, message_data, created_at)
    SELECT gone.id, gone.message_data, gone.created_at FROM gone
    WHERE EXISTS (SELECT 1 FROM convo_removed_rows AS r WHERE r.message_id = gone.id)
    ON CONFLICT DO NOTHING
    ; IF EXISTS (SELECT 1 FROM gone JOIN message_structure AS s ON s.message_id = gone.id) THEN
        INSERT INTO {sessions} (session_id) VALUES ('convo:kept') ON CONFLICT DO NOTHING
        ; INSERT INTO {messages} (id, session_id, message_data, created_at)
        SELECT gone.id, 'convo:kept', gone.message_data, gone.created_at FROM gone
        WHERE EXISTS (SELECT 1 FROM message_structure AS s WHERE s.message_id = gone.id)
    ; END IF
    ; RETURN NULL
    ; END
$$;

-- name: keep_session
-- A session without messages, but with branches that show some that are kept, stays.
CREATE OR REPLACE FUNCTION {schema}.convo_keep_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM message_structure AS s WHERE s.session_id = OLD.session_id)
        AND NOT EXISTS (SELECT 1 FROM {messages} AS m WHERE m.session_id = OLD.session_id)
    THEN RETURN NULL
    ; END IF
    ; RETURN OLD
    ; END
$$;

-- name: keep_messages_of_branches
CREATE TRIGGER convo_keep_messages AFTER DELETE ON {messages}
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
WHEN (coalesce(current_setting('convo.deletes', true), '') <> 'itself')
EXECUTE FUNCTION {schema}.convo_keep_messages();

-- name: keep_sessions_of_branches
CREATE TRIGGER convo_keep_session BEFORE DELETE ON {sessions} FOR EACH ROW
WHEN (coalesce(current_setting('convo.deletes', true), '') <> 'itself')
EXECUTE FUNCTION {schema}.convo_keep_session();

-- name: drop_keeper_of_messages
DROP TRIGGER IF EXISTS convo_keep_messages ON {messages};

-- name: drop_keeper_of_sessions
DROP TRIGGER IF EXISTS convo_keep_session ON {sessions};

-- name: drop_key_of_message
-- It would delete what the triggers keep.
ALTER TABLE message_structure DROP CONSTRAINT IF EXISTS message_structure_message_id_fkey;

-- name: drop_key_without_keepers
ALTER TABLE message_structure DROP CONSTRAINT IF EXISTS convo_key_without_keepers;

-- name: key_without_keepers
-- Where no trigger may be made: what others delete is gone from the branches too.
ALTER TABLE message_structure ADD CONSTRAINT convo_key_without_keepers
FOREIGN KEY (message_id) REFERENCES {messages} (id) ON DELETE CASCADE;

-- name: find_branches_not_kept
SELECT NULL, NULL, 'what SQLAlchemySession deletes is lost to branches: convo could make no triggers'
WHERE NOT EXISTS (
    SELECT 1 FROM pg_trigger AS t
    JOIN pg_proc AS p ON p.oid = t.tgfoid
    WHERE t.tgname = 'convo_keep_messages' AND t.tgenabled <> 'D'
      AND p.pronamespace = CAST('{schema_in_text}' AS REGNAMESPACE)
);

-- name: count_sessions
SELECT count(*) FROM {sessions} WHERE {is_session: session_id};

-- name: delete_messages_of_session
DELETE FROM {messages} WHERE id IN (
    SELECT id FROM {messages} WHERE session_id = :session_id
    UNION ALL
    SELECT m.id FROM message_structure AS s
    JOIN {messages} AS m ON m.id = s.message_id AND m.session_id = 'convo:kept'
    WHERE s.session_id = :session_id
);

-- name: document_messages
SELECT id, {bytes: message_data}, created_at FROM {messages}
WHERE id IN (
    SELECT id FROM {messages} WHERE session_id = :session_id
    UNION ALL
    SELECT m.id FROM message_structure AS s
    JOIN {messages} AS m ON m.id = s.message_id AND m.session_id = 'convo:kept'
    WHERE s.session_id = :session_id
) AND (CAST(:branch_id AS TEXT) IS NULL OR id IN (
    SELECT message_id FROM message_structure
    WHERE session_id = :session_id AND branch_id = :branch_id
))
ORDER BY id;
