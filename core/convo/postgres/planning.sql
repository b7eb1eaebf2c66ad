-- Statements in other words than SQLite's, because a server plans a statement whenever it is sent:
-- these are planned in a fraction of the time, as its indexes and its types allow.

-- name: index_structure_of_session
CREATE INDEX IF NOT EXISTS convo_structure_of_session
    ON message_structure (session_id, sequence_number);

-- name: newest_sequence
-- The greatest sequence number of a session, which the index has at its end: no row is worth a note.
SELECT
    coalesce((
        SELECT max(sequence_number) FROM message_structure WHERE session_id = :session_id
    ), 0) AS last,
    FALSE AS is_worth_a_note, CAST(NULL AS BIGINT) AS noted_row;

-- name: last_turn
-- The turn of the last question, unless there is no question, or its message is lost.
SELECT greatest(
    (
        SELECT max(user_turn_number) FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id AND message_type = 'user'
    ),
    (
        SELECT user_turn_number FROM message_structure
        WHERE session_id = :session_id AND branch_id = :branch_id
        ORDER BY sequence_number DESC
        LIMIT 1
    )
);

-- name: branch_state
-- With the current location of the row :anchor, whose branch may have been renamed.
SELECT
    (SELECT generation FROM session_clear_generations WHERE session_id = :session_id),
    EXISTS (SELECT 1 FROM {sessions} WHERE session_id = :session_id),
    EXISTS ({branch_is_there}),
    (
        SELECT branch_id FROM convo_renamed_branches
        WHERE session_id = :session_id AND old_branch_id = :branch_id
    ),
    coalesce((
        SELECT id FROM {messages} WHERE {newest_first: session_id; :session_id; id} LIMIT 1
    ), 0),
    coalesce((SELECT message_id FROM convo_adopted WHERE session_id = :session_id), 0),
    ({last_turn}),
    coalesce((
        SELECT max(sequence_number) FROM message_structure WHERE session_id = :session_id
    ), 0),
    FALSE, NULL,
    (SELECT branch_id FROM message_structure WHERE id = :anchor AND session_id = :session_id),
    (SELECT user_turn_number FROM message_structure WHERE id = :anchor AND session_id = :session_id);

-- name: turn_account
-- The turn that the row :anchor began, wherever it is now; without one, the last turn of a branch.
-- With its runs, and whether the SDK has stored usage of it that is in none of them.
SELECT
    (SELECT generation FROM session_clear_generations WHERE session_id = :session_id),
    coalesce((
        SELECT id FROM {messages} WHERE {newest_first: session_id; :session_id; id} LIMIT 1
    ), 0)
        <= coalesce((SELECT message_id FROM convo_adopted WHERE session_id = :session_id), 0),
    turn.branch_id, turn.number, turn.anchor,
    EXISTS (
        SELECT 1 FROM turn_usage AS u
        WHERE u.session_id = :session_id AND u.branch_id = turn.branch_id
          AND u.user_turn_number = turn.number
          AND NOT EXISTS (
              SELECT 1 FROM convo_runs AS known
              WHERE known.session_id = :session_id AND known.branch_id = turn.branch_id
                AND known.user_turn_number = turn.number AND known.turn_usage_id = u.id
          )
    ),
    r.id, r.requests, r.input_tokens, r.output_tokens, r.total_tokens,
    r.input_details, r.output_details, r.request_entries
FROM (SELECT 1) AS one
LEFT JOIN (
    SELECT s.branch_id, s.user_turn_number AS number, s.id AS anchor
    FROM message_structure AS s
    WHERE s.session_id = :session_id AND s.id = coalesce(
        :anchor,
        (
            SELECT min(q.id) FROM message_structure AS q
            WHERE q.session_id = :session_id AND q.branch_id = :branch_id
              AND q.user_turn_number = ({last_turn}) AND q.message_type = 'user'
        ),
        (
            SELECT min(q.id) FROM message_structure AS q
            WHERE q.session_id = :session_id AND q.branch_id = :branch_id
              AND q.user_turn_number = ({last_turn})
        )
    )
) AS turn ON TRUE
LEFT JOIN convo_runs AS r
    ON r.session_id = :session_id AND r.branch_id = turn.branch_id
    AND r.user_turn_number = turn.number AND r.anchor = turn.anchor
ORDER BY r.id;
