-- Indexes that hold what lists and sums need, so that SQLite leaves the tables alone. A server has
-- its rows in memory, and would pay for them at each write.

-- name: index_structure_of_branch
-- The rows of a branch in order, with their types and tools.
CREATE INDEX IF NOT EXISTS convo_structure_of_branch
    ON message_structure (
        session_id, branch_id, sequence_number, user_turn_number, message_id,
        message_type, tool_name
    );

-- name: index_usage_of_turns
CREATE INDEX IF NOT EXISTS convo_usage_of_turns
    ON turn_usage (
        session_id, branch_id, user_turn_number,
        requests, input_tokens, output_tokens, total_tokens
    );

-- name: index_empty_branches
-- The branches that exist without rows. `kept_empty` is in it so that SQLite uses it.
CREATE INDEX IF NOT EXISTS convo_empty_branches ON convo_branches (session_id, kept_empty)
    WHERE kept_empty <> 0;
