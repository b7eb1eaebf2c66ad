-- A branch gets another name in every table that names it; both names stay reserved.

-- name: rename_branch_in_structure
UPDATE message_structure SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_in_turn_usage
UPDATE turn_usage SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_in_runs
UPDATE convo_runs SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_in_branches
UPDATE OR REPLACE convo_branches SET branch_id = :new
WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_of_children
UPDATE convo_branches SET parent_branch_id = :new
WHERE session_id = :session_id AND parent_branch_id = :old;

-- name: rename_branch_in_heads
UPDATE convo_sessions SET
    branch_id = CASE branch_id WHEN :old THEN :new ELSE branch_id END,
    previous_branch_id = CASE previous_branch_id WHEN :old THEN :new ELSE previous_branch_id END
WHERE session_id = :session_id;

-- name: rename_branch_in_removed
UPDATE convo_removed SET
    branch_id = CASE branch_id WHEN :old THEN :new ELSE branch_id END,
    parent_branch_id = CASE parent_branch_id WHEN :old THEN :new ELSE parent_branch_id END
WHERE session_id = :session_id;

-- name: rename_branch_in_held
UPDATE convo_held_turns SET branch_id = :new WHERE session_id = :session_id AND branch_id = :old;

-- name: rename_branch_of_renamed
UPDATE convo_renamed_branches SET branch_id = :new
WHERE session_id = :session_id AND branch_id = :old;

-- name: note_renamed_branch
INSERT OR REPLACE INTO convo_renamed_branches (session_id, old_branch_id, branch_id)
VALUES (:session_id, :old, :new);

-- name: branch_renamed_to
SELECT branch_id FROM convo_renamed_branches
WHERE session_id = :session_id AND old_branch_id = :branch_id;
