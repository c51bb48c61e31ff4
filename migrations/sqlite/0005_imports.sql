-- What an import brought from an older app: its row, and what became of it here. So an import can be run again, and an old
-- link can be followed. `source` tells one old database from another.
CREATE TABLE imports (
    source text NOT NULL,
    -- user, account, task, reminder, conversation or message.
    kind text NOT NULL,
    source_id text NOT NULL,
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    our_id text NOT NULL,
    at integer NOT NULL,
    PRIMARY KEY (source, kind, source_id)
);
CREATE INDEX imports_user ON imports (user_id);
