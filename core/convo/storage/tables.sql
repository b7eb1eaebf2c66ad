-- The six tables that convo shares with the OpenAI Agents SDK, then its own. `Aside` marks those
-- that adoption changes: to read a file that cannot be written, a copy of their rows, or an empty
-- table, takes their place.

-- name: create_sessions
CREATE TABLE IF NOT EXISTS {sessions} (
    session_id TEXT PRIMARY KEY,
    created_at TIMESTAMP DEFAULT {now},
    updated_at TIMESTAMP DEFAULT {now}
);

-- name: create_messages
CREATE TABLE IF NOT EXISTS {messages} (
    id {new_id},
    session_id TEXT NOT NULL,
    message_data TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT {now},
    FOREIGN KEY (session_id) REFERENCES {sessions} (session_id) ON DELETE CASCADE
);

-- name: create_message_structure
-- Aside: rows.
CREATE TABLE IF NOT EXISTS message_structure (
    id {new_id},
    session_id TEXT NOT NULL,
    message_id {integer} NOT NULL,
    branch_id TEXT NOT NULL DEFAULT 'main',
    message_type TEXT NOT NULL,
    sequence_number {integer} NOT NULL,
    user_turn_number {integer},
    branch_turn_number {integer},
    tool_name TEXT,
    created_at TIMESTAMP DEFAULT {now},
    FOREIGN KEY (session_id) REFERENCES {sessions} (session_id) ON DELETE CASCADE{key_of_message}
);

-- name: create_turn_usage
-- Aside: rows.
CREATE TABLE IF NOT EXISTS turn_usage (
    id {new_id},
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL DEFAULT 'main',
    user_turn_number {integer} NOT NULL,
    requests {integer} DEFAULT 0,
    input_tokens {integer} DEFAULT 0,
    output_tokens {integer} DEFAULT 0,
    total_tokens {integer} DEFAULT 0,
    input_tokens_details {json},
    output_tokens_details {json},
    created_at TIMESTAMP DEFAULT {now},
    FOREIGN KEY (session_id) REFERENCES {sessions} (session_id) ON DELETE CASCADE,
    UNIQUE (session_id, branch_id, user_turn_number)
);

-- name: create_branch_reservations
-- Every name that a branch ever had: names are not reused.
CREATE TABLE IF NOT EXISTS branch_reservations (
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    PRIMARY KEY (session_id, branch_id)
);

-- name: create_session_clear_generations
-- Counts the clears of a session, so that other instances notice that their branch is gone.
CREATE TABLE IF NOT EXISTS session_clear_generations (
    session_id TEXT PRIMARY KEY,
    generation {integer} NOT NULL DEFAULT 0
);

-- name: create_convo_schema
-- The version of convo's tables, and the first release that can write to them: one row.
CREATE TABLE IF NOT EXISTS convo_schema (
    id {integer} PRIMARY KEY CHECK (id = 1),
    version {integer} NOT NULL,
    release TEXT
);

-- name: create_convo_branches
-- Aside: rows.
-- The parent of a branch, and whether it is kept although it is empty. Valid until the session is
-- cleared, which starts another generation.
CREATE TABLE IF NOT EXISTS convo_branches (
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    parent_branch_id TEXT,
    forked_from_turn {integer},
    kept_empty {integer} NOT NULL DEFAULT 0,
    generation {integer} NOT NULL DEFAULT 0,
    created_at TIMESTAMP DEFAULT {now},
    PRIMARY KEY (session_id, branch_id)
) {without_rowid};

-- name: create_convo_renamed_branches
-- Former names of branches, with the current ones. Names are not reused.
CREATE TABLE IF NOT EXISTS convo_renamed_branches (
    session_id TEXT NOT NULL,
    old_branch_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    PRIMARY KEY (session_id, old_branch_id)
) {without_rowid};

-- name: create_convo_renamed_sessions
-- Former names of sessions, with the current ones, until another session gets the name.
CREATE TABLE IF NOT EXISTS convo_renamed_sessions (
    old_session_id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL
) {without_rowid};

