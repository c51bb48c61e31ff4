-- Conversations branch (an answer tried again, a message edited), runs can be stopped from anywhere, answers are rated, and
-- use is counted per person and day.
ALTER TABLE conversations ADD COLUMN pinned integer NOT NULL DEFAULT 0;
-- The newest message of the branch that is shown.
ALTER TABLE conversations ADD COLUMN leaf_id integer;

-- The message this one follows; none for the first.
ALTER TABLE messages ADD COLUMN parent_id integer;
-- running, done, stopped, interrupted or failed; a person's message is always done.
ALTER TABLE messages ADD COLUMN status text NOT NULL DEFAULT 'done';
-- up or down, and why.
ALTER TABLE messages ADD COLUMN feedback text;
ALTER TABLE messages ADD COLUMN feedback_note text;
-- What the assistant remembered when the answer ended: a branch that begins after it goes on from there.
ALTER TABLE messages ADD COLUMN memory text;
CREATE INDEX messages_parent ON messages (user_id, conversation_id, parent_id);
UPDATE messages SET parent_id = (SELECT max(earlier.id) FROM messages earlier
    WHERE earlier.user_id = messages.user_id AND earlier.conversation_id = messages.conversation_id AND earlier.id < messages.id);
UPDATE conversations SET leaf_id = (SELECT max(messages.id) FROM messages
    WHERE messages.user_id = conversations.user_id AND messages.conversation_id = conversations.id);

-- The answer the run writes.
ALTER TABLE runs ADD COLUMN message_id integer;
ALTER TABLE runs ADD COLUMN stop_requested_at integer;
-- The Idempotency-Key of the request that began it: sent again it leads to the same run.
ALTER TABLE runs ADD COLUMN request_key text;
CREATE UNIQUE INDEX runs_request_key ON runs (user_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX runs_alive ON runs (lease_until) WHERE status = 'running';
CREATE INDEX tool_calls_waiting ON tool_calls (expires_at) WHERE status = 'pending';

-- One row a person and day (UTC).
CREATE TABLE chat_use (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    day text NOT NULL,
    messages integer NOT NULL DEFAULT 0,
    tool_calls integer NOT NULL DEFAULT 0,
    input_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX chat_use_day ON chat_use (day);
