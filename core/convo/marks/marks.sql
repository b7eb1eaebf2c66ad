-- Notes, tags and stars. They are of messages that began turns, on whichever branch these are.

-- name: marks_of_branch
-- The few marks first, then the rows of their messages.
SELECT s.user_turn_number, 'note' AS kind, n.note AS value
FROM convo_notes AS n
{in_order} JOIN message_structure AS s ON s.message_id = n.message_id
WHERE n.session_id = :session_id AND {unindexed: s.session_id} = :session_id
  AND {unindexed: s.branch_id} = :branch_id AND s.message_type = 'user'
UNION ALL
SELECT s.user_turn_number, 'tag', t.tag
FROM convo_tags AS t
{in_order} JOIN message_structure AS s ON s.message_id = t.message_id
WHERE t.session_id = :session_id AND {unindexed: s.session_id} = :session_id
  AND {unindexed: s.branch_id} = :branch_id AND s.message_type = 'user'
UNION ALL
SELECT s.user_turn_number, 'star', ''
FROM convo_stars AS t
{in_order} JOIN message_structure AS s ON s.message_id = t.message_id
WHERE t.session_id = :session_id AND {unindexed: s.session_id} = :session_id
  AND {unindexed: s.branch_id} = :branch_id AND s.message_type = 'user'
ORDER BY 1, 2, 3;

-- name: question_of_turn
-- The message that began a turn.
SELECT message_id FROM message_structure
WHERE session_id = :session_id AND branch_id = :branch_id AND user_turn_number = :turn
  AND message_type = 'user'
ORDER BY sequence_number
LIMIT 1;

-- name: places_of_tags
-- Each place of each tagged turn, or of one tag; a tag without a place is of a removed turn.
SELECT t.tag, s.branch_id, s.user_turn_number, {bytes: m.message_data}, t.created_at
FROM convo_tags AS t
LEFT JOIN message_structure AS s
    ON s.message_id = t.message_id AND s.session_id = t.session_id AND s.message_type = 'user'
LEFT JOIN {messages} AS m ON m.id = s.message_id
WHERE t.session_id = :session_id AND (CAST(:tag AS TEXT) IS NULL OR t.tag = :tag)
ORDER BY t.tag, s.id;

-- name: tag_is_there
SELECT 1 FROM convo_tags WHERE session_id = :session_id AND tag = :tag;

-- name: set_tag
INSERT INTO convo_tags (session_id, tag, message_id) VALUES (:session_id, :tag, :message_id)
ON CONFLICT (session_id, tag) DO UPDATE SET
    message_id = excluded.message_id, created_at = {now};

-- name: delete_tag
DELETE FROM convo_tags WHERE session_id = :session_id AND tag = :tag;

-- name: note_of_message
SELECT note FROM convo_notes WHERE session_id = :session_id AND message_id = :message_id;

-- name: set_note
INSERT INTO convo_notes (session_id, message_id, note) VALUES (:session_id, :message_id, :note)
ON CONFLICT (session_id, message_id) DO UPDATE SET
    note = excluded.note, created_at = {now};

-- name: delete_note
DELETE FROM convo_notes WHERE session_id = :session_id AND message_id = :message_id;

-- name: set_star
INSERT INTO convo_stars (session_id, message_id) VALUES (:session_id, :message_id)
ON CONFLICT DO NOTHING;

-- name: delete_star
DELETE FROM convo_stars WHERE session_id = :session_id AND message_id = :message_id;

-- name: starred_sessions
SELECT session_id FROM convo_stars WHERE message_id = 0;

-- The marks of a session that is deleted, renamed or cleared.

-- name: forget_marks_in_notes
DELETE FROM convo_notes WHERE session_id = :session_id;

-- name: forget_marks_in_tags
DELETE FROM convo_tags WHERE session_id = :session_id;

-- name: forget_marks_in_stars
DELETE FROM convo_stars WHERE session_id = :session_id;

-- name: clear_way_in_notes
DELETE FROM convo_notes WHERE session_id = :new;

-- name: clear_way_in_tags
DELETE FROM convo_tags WHERE session_id = :new;

-- name: clear_way_in_stars
DELETE FROM convo_stars WHERE session_id = :new;

-- name: rename_session_in_notes
UPDATE convo_notes SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_tags
UPDATE convo_tags SET session_id = :new WHERE session_id = :old;

-- name: rename_session_in_stars
UPDATE convo_stars SET session_id = :new WHERE session_id = :old;

-- Once the table of messages is a new one.

-- name: forget_every_note
DELETE FROM convo_notes;

-- name: forget_every_tag
DELETE FROM convo_tags;

-- name: forget_every_star
DELETE FROM convo_stars;

-- Marks of another session's turns, which no program makes.

-- name: find_marks_of_others
SELECT n.session_id, NULL, 'a note on message ' || n.message_id
FROM convo_notes AS n
JOIN {messages} AS m ON m.id = n.message_id AND NOT m.session_id {is_of: n.session_id}
UNION ALL
SELECT t.session_id, NULL, 'the tag ' || t.tag || ' of message ' || t.message_id
FROM convo_tags AS t
JOIN {messages} AS m ON m.id = t.message_id AND NOT m.session_id {is_of: t.session_id}
UNION ALL
SELECT t.session_id, NULL, 'a star of message ' || t.message_id
FROM convo_stars AS t
JOIN {messages} AS m ON m.id = t.message_id AND NOT m.session_id {is_of: t.session_id}
UNION ALL
SELECT g.session_id, s.branch_id, 'merge ' || g.id || ' of row ' || g.anchor
FROM convo_merges AS g
JOIN message_structure AS s ON s.id = g.anchor AND s.session_id <> g.session_id;

-- name: mend_notes_of_others
DELETE FROM convo_notes WHERE EXISTS (
    SELECT 1 FROM {messages} AS m
    WHERE m.id = convo_notes.message_id AND NOT m.session_id {is_of: convo_notes.session_id}
);

-- name: mend_tags_of_others
DELETE FROM convo_tags WHERE EXISTS (
    SELECT 1 FROM {messages} AS m
    WHERE m.id = convo_tags.message_id AND NOT m.session_id {is_of: convo_tags.session_id}
);

-- name: mend_stars_of_others
DELETE FROM convo_stars WHERE EXISTS (
    SELECT 1 FROM {messages} AS m
    WHERE m.id = convo_stars.message_id AND NOT m.session_id {is_of: convo_stars.session_id}
);
