-- Searching the text of messages.

-- name: prompts_that_may_say
-- The prompts of a branch, with NULL for long ones, and without those in ASCII that do not contain
-- a text. :pattern is NULL for a text that no ASCII contains.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END,
       s.branch_turn_number, m.created_at
FROM message_structure AS s
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
  AND (
      m.message_data ILIKE :pattern ESCAPE '\'
      OR strpos(m.message_data, '\u') > 0
      OR length(m.message_data) < octet_length(m.message_data)
  )
ORDER BY s.user_turn_number, s.sequence_number;

-- name: user_messages_among
-- The prompts among the messages in a JSON list, with NULL for long ones.
SELECT s.message_id,
       CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END,
       s.branch_turn_number, m.created_at
FROM {list: :message_ids} AS found
JOIN message_structure AS s ON s.message_id = CAST(found.value AS BIGINT)
JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
ORDER BY s.user_turn_number, s.sequence_number;

-- name: found_messages
-- Each message of a JSON list once, in its order: on the current branch of its session if it is
-- there, else on the branch that had it first.
SELECT m.id, s.session_id, s.branch_id, s.user_turn_number, s.message_type,
       CASE WHEN length(m.message_data) <= :long THEN {bytes: m.message_data} END,
       m.created_at
FROM {list: :message_ids} WITH ORDINALITY AS found (value, place)
JOIN message_structure AS s ON s.id = (
    SELECT one.id FROM message_structure AS one
    LEFT JOIN convo_sessions AS c
        ON c.session_id = one.session_id AND c.branch_id = one.branch_id
    WHERE one.message_id = CAST(found.value AS BIGINT)
      AND (:session_id IS NULL OR one.session_id = :session_id)
      AND (:branch_id IS NULL OR one.branch_id = :branch_id)
      AND (:source IS NULL OR EXISTS (
          SELECT 1 FROM convo_sessions AS origin
          WHERE origin.session_id = one.session_id AND origin.source = :source
      ))
    ORDER BY c.session_id IS NULL, one.id
    LIMIT 1
)
JOIN {messages} AS m ON m.id = s.message_id
ORDER BY found.place;

-- name: quick_check
-- The server looks after its files itself.
SELECT 'ok';