-- name: create_convo_sessions
-- The head of each session, and the model and agent of its last turn. `model_chosen` is 1 if the
-- model was chosen over the agent's own. `context` names the context object passed to the agent's
-- code, `mcp` the MCP servers whose tools the model could call, `template` the template that the
-- turn was made from, and `template_values` the JSON of its values. `source` names the program that
-- the session was imported from, NULL if it began here. `folder` is the folder in which it was last
-- asked, NULL unless the user wants that to be recorded.
CREATE TABLE IF NOT EXISTS convo_sessions (
    session_id TEXT PRIMARY KEY,
    branch_id TEXT NOT NULL DEFAULT 'main',
    previous_branch_id TEXT,
    model TEXT,
    base_url TEXT,
    api TEXT,
    agent TEXT,
    model_chosen {integer},
    context TEXT,
    mcp TEXT,
    template TEXT,
    template_values TEXT,
    folder TEXT,
    source TEXT
) {without_rowid};

-- name: create_convo_head
-- The current session: one row, or none.
CREATE TABLE IF NOT EXISTS convo_head (
    id {integer} PRIMARY KEY CHECK (id = 1),
    session_id TEXT NOT NULL
);

-- name: create_convo_adopted
-- Aside: rows.
-- The message of a session up to which all are known to have their structure.
CREATE TABLE IF NOT EXISTS convo_adopted (
    session_id TEXT PRIMARY KEY,
    message_id {integer} NOT NULL
) {without_rowid};

-- name: create_convo_last_rows
-- Aside: empty.
-- The row with the greatest sequence number of a session, if later rows were all of other sessions.
CREATE TABLE IF NOT EXISTS convo_last_rows (
    session_id TEXT PRIMARY KEY,
    row_id {integer} NOT NULL,
    sequence_number {integer} NOT NULL
) {without_rowid};

-- name: create_convo_runs
-- Aside: rows.
-- The ledger: the usage of every run. Rows are never deleted. `anchor` is the id of the structure
-- row that began the run's turn, `turn_usage_id` that of the row with the turn's total.
-- `last_agent` is the name of the agent that ended the run, NULL if it is the one that began it.
-- `answer_schema` is the JSON Schema that its answer had to match, NULL if there was none.
-- `recorded_cost` is what the run cost in US dollars as its source recorded it, `first_token_s` the
-- time to the first token. `longest_request` has the input tokens of its longest request, on which
-- some prices depend; `cache_write_1h_tokens` is a part of `cache_write_tokens`. `tool_times` is JSON:
-- the seconds that each call took, by its id.
CREATE TABLE IF NOT EXISTS convo_runs (
    id {own_id},
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    user_turn_number {integer} NOT NULL,
    anchor {integer},
    turn_usage_id {integer},
    model TEXT,
    status TEXT NOT NULL DEFAULT 'completed',
    estimated {integer} NOT NULL DEFAULT 0,
    requests {integer} NOT NULL,
    input_tokens {integer} NOT NULL,
    cached_tokens {integer} NOT NULL,
    output_tokens {integer} NOT NULL,
    reasoning_tokens {integer} NOT NULL,
    total_tokens {integer} NOT NULL,
    input_details TEXT,
    output_details TEXT,
    request_entries TEXT NOT NULL DEFAULT '[]',
    started_at TIMESTAMP,
    duration_s {real},
    created_at TIMESTAMP DEFAULT {now},
    last_agent TEXT,
    answer_schema TEXT,
    base_url TEXT,
    agent TEXT,
    recorded_cost {real},
    first_token_s {real},
    cache_write_tokens {integer},
    cache_write_1h_tokens {integer},
    audio_input_tokens {integer},
    audio_output_tokens {integer},
    longest_request {integer},
    tool_times TEXT
);

