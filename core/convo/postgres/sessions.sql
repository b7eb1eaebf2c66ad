-- Sessions.

-- name: rename_session_in_sessions
-- With the rows that refer to it: the keys of the SDK's tables are checked after each statement.
WITH messages AS (
    UPDATE {messages} SET session_id = :new WHERE session_id = :old
), structure AS (
    UPDATE message_structure SET session_id = :new WHERE session_id = :old
), used AS (
    UPDATE turn_usage SET session_id = :new WHERE session_id = :old
)
UPDATE {sessions} SET session_id = :new WHERE session_id = :old;
