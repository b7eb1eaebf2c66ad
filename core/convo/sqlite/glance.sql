-- What a shell completes: names and a few words about each, as far as they are texts of a length
-- that somebody could have typed.

-- name: glance_sessions
-- Those with this beginning that were written to last.
SELECT session_id, updated_at FROM {sessions}
WHERE session_id BETWEEN :begun AND :begun || char(1114111)
  AND typeof(session_id) = 'text' AND length(session_id) BETWEEN 1 AND :longest
ORDER BY updated_at DESC, rowid DESC LIMIT :most;

-- name: glance_newest_sessions
-- Of the 2,000 that began last, those that were written to last.
SELECT session_id, updated_at FROM {sessions}
WHERE rowid > (SELECT max(rowid) FROM {sessions}) - 2000
  AND typeof(session_id) = 'text' AND length(session_id) BETWEEN 1 AND :longest
ORDER BY updated_at DESC, rowid DESC LIMIT :most;

-- name: glance_sessions_saying
-- The same, for names with this somewhere in them.
SELECT session_id, updated_at FROM {sessions}
WHERE instr(lower(session_id), lower(:begun))
  AND typeof(session_id) = 'text' AND length(session_id) BETWEEN 1 AND :longest
ORDER BY updated_at DESC, rowid DESC LIMIT :most;

-- name: glance_turns_of_branch
-- The number of the last turn, which is that of the turns unless some are missing.
SELECT user_turn_number FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
ORDER BY user_turn_number DESC LIMIT 1;

-- name: glance_turns
-- The newest first, with the first text of the question. A long one, as one with an image, is not
-- taken apart.
SELECT s.user_turn_number, CASE
    WHEN length(m.message_data) > 100000 THEN ''
    WHEN NOT json_valid(m.message_data) THEN ''
    ELSE substr(coalesce(
        m.message_data ->> '$.content[0].text', m.message_data ->> '$.content[1].text',
        CASE json_type(m.message_data, '$.content')
            WHEN 'text' THEN m.message_data ->> '$.content'
        END, ''
    ), 1, 200)
END
FROM message_structure AS s JOIN {messages} AS m ON m.id = s.message_id
WHERE s.session_id = :session_id AND s.branch_id = :branch_id AND s.message_type = 'user'
  AND s.user_turn_number BETWEEN :first AND :last
ORDER BY s.user_turn_number DESC LIMIT :most;

-- name: glance_numbers_of_turns
SELECT user_turn_number, '' FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
  AND user_turn_number BETWEEN :first AND :last
ORDER BY user_turn_number DESC LIMIT :most;

-- name: glance_tags
SELECT t.tag, s.branch_id, s.user_turn_number
FROM convo_tags AS t
CROSS JOIN message_structure AS s ON s.message_id = t.message_id
WHERE t.session_id = :session_id AND +s.session_id = :session_id AND s.message_type = 'user'
ORDER BY t.tag, s.id LIMIT :most;

-- name: glance_models
-- What the sessions were last asked with.
SELECT DISTINCT model FROM convo_sessions
WHERE typeof(model) = 'text' AND length(model) BETWEEN 1 AND :longest LIMIT :most;

-- name: glance_removed
-- The branches that can be restored, the last removed first.
SELECT e.branch_id, e.what, e.turns FROM convo_removed AS e
WHERE e.session_id = :session_id AND e.generation = coalesce(
    (SELECT generation FROM session_clear_generations WHERE session_id = :session_id), 0
)
ORDER BY e.id DESC LIMIT :most;

-- name: glance_waiting
-- The prompts that wait to be asked again, by the number of the first try; the newest first.
SELECT coalesce(retries, id), CASE
    WHEN length(question) > 100000 OR NOT json_valid(question) THEN ''
    ELSE substr(coalesce(
        question ->> '$[0].content[0].text', question ->> '$[0].content[1].text',
        CASE json_type(question, '$[0].content') WHEN 'text' THEN question ->> '$[0].content' END, ''
    ), 1, 200)
END
FROM ({held_turns}) AS held ORDER BY id DESC LIMIT :most;

-- name: glance_removed_sessions
-- The deleted sessions, the last deleted one first.
SELECT session_id, turns FROM convo_removed_sessions
WHERE typeof(session_id) = 'text' AND length(session_id) BETWEEN 1 AND :longest
ORDER BY id DESC LIMIT :most;