-- name: create_convo_held_turns
-- Pending turns: being answered, or stopped, failed or killed before they were stored. `after_row`
-- is the newest row of the branch when the turn was asked or ended. `items` are those after the
-- question, `running` the calls that have begun and not ended, `agent` the agent that continues.
-- `run_id` is the row of the ledger with the cost, `carried` those of earlier tries whose work is
-- in the items.
CREATE TABLE IF NOT EXISTS convo_held_turns (
    id {new_id},
    session_id TEXT,
    branch_id TEXT NOT NULL,
    turn {integer} NOT NULL,
    from_turn {integer},
    stem TEXT,
    retries {integer},
    question TEXT NOT NULL,
    options TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    message TEXT,
    host TEXT NOT NULL,
    process {integer} NOT NULL,
    process_began TEXT NOT NULL,
    after_row {integer} NOT NULL,
    created_at TIMESTAMP DEFAULT {now},
    updated_at TIMESTAMP DEFAULT {now},
    items TEXT NOT NULL DEFAULT '[]',
    running TEXT NOT NULL DEFAULT '[]',
    agent TEXT,
    run_id {integer},
    carried TEXT NOT NULL DEFAULT '[]'
);

-- name: create_convo_cut_answers
-- The last messages of incomplete answers, and the reason: `tokens` or `interrupted`. A message
-- keeps its id, and so its mark, on every branch, and when it is removed and restored.
CREATE TABLE IF NOT EXISTS convo_cut_answers (
    session_id TEXT NOT NULL,
    message_id {integer} NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (session_id, message_id)
) {without_rowid};

-- name: create_convo_notes
-- The notes on turns. A turn is known by the message that began it: branches share it, it keeps its
-- id when it is removed and restored, and no other message ever gets that id.
CREATE TABLE IF NOT EXISTS convo_notes (
    session_id TEXT NOT NULL,
    message_id {integer} NOT NULL,
    note TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT {now},
    PRIMARY KEY (session_id, message_id)
) {without_rowid};

-- name: create_convo_tags
-- The names of turns.
CREATE TABLE IF NOT EXISTS convo_tags (
    session_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    message_id {integer} NOT NULL,
    created_at TIMESTAMP DEFAULT {now},
    PRIMARY KEY (session_id, tag)
) {without_rowid};

-- name: create_convo_stars
-- The turns that have a star; 0 is the session itself.
CREATE TABLE IF NOT EXISTS convo_stars (
    session_id TEXT NOT NULL,
    message_id {integer} NOT NULL,
    created_at TIMESTAMP DEFAULT {now},
    PRIMARY KEY (session_id, message_id)
) {without_rowid};

-- name: create_convo_merges
-- What merges and squashes put on branches: the rows from `anchor` to `last_row`, after `before_row`.
-- The rows from `source_anchor` to `source_row` are those that were merged from the branch
-- `source_branch_id`, or squashed, `first_turn` and `last_turn` the numbers of the turns there.
-- `replaced_id` is the entry of `convo_removed` with the turns that made room, `undone_id` the one
-- with the rows themselves after an undo.
CREATE TABLE IF NOT EXISTS convo_merges (
    id {own_id},
    session_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    anchor {integer} NOT NULL,
    last_row {integer} NOT NULL,
    before_row {integer},
    source_branch_id TEXT,
    source_anchor {integer},
    source_row {integer},
    first_turn {integer} NOT NULL,
    last_turn {integer} NOT NULL,
    replaced_id {integer},
    undone_id {integer},
    created_at TIMESTAMP DEFAULT {now}
);

-- name: create_convo_removed
-- Removed branches with their records, and removed last turns of branches, which can be restored.
-- Everything that one command removed has the same `act`. `after_id` is the row that the turns
-- followed, `asked_id` the question that is shown to identify them.
CREATE TABLE IF NOT EXISTS convo_removed (
    id {own_id},
    act {integer} NOT NULL,
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('branch', 'turns')),
    first_turn {integer},
    last_turn {integer},
    turns {integer} NOT NULL DEFAULT 0,
    asked_id {integer},
    after_id {integer},
    after_sequence {integer},
    parent_branch_id TEXT,
    forked_from_turn {integer},
    branch_created_at TIMESTAMP,
    generation {integer} NOT NULL,
    removed_at TIMESTAMP DEFAULT {now}
);

