-- The whole product's schema. Both engines carry the same numbers, tables and columns; a test compares them.
-- Instants are microseconds since 1970 UTC, except in Better Auth's five tables, which keep Better Auth's form so that
-- both programs can read and write them. JSON is kept as text: the database never looks inside.

-- Better Auth's tables, exactly as better-auth 1.7 makes them. Ours go elsewhere: an extra NOT NULL column here would
-- lock the real Better Auth out. IF NOT EXISTS, because the database may have been made by it.
CREATE TABLE IF NOT EXISTS "user" (
    "id" text NOT NULL PRIMARY KEY,
    "name" text NOT NULL,
    "email" text NOT NULL UNIQUE,
    "emailVerified" boolean NOT NULL,
    "image" text,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS "session" (
    "id" text NOT NULL PRIMARY KEY,
    "expiresAt" timestamptz NOT NULL,
    "token" text NOT NULL UNIQUE,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz NOT NULL,
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
    "accessTokenExpiresAt" timestamptz,
    "refreshTokenExpiresAt" timestamptz,
    "scope" text,
    "password" text,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS "account_userId_idx" ON "account" ("userId");
CREATE TABLE IF NOT EXISTS "verification" (
    "id" text NOT NULL PRIMARY KEY,
    "identifier" text NOT NULL,
    "value" text NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS "verification_identifier_idx" ON "verification" ("identifier");
CREATE TABLE IF NOT EXISTS "jwks" (
    "id" text NOT NULL PRIMARY KEY,
    "publicKey" text NOT NULL,
    "privateKey" text NOT NULL,
    "createdAt" timestamptz NOT NULL,
    "expiresAt" timestamptz,
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
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);
CREATE TABLE audit (
    id text NOT NULL PRIMARY KEY,
    user_id text REFERENCES "user" ("id") ON DELETE CASCADE,
    at bigint NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    detail text NOT NULL
);
CREATE INDEX audit_user_at ON audit (user_id, at);
CREATE TABLE rate_limits (
    key text NOT NULL PRIMARY KEY,
    count bigint NOT NULL,
    last_request bigint NOT NULL
);

-- The next number of everything that is counted per user. Every change takes its numbers here first, and so locks this
-- row: one user's changes commit in the order of their seq.
CREATE TABLE counters (
    user_id text NOT NULL PRIMARY KEY REFERENCES "user" ("id") ON DELETE CASCADE,
    seq bigint NOT NULL DEFAULT 0,
    task bigint NOT NULL DEFAULT 0,
    project bigint NOT NULL DEFAULT 0,
    label bigint NOT NULL DEFAULT 0,
    filter bigint NOT NULL DEFAULT 0,
    conversation bigint NOT NULL DEFAULT 0,
    message bigint NOT NULL DEFAULT 0,
    reminder bigint NOT NULL DEFAULT 0
);

CREATE TABLE projects (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id bigint NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    colour text NOT NULL,
    parent_id bigint,
    position text COLLATE "C" NOT NULL,
    archived boolean NOT NULL DEFAULT false,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX projects_name ON projects (user_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE labels (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id bigint NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    colour text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX labels_name ON labels (user_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE filters (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id bigint NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    query text NOT NULL,
    colour text NOT NULL,
    position text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX filters_name ON filters (user_id, name_key) WHERE deleted_at IS NULL;

-- A date is three columns: kind (day, floating, zoned), civil text, zone. `*_day` is the calendar day on which the person
-- meets it and `due_at` the instant it sorts by, both derived in the person's zone and derived anew when that changes.
CREATE TABLE tasks (
    row_key bigint GENERATED ALWAYS AS IDENTITY,
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id bigint NOT NULL,
    title text NOT NULL,
    description text,
    completed_at bigint,
    start_kind text,
    start_civil text,
    start_zone text,
    start_day text COLLATE "C",
    due_kind text,
    due_civil text,
    due_zone text,
    due_day text COLLATE "C",
    due_at bigint,
    deadline_kind text,
    deadline_civil text,
    deadline_zone text,
    deadline_day text COLLATE "C",
    repeat_rule text,
    repeat_from text,
    repeat_except text,
    -- The first day of the series, from which the rule counts.
    repeat_start text,
    priority bigint NOT NULL DEFAULT 0,
    project_id bigint,
    parent_id bigint,
    position text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    -- The delete that took it, so that a restore brings back what went together.
    deleted_seq bigint,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id),
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
    task_id bigint NOT NULL,
    label_id bigint NOT NULL,
    PRIMARY KEY (user_id, task_id, label_id),
    FOREIGN KEY (user_id, task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, label_id) REFERENCES labels (user_id, id) ON DELETE CASCADE
);
CREATE INDEX task_labels_label ON task_labels (user_id, label_id);

CREATE TABLE reminders (
    user_id text NOT NULL,
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    -- Either minutes before the due time, or a moment of its own.
    minutes_before bigint,
    at_kind text,
    at_civil text,
    at_zone text,
    fire_at bigint,
    sent_at bigint,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE
);
CREATE INDEX reminders_task ON reminders (user_id, task_id);
CREATE INDEX reminders_fire ON reminders (fire_at) WHERE sent_at IS NULL;

-- The spine: every change is one row, with the touched rows before and after it as JSON.
CREATE TABLE operations (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    -- Who acted: the user's own id, or what acted for them.
    actor text NOT NULL,
    door text NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    summary text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    undone_by bigint,
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
    created_at bigint NOT NULL,
    -- Absent while the first request still runs.
    status bigint,
    headers text,
    body text,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE conversations (
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    id bigint NOT NULL,
    title text NOT NULL,
    -- Tools the person allowed without asking in this conversation, as a JSON array of names.
    always_allow text NOT NULL DEFAULT '[]',
    -- What the assistant remembers between turns (the list last shown, a question it asked), as a JSON object.
    memory text NOT NULL DEFAULT '{}',
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX conversations_updated ON conversations (user_id, updated_at) WHERE deleted_at IS NULL;

CREATE TABLE messages (
    user_id text NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    run_id text,
    -- user or assistant; tool calls and their results are rows of tool_calls.
    role text NOT NULL,
    content text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_conversation ON messages (user_id, conversation_id, id);

CREATE TABLE tool_calls (
    user_id text NOT NULL,
    id text NOT NULL,
    conversation_id bigint NOT NULL,
    message_id bigint NOT NULL,
    ordinal bigint NOT NULL,
    tool text NOT NULL,
    arguments text NOT NULL,
    -- done, pending, denied or failed.
    status text NOT NULL,
    result text,
    operation bigint,
    created_at bigint NOT NULL,
    expires_at bigint,
    decided_at bigint,
    PRIMARY KEY (user_id, conversation_id, id),
    FOREIGN KEY (user_id, message_id) REFERENCES messages (user_id, id) ON DELETE CASCADE
);
CREATE INDEX tool_calls_message ON tool_calls (user_id, message_id, ordinal);

-- One answer in the making. A run holds its conversation until its lease ends.
CREATE TABLE runs (
    user_id text NOT NULL,
    id text NOT NULL,
    conversation_id bigint NOT NULL,
    -- running, done, failed, stopped or interrupted.
    status text NOT NULL,
    lease_owner text NOT NULL,
    lease_until bigint NOT NULL,
    model text,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    error text,
    started_at bigint NOT NULL,
    finished_at bigint,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (user_id, conversation_id) WHERE status = 'running';
CREATE TABLE run_events (
    user_id text NOT NULL,
    run_id text NOT NULL,
    seq bigint NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (user_id, run_id, seq),
    FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE
);

CREATE TABLE jobs (
    id text NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    user_id text REFERENCES "user" ("id") ON DELETE CASCADE,
    payload text NOT NULL,
    run_at bigint NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    locked_by text,
    locked_until bigint,
    last_error text,
    created_at bigint NOT NULL,
    done_at bigint
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE done_at IS NULL;

-- Full text, by whole words and by their beginnings.
CREATE INDEX tasks_search ON tasks USING gin (to_tsvector('simple', title || ' ' || coalesce(description, '')));
