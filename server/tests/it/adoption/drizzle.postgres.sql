-- The same rows as Drizzle's schema keeps them on PostgreSQL, with plural names. The zone of the session must not matter.
SET TimeZone = 'Asia/Tokyo';
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'timestamp with time zone' LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE timestamp USING %I AT TIME ZONE ''UTC''',
            r.table_name, r.column_name, r.column_name);
    END LOOP;
    FOR r IN SELECT table_name, column_name, lower(regexp_replace(column_name, '([A-Z])', '_\1', 'g')) AS snake
        FROM information_schema.columns WHERE table_schema = 'public' LOOP
        IF r.snake <> r.column_name THEN
            EXECUTE format('ALTER TABLE %I RENAME COLUMN %I TO %I', r.table_name, r.column_name, r.snake);
        END IF;
    END LOOP;
END $$;
ALTER TABLE "user" RENAME TO users; ALTER TABLE "session" RENAME TO sessions; ALTER TABLE "account" RENAME TO accounts;
ALTER TABLE "verification" RENAME TO verifications;
ALTER TABLE users ALTER COLUMN created_at SET DEFAULT now();
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = %L', current_database(), 'America/New_York'); END $$;