-- name: create_convo_removed_rows
-- The removed rows of `message_structure`, with the ids that they had there.
CREATE TABLE IF NOT EXISTS convo_removed_rows (
    removed_id {integer} NOT NULL,
    id {integer} NOT NULL,
    message_id {integer} NOT NULL,
    message_type TEXT NOT NULL,
    sequence_number {integer} NOT NULL,
    user_turn_number {integer},
    branch_turn_number {integer},
    tool_name TEXT,
    created_at TIMESTAMP,
    PRIMARY KEY (removed_id, id)
) {without_rowid};

-- name: create_convo_removed_messages
-- The messages that only removed rows refer to, with the ids that they had.
CREATE TABLE IF NOT EXISTS convo_removed_messages (
    id {own_id},
    message_data TEXT NOT NULL,
    created_at TIMESTAMP
);

-- name: create_convo_removed_usage
-- The removed rows of `turn_usage`, with the ids that the ledger refers to.
CREATE TABLE IF NOT EXISTS convo_removed_usage (
    removed_id {integer} NOT NULL,
    id {integer} NOT NULL,
    user_turn_number {integer} NOT NULL,
    requests {integer},
    input_tokens {integer},
    output_tokens {integer},
    total_tokens {integer},
    input_tokens_details {json},
    output_tokens_details {json},
    created_at TIMESTAMP,
    PRIMARY KEY (removed_id, id)
) {without_rowid};

-- name: create_convo_imported_sessions
-- The conversations of other programs that have been imported, with the session that each became;
-- NULL if that has been deleted. `digest` tells whether it has changed there since.
CREATE TABLE IF NOT EXISTS convo_imported_sessions (
    id {own_id},
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    parent_id TEXT,
    session_id TEXT,
    digest TEXT NOT NULL
);

-- name: create_convo_imported_turns
-- Their turns: the id of the structure row that began each here, and the number of its items.
CREATE TABLE IF NOT EXISTS convo_imported_turns (
    id {own_id},
    import_id {integer} NOT NULL,
    turn_id TEXT NOT NULL,
    anchor {integer} NOT NULL,
    items {integer} NOT NULL,
    digest TEXT NOT NULL
);

-- name: create_convo_removed_sessions
-- Deleted sessions, which can be restored. Their branches are in `convo_removed` as `act`; what else
-- convo keeps about them has the name `kept_as` in its session column instead of `session_id`.
-- `newest_message` is the newest message of the file when the session was deleted.
CREATE TABLE IF NOT EXISTS convo_removed_sessions (
    id {new_id},
    act {integer} NOT NULL,
    session_id TEXT NOT NULL,
    kept_as TEXT NOT NULL,
    branches {integer} NOT NULL,
    turns {integer} NOT NULL,
    was_current {integer} NOT NULL,
    newest_message {integer} NOT NULL,
    session_created_at TIMESTAMP,
    session_updated_at TIMESTAMP,
    removed_at TIMESTAMP DEFAULT {now}
);

-- name: create_convo_evals
-- Runs of sets of cases. `choices` is a JSON list of the names of those who are asked, `digest` tells
-- whether two runs had the same cases, and `session_id` is the session with the branches.
CREATE TABLE IF NOT EXISTS convo_evals (
    id {new_id},
    name TEXT NOT NULL,
    path TEXT,
    digest TEXT NOT NULL,
    session_id TEXT,
    choices TEXT NOT NULL,
    cases {integer} NOT NULL,
    repeats {integer} NOT NULL,
    created_at TIMESTAMP DEFAULT {now},
    ended_at TIMESTAMP
);

