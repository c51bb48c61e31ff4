-- The whole product's schema. Both engines carry the same numbers, tables and columns; a test compares them.
-- Instants are microseconds since 1970 UTC, except in Better Auth's five tables, which keep Better Auth's form so that
-- both programs can read and write them. JSON is kept as text: the database never looks inside.

-- Better Auth's tables, exactly as better-auth 1.7 makes them. Ours go elsewhere: an extra NOT NULL column here would
-- lock the real Better Auth out. IF NOT EXISTS, because the database may have been made by it.
CREATE TABLE IF NOT EXISTS "user" (
    "id" text NOT NULL PRIMARY KEY,
    "name" text NOT NULL,
    "email" text NOT NULL UNIQUE,
    "emailVerified" integer NOT NULL,
    "image" text,
    "createdAt" date NOT NULL,
    "updatedAt" date NOT NULL
);
CREATE TABLE IF NOT EXISTS "session" (
    "id" text NOT NULL PRIMARY KEY,
    "expiresAt" date NOT NULL,
    "token" text NOT NULL UNIQUE,
    "createdAt" date NOT NULL,
    "updatedAt" date NOT NULL,
    "ipAddress" text,
    "userAgent" text,
    "userId" text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "session_userId_idx" ON "session" ("userId");
CREATE TABLE IF NOT EXISTS "account" (
    "id" text NOT NULL PRIMARY KEY,
    "accountId" text NOT NULL,
    "providerId" text NOT NULL,
    "userId" text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    "accessToken" text,
    "refreshToken" text,
    "idToken" text,
    "accessTokenExpiresAt" date,
    "refreshTokenExpiresAt" date,
    "scope" text,
    "password" text,
    "createdAt" date NOT NULL,
    "updatedAt" date NOT NULL
);
CREATE INDEX IF NOT EXISTS "account_userId_idx" ON "account" ("userId");
CREATE TABLE IF NOT EXISTS "verification" (
    "id" text NOT NULL PRIMARY KEY,
    "identifier" text NOT NULL,
    "value" text NOT NULL,
    "expiresAt" date NOT NULL,
    "createdAt" date NOT NULL,
    "updatedAt" date NOT NULL
);
CREATE INDEX IF NOT EXISTS "verification_identifier_idx" ON "verification" ("identifier");
CREATE TABLE IF NOT EXISTS "jwks" (
    "id" text NOT NULL PRIMARY KEY,
    "publicKey" text NOT NULL,
    "privateKey" text NOT NULL,
    "createdAt" date NOT NULL,
    "expiresAt" date,
    "alg" text,
    "crv" text
);

-- What this installation knows about itself, such as the secret it made.
CREATE TABLE instance (
    name text NOT NULL PRIMARY KEY,
    value text NOT NULL
);

-- Accounts: what Better Auth has no column for.
CREATE TABLE user_flags (
    user_id text NOT NULL PRIMARY KEY REFERENCES "user" ("id") ON DELETE CASCADE,
    admin boolean NOT NULL DEFAULT false,
    disabled boolean NOT NULL DEFAULT false
);
CREATE TABLE settings (
    user_id text NOT NULL PRIMARY KEY REFERENCES "user" ("id") ON DELETE CASCADE,
    time_zone text NOT NULL,
    theme text NOT NULL,
    locale text NOT NULL,
    week_start text NOT NULL
);
CREATE TABLE api_tokens (
    id text NOT NULL PRIMARY KEY,
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    name text NOT NULL,
    hash text NOT NULL UNIQUE,
    scopes text NOT NULL,
    created_at integer NOT NULL,
    expires_at integer,
    last_used_at integer
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);
CREATE TABLE audit (
    id text NOT NULL PRIMARY KEY,
    user_id text REFERENCES "user" ("id") ON DELETE CASCADE,
    at integer NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    detail text NOT NULL
);
CREATE INDEX audit_user_at ON audit (user_id, at);
CREATE TABLE rate_limits (
    key text NOT NULL PRIMARY KEY,
    count integer NOT NULL,
    last_request integer NOT NULL
);

-- The next number of everything that is counted per user. Every change takes its numbers here first, and so locks this
-- row: one user's changes commit in the order of their seq.
CREATE TABLE counters (
    user_id text NOT NULL PRIMARY KEY REFERENCES "user" ("id") ON DELETE CASCADE,
    seq integer NOT NULL DEFAULT 0,
    task integer NOT NULL DEFAULT 0,
    project integer NOT NULL DEFAULT 0,
    label integer NOT NULL DEFAULT 0,
    filter integer NOT NULL DEFAULT 0,
    conversation integer NOT NULL DEFAULT 0,
    message integer NOT NULL DEFAULT 0,
    reminder integer NOT NULL DEFAULT 0
);

CREATE TABLE projects (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id integer NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    colour text NOT NULL,
    parent_id integer,
    position text NOT NULL,
    archived boolean NOT NULL DEFAULT false,
    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    deleted_at integer,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX projects_name ON projects (user_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE labels (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id integer NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    colour text NOT NULL,
    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    deleted_at integer,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX labels_name ON labels (user_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE filters (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id integer NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    query text NOT NULL,
    colour text NOT NULL,
    position text NOT NULL,
    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    deleted_at integer,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX filters_name ON filters (user_id, name_key) WHERE deleted_at IS NULL;

-- A date is three columns: kind (day, floating, zoned), civil text, zone. `*_day` is the calendar day on which the person
-- meets it and `due_at` the instant it sorts by, both derived in the person's zone and derived anew when that changes.
CREATE TABLE tasks (
    row_key integer PRIMARY KEY,
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id integer NOT NULL,
    title text NOT NULL,
    description text,
    completed_at integer,
    start_kind text,
    start_civil text,
    start_zone text,
    start_day text,
    due_kind text,
    due_civil text,
    due_zone text,
    due_day text,
    due_at integer,
    deadline_kind text,
    deadline_civil text,
    deadline_zone text,
    deadline_day text,
    repeat_rule text,
    repeat_from text,
    repeat_except text,
    -- The first day of the series, from which the rule counts.
    repeat_start text,
    priority integer NOT NULL DEFAULT 0,
    project_id integer,
    parent_id integer,
    position text NOT NULL,
    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    deleted_at integer,
    -- The delete that took it, so that a restore brings back what went together.
    deleted_seq integer,
    version integer NOT NULL DEFAULT 1,
    UNIQUE (user_id, id),
    FOREIGN KEY (user_id, project_id) REFERENCES projects (user_id, id),
    FOREIGN KEY (user_id, parent_id) REFERENCES tasks (user_id, id)
);
CREATE INDEX tasks_position ON tasks (user_id, position, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_project ON tasks (user_id, project_id, position) WHERE deleted_at IS NULL;
CREATE INDEX tasks_parent ON tasks (user_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_due ON tasks (user_id, due_day, due_at) WHERE deleted_at IS NULL AND completed_at IS NULL;
CREATE INDEX tasks_deadline ON tasks (user_id, deadline_day) WHERE deleted_at IS NULL AND completed_at IS NULL;
CREATE INDEX tasks_completed ON tasks (user_id, completed_at) WHERE deleted_at IS NULL AND completed_at IS NOT NULL;
CREATE INDEX tasks_trash ON tasks (user_id, deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE task_labels (
    user_id text NOT NULL,
    task_id integer NOT NULL,
    label_id integer NOT NULL,
    PRIMARY KEY (user_id, task_id, label_id),
    FOREIGN KEY (user_id, task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, label_id) REFERENCES labels (user_id, id) ON DELETE CASCADE
);
CREATE INDEX task_labels_label ON task_labels (user_id, label_id);

CREATE TABLE reminders (
    user_id text NOT NULL,
    id integer NOT NULL,
    task_id integer NOT NULL,
    -- Either minutes before the due time, or a moment of its own.
    minutes_before integer,
    at_kind text,
    at_civil text,
    at_zone text,
    fire_at integer,
    sent_at integer,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE
);
CREATE INDEX reminders_task ON reminders (user_id, task_id);
CREATE INDEX reminders_fire ON reminders (fire_at) WHERE sent_at IS NULL;

-- The spine: every change is one row, with the touched rows before and after it as JSON.
CREATE TABLE operations (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    seq integer NOT NULL,
    at integer NOT NULL,
    -- Who acted: the user's own id, or what acted for them.
    actor text NOT NULL,
    door text NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    summary text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    undone_by integer,
    -- The Idempotency-Key of the request that did it.
    request_key text,
    PRIMARY KEY (user_id, seq)
);
CREATE INDEX operations_request ON operations (user_id, request_key) WHERE request_key IS NOT NULL;

CREATE TABLE idempotency_keys (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    key text NOT NULL,
    -- SHA-256 of method, path and body: the same key with another request is refused.
    fingerprint text NOT NULL,
    created_at integer NOT NULL,
    -- Absent while the first request still runs.
    status integer,
    headers text,
    body text,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE conversations (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id integer NOT NULL,
    title text NOT NULL,
    -- Tools the person allowed without asking in this conversation, as a JSON array of names.
    always_allow text NOT NULL DEFAULT '[]',
    -- What the assistant remembers between turns (the list last shown, a question it asked), as a JSON object.
    memory text NOT NULL DEFAULT '{}',
    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    deleted_at integer,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX conversations_updated ON conversations (user_id, updated_at) WHERE deleted_at IS NULL;

CREATE TABLE messages (
    user_id text NOT NULL,
    id integer NOT NULL,
    conversation_id integer NOT NULL,
    run_id text,
    -- user or assistant; tool calls and their results are rows of tool_calls.
    role text NOT NULL,
    content text NOT NULL,
    created_at integer NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_conversation ON messages (user_id, conversation_id, id);

CREATE TABLE tool_calls (
    user_id text NOT NULL,
    id text NOT NULL,
    conversation_id integer NOT NULL,
    message_id integer NOT NULL,
    ordinal integer NOT NULL,
    tool text NOT NULL,
    arguments text NOT NULL,
    -- done, pending, denied or failed.
    status text NOT NULL,
    result text,
    operation integer,
    created_at integer NOT NULL,
    expires_at integer,
    decided_at integer,
    PRIMARY KEY (user_id, conversation_id, id),
    FOREIGN KEY (user_id, message_id) REFERENCES messages (user_id, id) ON DELETE CASCADE
);
CREATE INDEX tool_calls_message ON tool_calls (user_id, message_id, ordinal);

-- One answer in the making. A run holds its conversation until its lease ends.
CREATE TABLE runs (
    user_id text NOT NULL,
    id text NOT NULL,
    conversation_id integer NOT NULL,
    -- running, done, failed, stopped or interrupted.
    status text NOT NULL,
    lease_owner text NOT NULL,
    lease_until integer NOT NULL,
    model text,
    input_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    error text,
    started_at integer NOT NULL,
    finished_at integer,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (user_id, conversation_id) WHERE status = 'running';
CREATE TABLE run_events (
    user_id text NOT NULL,
    run_id text NOT NULL,
    seq integer NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (user_id, run_id, seq),
    FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE
);

CREATE TABLE jobs (
    id text NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    user_id text REFERENCES "user" ("id") ON DELETE CASCADE,
    payload text NOT NULL,
    run_at integer NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    locked_by text,
    locked_until integer,
    last_error text,
    created_at integer NOT NULL,
    done_at integer
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE done_at IS NULL;

-- Full text. `owner` is indexed too, so that a search meets only the person's own rows however many others there are.
CREATE VIRTUAL TABLE task_search USING fts5 (
    owner, title, description, content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER tasks_search_insert AFTER INSERT ON tasks BEGIN
    INSERT INTO task_search (rowid, owner, title, description) VALUES (new.row_key, new.user_id, new.title, coalesce(new.description, ''));
END;
CREATE TRIGGER tasks_search_update AFTER UPDATE OF title, description ON tasks BEGIN
    INSERT OR REPLACE INTO task_search (rowid, owner, title, description) VALUES (new.row_key, new.user_id, new.title, coalesce(new.description, ''));
END;
CREATE TRIGGER tasks_search_delete AFTER DELETE ON tasks BEGIN
    DELETE FROM task_search WHERE rowid = old.row_key;
END;
