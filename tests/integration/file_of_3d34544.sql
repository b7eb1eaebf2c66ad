BEGIN TRANSACTION;
CREATE TABLE "agent_messages" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    message_data TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (session_id) REFERENCES "agent_sessions" (session_id) ON DELETE CASCADE
);
INSERT INTO "agent_messages" VALUES(1,'talk','{"role": "user", "content": "a"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(2,'talk','{"type": "function_call", "call_id": "c-ta", "name": "ta", "arguments": "{}"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(3,'talk','{"type": "function_call_output", "call_id": "c-ta", "output": "done"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(4,'talk','{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "About a"}]}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(5,'talk','{"role": "user", "content": "b"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(6,'talk','{"type": "function_call", "call_id": "c-tb", "name": "tb", "arguments": "{}"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(7,'talk','{"type": "function_call_output", "call_id": "c-tb", "output": "done"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(8,'talk','{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "About b"}]}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(9,'talk','{"role": "user", "content": "c"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(10,'talk','{"type": "function_call", "call_id": "c-tc", "name": "tc", "arguments": "{}"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(11,'talk','{"type": "function_call_output", "call_id": "c-tc", "output": "done"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(12,'talk','{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "About c"}]}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(13,'talk','{"role": "user", "content": "d"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(14,'talk','{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "About d"}]}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(15,'other','{"role": "user", "content": "x"}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(16,'other','{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "About x"}]}','2026-11-26 13:01:03');
INSERT INTO "agent_messages" VALUES(17,'other','{"role": "user", "content": "plain"}','2026-11-26 13:01:03');
CREATE TABLE "agent_sessions" (
    session_id TEXT PRIMARY KEY,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO "agent_sessions" VALUES('talk','2026-11-26 13:01:03','2026-11-26 13:01:03');
INSERT INTO "agent_sessions" VALUES('other','2026-11-26 13:01:03','2026-11-26 13:01:03');
CREATE TABLE branch_reservations (
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    PRIMARY KEY (session_id, branch_id)
);
INSERT INTO "branch_reservations" VALUES('talk','main');
INSERT INTO "branch_reservations" VALUES('talk','fork');
INSERT INTO "branch_reservations" VALUES('other','main');
CREATE TABLE convo_adopted (
    session_id TEXT PRIMARY KEY,
    message_id INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "convo_adopted" VALUES('other',16);
INSERT INTO "convo_adopted" VALUES('talk',14);
CREATE TABLE convo_branches (
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    parent_branch_id TEXT,
    forked_from_turn INTEGER,
    kept_empty INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (session_id, branch_id)
) WITHOUT ROWID;
INSERT INTO "convo_branches" VALUES('other','main',NULL,NULL,0,'2026-11-26 13:01:03');
INSERT INTO "convo_branches" VALUES('talk','fork','main',2,0,'2026-11-26 13:01:03');
INSERT INTO "convo_branches" VALUES('talk','main',NULL,NULL,0,'2026-11-26 13:01:03');
CREATE TABLE convo_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    session_id TEXT NOT NULL
);
INSERT INTO "convo_head" VALUES(1,'other');
CREATE TABLE convo_runs (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    user_turn_number INTEGER NOT NULL,
    anchor INTEGER,
    turn_usage_id INTEGER,
    model TEXT,
    status TEXT NOT NULL DEFAULT 'completed',
    estimated INTEGER NOT NULL DEFAULT 0,
    requests INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    total_tokens INTEGER NOT NULL,
    input_details TEXT,
    output_details TEXT,
    request_entries TEXT NOT NULL DEFAULT '[]',
    started_at TIMESTAMP,
    duration_s REAL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO "convo_runs" VALUES(1,'talk','main',1,1,1,'m','completed',0,1,10,1,5,2,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','[]',NULL,NULL,'2026-11-26 13:01:03');
INSERT INTO "convo_runs" VALUES(2,'talk','main',2,5,2,'m','completed',0,1,10,1,5,2,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','[]',NULL,NULL,'2026-11-26 13:01:03');
INSERT INTO "convo_runs" VALUES(3,'talk','main',3,9,3,'m','completed',0,1,10,1,5,2,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','[]',NULL,NULL,'2026-11-26 13:01:03');
INSERT INTO "convo_runs" VALUES(4,'talk','fork',2,17,4,'m','completed',0,1,10,1,5,2,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','[]',NULL,NULL,'2026-11-26 13:01:03');
INSERT INTO "convo_runs" VALUES(5,'other','main',1,19,5,'m','completed',0,1,6,1,3,2,9,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','[]',NULL,NULL,'2026-11-26 13:01:03');
CREATE TABLE convo_sessions (
    session_id TEXT PRIMARY KEY,
    branch_id TEXT NOT NULL DEFAULT 'main',
    previous_branch_id TEXT,
    model TEXT,
    base_url TEXT,
    api TEXT
) WITHOUT ROWID;
INSERT INTO "convo_sessions" VALUES('other','main',NULL,'m',NULL,NULL);
INSERT INTO "convo_sessions" VALUES('talk','fork','main','m',NULL,NULL);
CREATE TABLE message_structure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    branch_id TEXT NOT NULL DEFAULT 'main',
    message_type TEXT NOT NULL,
    sequence_number INTEGER NOT NULL,
    user_turn_number INTEGER,
    branch_turn_number INTEGER,
    tool_name TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (session_id) REFERENCES "agent_sessions" (session_id) ON DELETE CASCADE,
    FOREIGN KEY (message_id) REFERENCES "agent_messages" (id) ON DELETE CASCADE
);
INSERT INTO "message_structure" VALUES(1,'talk',1,'main','user',1,1,1,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(2,'talk',2,'main','function_call',2,1,1,'ta','2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(3,'talk',3,'main','function_call_output',3,1,1,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(4,'talk',4,'main','assistant',4,1,1,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(5,'talk',5,'main','user',5,2,2,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(6,'talk',6,'main','function_call',6,2,2,'tb','2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(7,'talk',7,'main','function_call_output',7,2,2,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(8,'talk',8,'main','assistant',8,2,2,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(9,'talk',9,'main','user',9,3,3,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(10,'talk',10,'main','function_call',10,3,3,'tc','2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(11,'talk',11,'main','function_call_output',11,3,3,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(12,'talk',12,'main','assistant',12,3,3,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(13,'talk',1,'fork','user',13,1,1,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(14,'talk',2,'fork','function_call',14,1,1,'ta','2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(15,'talk',3,'fork','function_call_output',15,1,1,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(16,'talk',4,'fork','assistant',16,1,1,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(17,'talk',13,'fork','user',17,2,2,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(18,'talk',14,'fork','assistant',18,2,2,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(19,'other',15,'main','user',1,1,1,NULL,'2026-11-26 13:01:03');
INSERT INTO "message_structure" VALUES(20,'other',16,'main','assistant',2,1,1,NULL,'2026-11-26 13:01:03');
CREATE TABLE session_clear_generations (
    session_id TEXT PRIMARY KEY,
    generation INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "session_clear_generations" VALUES('talk',0);
INSERT INTO "session_clear_generations" VALUES('other',0);
CREATE TABLE turn_usage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    branch_id TEXT NOT NULL DEFAULT 'main',
    user_turn_number INTEGER NOT NULL,
    requests INTEGER DEFAULT 0,
    input_tokens INTEGER DEFAULT 0,
    output_tokens INTEGER DEFAULT 0,
    total_tokens INTEGER DEFAULT 0,
    input_tokens_details JSON,
    output_tokens_details JSON,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (session_id) REFERENCES "agent_sessions" (session_id) ON DELETE CASCADE,
    UNIQUE (session_id, branch_id, user_turn_number)
);
INSERT INTO "turn_usage" VALUES(1,'talk','main',1,1,10,5,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','2026-11-26 13:01:03');
INSERT INTO "turn_usage" VALUES(2,'talk','main',2,1,10,5,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','2026-11-26 13:01:03');
INSERT INTO "turn_usage" VALUES(3,'talk','main',3,1,10,5,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','2026-11-26 13:01:03');
INSERT INTO "turn_usage" VALUES(4,'talk','fork',2,1,10,5,15,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','2026-11-26 13:01:03');
INSERT INTO "turn_usage" VALUES(5,'other','main',1,1,6,3,9,'{"cached_tokens": 1}','{"reasoning_tokens": 2}','2026-11-26 13:01:03');
CREATE VIEW convo_foreign_usage AS
SELECT
    session_id, branch_id, user_turn_number,
    (
        SELECT min(s.id) FROM message_structure AS s
        WHERE s.session_id = u.session_id AND s.branch_id = u.branch_id
          AND s.user_turn_number = u.user_turn_number
    ) AS anchor,
    id AS turn_usage_id,
    coalesce(requests, 0) AS requests,
    coalesce(input_tokens, 0) AS input_tokens,
    CASE WHEN json_valid(input_tokens_details)
        THEN coalesce(input_tokens_details ->> 'cached_tokens', 0) ELSE 0 END AS cached_tokens,
    coalesce(output_tokens, 0) AS output_tokens,
    CASE WHEN json_valid(output_tokens_details)
        THEN coalesce(output_tokens_details ->> 'reasoning_tokens', 0) ELSE 0
        END AS reasoning_tokens,
    coalesce(total_tokens, 0) AS total_tokens,
    input_tokens_details AS input_details,
    output_tokens_details AS output_details,
    created_at
FROM turn_usage AS u
WHERE NOT EXISTS (
    SELECT 1 FROM convo_runs AS r
    WHERE r.session_id = u.session_id AND r.branch_id = u.branch_id
      AND r.user_turn_number = u.user_turn_number AND r.turn_usage_id = u.id
);
CREATE INDEX "idx_agent_messages_session_id" ON "agent_messages" (session_id, id);
CREATE INDEX idx_structure_session_seq
    ON message_structure (session_id, sequence_number);
CREATE INDEX idx_structure_branch_seq
    ON message_structure (session_id, branch_id, sequence_number);
CREATE INDEX idx_structure_turn
    ON message_structure (session_id, branch_id, user_turn_number);
CREATE INDEX convo_structure_of_message ON message_structure (message_id);
CREATE INDEX convo_user_messages
    ON message_structure (session_id, branch_id, branch_turn_number, sequence_number)
    WHERE message_type = 'user';
CREATE INDEX convo_runs_of_turn
    ON convo_runs (session_id, branch_id, user_turn_number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('agent_messages',17);
INSERT INTO "sqlite_sequence" VALUES('message_structure',20);
INSERT INTO "sqlite_sequence" VALUES('turn_usage',5);
COMMIT;