-- name: create_convo_eval_results
-- What came of each attempt at a case. `checks` is JSON: the kind of each check, whether it passed,
-- and why not. `message` says why there is no answer.
CREATE TABLE IF NOT EXISTS convo_eval_results (
    eval_id {integer} NOT NULL,
    position {integer} NOT NULL,
    choice TEXT NOT NULL,
    attempt {integer} NOT NULL,
    case_name TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    session_id TEXT,
    branch_id TEXT,
    turn {integer},
    checks TEXT NOT NULL DEFAULT '[]',
    message TEXT,
    requests {integer} NOT NULL DEFAULT 0,
    input_tokens {integer} NOT NULL DEFAULT 0,
    cached_tokens {integer} NOT NULL DEFAULT 0,
    output_tokens {integer} NOT NULL DEFAULT 0,
    reasoning_tokens {integer} NOT NULL DEFAULT 0,
    total_tokens {integer} NOT NULL DEFAULT 0,
    estimated {integer} NOT NULL DEFAULT 0,
    cost {real},
    judge_cost {real},
    duration_s {real},
    created_at TIMESTAMP DEFAULT {now},
    PRIMARY KEY (eval_id, position, choice, attempt)
) {without_rowid};

-- name: index_messages_of_session
CREATE INDEX IF NOT EXISTS {messages_index} ON {messages} (session_id, id);

-- name: index_structure_of_branch
-- The rows of a branch in order. Each index takes a tenth of the time to make or delete a branch.
CREATE INDEX IF NOT EXISTS convo_structure_of_branch
    ON message_structure (
        session_id, branch_id, sequence_number, user_turn_number, message_id
    );

-- name: index_structure_of_message
CREATE INDEX IF NOT EXISTS convo_structure_of_message ON message_structure (message_id);

-- name: index_turns
-- The turns of a branch in order, and the row where each begins.
CREATE INDEX IF NOT EXISTS convo_turns_of_branch
    ON message_structure (
        session_id, branch_id, user_turn_number, sequence_number,
        message_id, branch_turn_number, message_type
    )
    WHERE message_type = 'user';

-- name: index_runs_of_turn
CREATE INDEX IF NOT EXISTS convo_runs_of_turn
    ON convo_runs (session_id, branch_id, user_turn_number, turn_usage_id);

-- name: index_held_of_branch
CREATE INDEX IF NOT EXISTS convo_held_of_branch ON convo_held_turns (session_id, branch_id);

-- name: index_removed_rows_of_message
CREATE INDEX IF NOT EXISTS convo_removed_rows_of_message ON convo_removed_rows (message_id);

-- name: index_removed_of_session
CREATE INDEX IF NOT EXISTS convo_removed_of_session ON convo_removed (session_id);

-- name: index_merges_of_session
CREATE INDEX IF NOT EXISTS convo_merges_of_session ON convo_merges (session_id);

-- name: index_sessions_of_folder
CREATE INDEX IF NOT EXISTS convo_sessions_of_folder ON convo_sessions (folder)
    WHERE folder IS NOT NULL;

-- name: index_removed_sessions_kept_as
CREATE INDEX IF NOT EXISTS convo_removed_sessions_kept_as ON convo_removed_sessions (kept_as);

-- name: index_held_again
CREATE INDEX IF NOT EXISTS convo_held_again ON convo_held_turns (retries)
    WHERE retries IS NOT NULL;

-- name: index_imported_sessions
CREATE INDEX IF NOT EXISTS convo_imported_sessions_of_source
    ON convo_imported_sessions (source, source_id);

-- name: index_sessions_imported
CREATE INDEX IF NOT EXISTS convo_sessions_imported ON convo_imported_sessions (session_id);

-- name: index_imported_parents
CREATE INDEX IF NOT EXISTS convo_imported_parents ON convo_imported_sessions (source, parent_id)
    WHERE parent_id IS NOT NULL;

-- name: index_evals_of_session
CREATE INDEX IF NOT EXISTS convo_evals_of_session ON convo_evals (session_id);

-- name: index_eval_results_of_session
CREATE INDEX IF NOT EXISTS convo_eval_results_of_session
    ON convo_eval_results (session_id, branch_id);

-- name: index_imported_turns
CREATE INDEX IF NOT EXISTS convo_imported_turns_of_session
    ON convo_imported_turns (import_id, turn_id);

