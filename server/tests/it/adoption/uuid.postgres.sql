-- The same rows with `generateId: "uuid"`, and the table of a plugin.
ALTER TABLE "session" DROP CONSTRAINT "session_userId_fkey"; ALTER TABLE "account" DROP CONSTRAINT "account_userId_fkey";
ALTER TABLE "user" ALTER "id" TYPE uuid USING md5("id")::uuid, ALTER "id" SET DEFAULT gen_random_uuid();
ALTER TABLE "session" ALTER "id" TYPE uuid USING md5("id")::uuid, ALTER "userId" TYPE uuid USING md5("userId")::uuid;
ALTER TABLE "account" ALTER "id" TYPE uuid USING md5("id")::uuid, ALTER "userId" TYPE uuid USING md5("userId")::uuid;
UPDATE "account" SET "accountId" = "userId"::text WHERE "providerId" = 'credential';
ALTER TABLE "session" ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON DELETE CASCADE;
ALTER TABLE "account" ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON DELETE CASCADE;
UPDATE "verification" SET "value" = (md5("value")::uuid)::text WHERE "identifier" LIKE 'reset-password:%';
CREATE TABLE "twoFactor" ("id" uuid PRIMARY KEY, "userId" uuid NOT NULL REFERENCES "user" ("id"), "secret" text);
INSERT INTO "twoFactor" SELECT "id", "id", 'x' FROM "user";
