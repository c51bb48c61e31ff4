-- Better Auth by its own pool; tasks with a category, an array of tags, a rule in one word, a reminder in the row.
CREATE TABLE "user" (id text PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, "emailVerified" BOOL NOT NULL, image text, "createdAt" ZONED NOT NULL, "updatedAt" ZONED NOT NULL);
CREATE TABLE account (id text PRIMARY KEY, "accountId" text NOT NULL, "providerId" text NOT NULL, "userId" text NOT NULL, password text, "createdAt" ZONED NOT NULL, "updatedAt" ZONED NOT NULL);
CREATE TABLE tasks (id UUID PRIMARY KEY, user_id text NOT NULL, title text NOT NULL, description text, priority text NOT NULL, category text NOT NULL, tags ARRAY, status text, completed BOOL NOT NULL,
    "dueDate" TIME, "recurringRule" text, "recurringEndDate" TIME, parent_task_id UUID, "reminderAt" TIME, reminder_sent BOOL, created_at TIME, updated_at TIME);
CREATE TABLE notifications (id integer, user_id text, body text);
INSERT INTO "user" VALUES ('ada', 'Ada', 'Ada@Old.example', false, NULL, '2026-01-01T08:00:00.000Z', '2026-01-01T08:00:00.000Z');
INSERT INTO "user" VALUES ('bob', 'Bob', 'not an address', false, NULL, '2026-01-02T08:00:00.000Z', '2026-01-02T08:00:00.000Z');
INSERT INTO account VALUES ('acc1', 'ada', 'credential', 'ada', 'fbcf2a7fe607d174e14d79259b3a83b5:c37c24a74ff1e946a9ca3eef0d21fa82d64f80d5aeddd9550551e25e684f39cdf19d11464e70833ade15e077de5219d76f5509f95af1b8eca6d4fecdd76a9916', '2026-01-01T08:00:00.000Z', '2026-01-01T08:00:00.000Z');
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000001', 'ada', 'Report', 'quarterly', 'medium', 'work', '{urgent,"big boss"}', 'pending', false,
    '2026-12-01 14:30:00', 'weekly', '2027-01-31 00:00:00', NULL, '2026-12-01 14:00:00', false, '2026-01-03 08:00:00', '2026-01-03 08:00:00');
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000002', 'ada', 'Calendar day', NULL, 'urgent!!', 'home', NULL, 'completed', true,
    '2026-12-02 00:00:00', NULL, NULL, NULL, NULL, false, '2026-01-04 08:00:00', '2026-01-05 08:00:00');
INSERT INTO tasks VALUES ('00000000-0000-0000-0000-000000000003', 'bob', 'Nobody''s', NULL, 'low', 'other', NULL, 'pending', false,
    NULL, NULL, NULL, NULL, NULL, false, '2026-01-04 08:00:00', '2026-01-05 08:00:00');
