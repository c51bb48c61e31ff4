-- Better Auth by Drizzle; tasks with tables of tags, days without a time, series with a template.
CREATE TABLE "user" (id text PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, email_verified BOOL NOT NULL, image text, created_at TIME NOT NULL, updated_at TIME NOT NULL);
CREATE TABLE session (id text PRIMARY KEY, token text, expires_at TIME, user_id text);
CREATE TABLE account (id text PRIMARY KEY, account_id text NOT NULL, provider_id text NOT NULL, user_id text NOT NULL, access_token text, refresh_token text, password text, created_at TIME NOT NULL, updated_at TIME NOT NULL);
CREATE TABLE tasks (id UUID PRIMARY KEY, user_id text NOT NULL, title text NOT NULL, description text, priority text, due_date DATE, completed BOOL NOT NULL, created_at TIME NOT NULL, updated_at TIME NOT NULL,
    is_recurring BOOL, is_pattern BOOL, recurrence_type text, recurrence_interval integer, recurrence_days JSON, recurrence_end_date DATE, max_occurrences integer, parent_task_id UUID, occurrence_count integer);
CREATE TABLE tags (id UUID PRIMARY KEY, user_id text, name text);
CREATE TABLE task_tags (task_id UUID, tag_id UUID);
CREATE TABLE conversations (id UUID PRIMARY KEY, user_id text, created_at TIME, updated_at TIME);
CREATE TABLE messages (id UUID PRIMARY KEY, conversation_id UUID, role text, content text, created_at TIME);
CREATE TABLE alembic_version (version_num text);
CREATE TABLE analytics_cache (id integer, body text);
INSERT INTO "user" VALUES ('aaaaaaaabbbbbbbbccccccccdddddddd', 'Ada', 'ada@old.example', true, NULL, '2026-01-01 08:00:00', '2026-01-02 08:00:00');
INSERT INTO account VALUES ('acc1', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'credential', 'aaaaaaaabbbbbbbbccccccccdddddddd', NULL, NULL, 'fbcf2a7fe607d174e14d79259b3a83b5:c37c24a74ff1e946a9ca3eef0d21fa82d64f80d5aeddd9550551e25e684f39cdf19d11464e70833ade15e077de5219d76f5509f95af1b8eca6d4fecdd76a9916', '2026-01-01 08:00:00', '2026-01-01 08:00:00');
INSERT INTO account VALUES ('acc2', '1000042', 'google', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'at', 'rt', NULL, '2026-01-01 08:00:00', '2026-01-01 08:00:00');
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000001', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'Pay rent', 'by transfer', 'High', '2026-12-01', false, '2026-01-03 08:00:00', '2026-01-03 08:00:00',
    true, false, 'monthly', 1, '[1]', '2027-12-31', NULL, NULL, 0);
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000002', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'Gym', NULL, 'Low', NULL, false, '2026-01-04 08:00:00', '2026-01-04 08:00:00',
    true, true, 'weekly', 1, '["monday", "thursday"]', NULL, 10, NULL, 4);
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000003', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'Gym', NULL, 'Low', '2026-11-23', false, '2026-01-05 08:00:00', '2026-01-05 08:00:00',
    false, false, NULL, 1, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000002', 0);
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000004', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'Gym', NULL, 'Low', '2026-11-19', true, '2026-01-06 08:00:00', '2026-11-19 18:00:00',
    false, false, NULL, 1, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000002', 0);
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000005', 'nobody', 'Lost', NULL, 'Medium', NULL, false, '2026-01-07 08:00:00', '2026-01-07 08:00:00',
    false, false, NULL, 1, NULL, NULL, NULL, NULL, 0);
INSERT INTO tags VALUES ('00000000-0000-0000-0000-0000000000a1', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'home');
INSERT INTO task_tags VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-0000000000a1');
INSERT INTO task_tags VALUES ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-0000000000ff');
INSERT INTO conversations VALUES ('00000000-0000-0000-0000-0000000000c1', 'aaaaaaaabbbbbbbbccccccccdddddddd', '2026-02-01 08:00:00', '2026-02-01 08:01:00');
INSERT INTO conversations VALUES ('00000000-0000-0000-0000-0000000000c2', 'aaaaaaaabbbbbbbbccccccccdddddddd', '2026-02-02 08:00:00', '2026-02-02 08:00:00');
INSERT INTO messages VALUES ('00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000c1', 'user', 'Add the rent', '2026-02-01 08:00:00');
INSERT INTO messages VALUES ('00000000-0000-0000-0000-0000000000d2', '00000000-0000-0000-0000-0000000000c1', 'assistant', 'Done: Pay rent.', '2026-02-01 08:00:05');
INSERT INTO messages VALUES ('00000000-0000-0000-0000-0000000000d3', '00000000-0000-0000-0000-0000000000c1', 'tool', '{}', '2026-02-01 08:00:03');
