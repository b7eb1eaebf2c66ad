-- The two base tables as the SDK's `SQLAlchemySession` creates them, and what the server knows of
-- the tables that are there.

-- name: create_sessions
CREATE TABLE IF NOT EXISTS {sessions} (
    session_id VARCHAR NOT NULL PRIMARY KEY,
    created_at TIMESTAMP NOT NULL DEFAULT {now},
    updated_at TIMESTAMP NOT NULL DEFAULT {now}
);

-- name: create_messages
CREATE TABLE IF NOT EXISTS {messages} (
    id SERIAL PRIMARY KEY,
    session_id VARCHAR NOT NULL,
    message_data TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT {now},
    FOREIGN KEY (session_id) REFERENCES {sessions} (session_id) ON DELETE CASCADE
);

-- name: create_convo_head
-- The current session of each person.
CREATE TABLE IF NOT EXISTS convo_head (
    person TEXT PRIMARY KEY,
    session_id TEXT NOT NULL
);

-- name: create_convo_heads
-- The branches where they are in each session.
CREATE TABLE IF NOT EXISTS convo_heads (
    person TEXT NOT NULL,
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    previous_branch_id TEXT,
    PRIMARY KEY (person, session_id)
);

-- name: index_heads_of_session
CREATE INDEX IF NOT EXISTS convo_heads_of_session ON convo_heads (session_id);

-- name: index_messages_by_time
-- The SDK's class reads in this order.
CREATE INDEX IF NOT EXISTS {messages_time_index} ON {messages} (session_id, created_at);

-- name: append_message
-- Not earlier than the newest row of the session: the SDK's class reads in the order of time, and
-- stamps its rows by another clock, or in another time zone.
INSERT INTO {messages} (session_id, message_data, created_at)
SELECT item.*, greatest(
    {now}, (SELECT max(created_at) FROM {messages} WHERE session_id = :session_id)
)
FROM (VALUES (:session_id, :message_data)) AS item
RETURNING id;

-- name: reserved_ids
-- So many ids for rows of a table that have yet to be inserted; none if this role may not take them,
-- or if the transaction has no lock yet, which would have given it an id.
SELECT nextval(found.ids) FROM (
    SELECT CAST(pg_get_serial_sequence(:table, 'id') AS REGCLASS) AS ids OFFSET 0
) AS found, generate_series(1, :count)
WHERE has_sequence_privilege(found.ids, 'USAGE') AND pg_current_xact_id_if_assigned() IS NOT NULL;

-- name: structure_and_more
-- The rows that show messages, with more that are not in the table.
SELECT id, session_id, message_id, branch_id, message_type, sequence_number, user_turn_number,
       branch_turn_number, tool_name, created_at
FROM message_structure
UNION ALL
SELECT more.id, more.session_id, more.message_id, 'main', more.message_type, more.sequence_number,
       CAST(more.turn AS BIGINT), CAST(more.turn AS BIGINT), more.tool_name,
       CAST(more.created_at AS TIMESTAMP)
FROM (
    VALUES (
        :id, :session_id, :message_id, :message_type, :sequence_number, :turn, :tool_name,
        :created_at
    )
) AS more (
    id, session_id, message_id, message_type, sequence_number, turn, tool_name, created_at
);

-- name: schema_is_there
SELECT 1 FROM pg_namespace WHERE nspname = :schema;

-- name: schema_to_use
SELECT coalesce(:schema, current_schema());

-- name: objects_present
-- The tables and indexes of a schema, each with its columns, and what keeps branches.
SELECT c.relname, c.relkind::text, coalesce(
    (
        SELECT string_agg(a.attname, ' ') FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ),
    ''
)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = coalesce(:schema, current_schema())
UNION ALL
SELECT t.tgname, 'T', '' FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = coalesce(:schema, current_schema()) AND NOT t.tgisinternal
UNION ALL
SELECT k.conname, 'F', '' FROM pg_constraint AS k
JOIN pg_namespace AS n ON n.oid = k.connamespace
WHERE n.nspname = coalesce(:schema, current_schema()) AND k.conname = 'convo_key_without_keepers';

-- name: version_present
SELECT version FROM convo_schema WHERE id = 1;

-- name: note_schema_version
INSERT INTO convo_schema (id, version, release) VALUES (1, :version, :release)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, release = excluded.release;

-- name: release_present
SELECT release FROM convo_schema WHERE id = 1;

-- name: lock_session
-- With the version of the tables, the id of the transaction, and the number of writes so far or, if
-- the lock was waited for, a smaller one.
SELECT (SELECT version FROM convo_schema WHERE id = 1), pg_current_xact_id()::text,
       coalesce((SELECT writes FROM convo_last_writes AS w WHERE w.session_id = :session_id), 0)
FROM {sessions} WHERE session_id = :session_id
FOR UPDATE;

-- name: lock_new_session
-- Waits for another transaction that has inserted the same session.
INSERT INTO {sessions} (session_id) VALUES (:session_id)
ON CONFLICT DO NOTHING;

-- name: unmake_new_session
-- Whether there is a session is for the work to decide. Its place in the index is locked anyway.
DELETE FROM {sessions}
WHERE session_id = :session_id AND xmin = pg_current_xact_id()::xid;

-- name: begin_outside_sessions
SELECT version, pg_current_xact_id()::text,
       coalesce((SELECT writes FROM convo_last_writes AS w WHERE w.session_id = ''), 0)
FROM convo_schema WHERE id = 1
FOR UPDATE;

-- name: create_convo_last_writes
-- The number of writes to a session, and the last of them by what their writers call them, the newest
-- first; '' is for what is outside any session. If the answer to a COMMIT is lost, this tells whether
-- it was carried out. The id of the transaction does not: after a crash, or on a promoted replica,
-- another one may get it.
CREATE TABLE IF NOT EXISTS convo_last_writes (
    session_id TEXT PRIMARY KEY,
    writes BIGINT NOT NULL,
    tokens TEXT NOT NULL
);

-- name: note_write
INSERT INTO convo_last_writes (session_id, writes, tokens) VALUES (:key, 1, :token)
ON CONFLICT (session_id) DO UPDATE SET
    writes = convo_last_writes.writes + 1,
    tokens = left(excluded.tokens || ' ' || convo_last_writes.tokens, :length);

-- name: transaction_status
SELECT pg_xact_status(CAST(:id AS xid8));

-- name: last_writes
SELECT pg_is_in_recovery(), last.writes, last.tokens
FROM (SELECT 1) AS one
LEFT JOIN convo_last_writes AS last ON last.session_id = :key;
