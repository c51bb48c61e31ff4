-- Better Auth by its own pool; rules and reminders in tables of their own, tags as JSON.
CREATE TABLE "user" (id text PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, "emailVerified" BOOL NOT NULL, image text, "createdAt" ZONED NOT NULL, "updatedAt" ZONED NOT NULL);
CREATE TABLE account (id text PRIMARY KEY, "accountId" text NOT NULL, "providerId" text NOT NULL, "userId" text NOT NULL, password text, "createdAt" ZONED NOT NULL, "updatedAt" ZONED NOT NULL);
CREATE TABLE tasks (id UUID PRIMARY KEY, user_id text NOT NULL, title text NOT NULL, description text, completed BOOL NOT NULL, priority text, tags JSON, due_date ZONED, created_at ZONED, updated_at ZONED);
CREATE TABLE recurrence_rules (id UUID PRIMARY KEY, task_id UUID, pattern text, "interval" integer, rule_metadata JSON);
CREATE TABLE reminders (id UUID PRIMARY KEY, task_id UUID, reminder_time ZONED, status text, delivery_method text, retry_count integer, sent_at ZONED);
CREATE TABLE conversations (id UUID PRIMARY KEY, user_id text, created_at ZONED, updated_at ZONED);
CREATE TABLE messages (id UUID PRIMARY KEY, conversation_id UUID, user_id text, role text, content text, created_at ZONED);
INSERT INTO "user" VALUES ('aaaaaaaabbbbbbbbccccccccdddddddd', 'Ada', 'ada@old.example', true, NULL, '2026-01-01T08:00:00.000Z', '2026-01-01T08:00:00.000Z');
INSERT INTO account VALUES ('acc1', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'credential', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'fbcf2a7fe607d174e14d79259b3a83b5:c37c24a74ff1e946a9ca3eef0d21fa82d64f80d5aeddd9550551e25e684f39cdf19d11464e70833ade15e077de5219d76f5509f95af1b8eca6d4fecdd76a9916', '2026-01-01T08:00:00.000Z', '2026-01-01T08:00:00.000Z');
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000001', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'Water plants', NULL, false, 'normal', '["garden", "Garden", "home"]', '2026-12-01T18:00:00.000Z', '2026-01-03T08:00:00.000Z', '2026-01-03T08:00:00.000Z');
INSERT INTO recurrence_rules VALUES ('00000000-0000-0000-0000-0000000000e1', '00000000-0000-0000-0000-000000000001', 'weekly', 2, '{"days_of_week": ["tue", "fri"]}');
INSERT INTO recurrence_rules VALUES ('00000000-0000-0000-0000-0000000000e2', NULL, 'daily', 1, NULL);
INSERT INTO reminders VALUES ('00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0000-000000000001', '2026-12-01T17:00:00.000Z', 'pending', 'email', 0, NULL);
INSERT INTO conversations VALUES ('00000000-0000-0000-0000-0000000000c1', 'aaaaaaaabbbbbbbbccccccccdddddddd', '2026-02-01T08:00:00.000Z', '2026-02-01T08:00:00.000Z');
INSERT INTO messages VALUES ('00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000c1', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'user', 'water the plants', '2026-02-01T08:00:00.000Z');
INSERT INTO messages VALUES ('00000000-0000-0000-0000-0000000000d2', '00000000-0000-0000-0000-00000000dead', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'user', 'lost', '2026-02-01T08:00:00.000Z');
-- What an earlier generation of the app left.
CREATE TABLE todos (id UUID PRIMARY KEY, user_id text, title text);
INSERT INTO todos VALUES ('00000000-0000-0000-0000-000000000001', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'Forgotten');
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000002', 'aaaaaaaabbbbbbbbccccccccdddddddd', 'Second', NULL, true, 'low', NULL, NULL, '2026-01-04T08:00:00.000Z', '2026-01-04T08:00:00.000Z');
