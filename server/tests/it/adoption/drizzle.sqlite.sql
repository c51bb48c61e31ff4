-- The same rows as Drizzle's schema for Better Auth keeps them on SQLite.
ALTER TABLE "user" RENAME TO o_user; ALTER TABLE "session" RENAME TO o_session; ALTER TABLE "account" RENAME TO o_account;
ALTER TABLE "verification" RENAME TO o_verification; ALTER TABLE "jwks" RENAME TO o_jwks;
DROP INDEX "session_userId_idx"; DROP INDEX "account_userId_idx"; DROP INDEX "verification_identifier_idx";
CREATE TABLE `user` (`id` text PRIMARY KEY NOT NULL, `name` text NOT NULL, `email` text NOT NULL,
    `email_verified` integer DEFAULT false NOT NULL, `image` text,
    `created_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL,
    `updated_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL);
CREATE UNIQUE INDEX `user_email_unique` ON `user` (`email`);
CREATE TABLE `session` (`id` text PRIMARY KEY NOT NULL, `expires_at` integer NOT NULL, `token` text NOT NULL,
    `created_at` integer NOT NULL, `updated_at` integer NOT NULL, `ip_address` text, `user_agent` text,
    `user_id` text NOT NULL, FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON DELETE cascade);
CREATE TABLE `account` (`id` text PRIMARY KEY NOT NULL, `account_id` text NOT NULL, `provider_id` text NOT NULL,
    `user_id` text NOT NULL, `access_token` text, `refresh_token` text, `id_token` text,
    `access_token_expires_at` integer, `refresh_token_expires_at` integer, `scope` text, `password` text,
    `created_at` integer NOT NULL, `updated_at` integer NOT NULL,
    FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON DELETE cascade);
CREATE TABLE `verification` (`id` text PRIMARY KEY NOT NULL, `identifier` text NOT NULL, `value` text NOT NULL,
    `expires_at` integer NOT NULL, `created_at` integer, `updated_at` integer);
CREATE TABLE `jwks` (`id` text PRIMARY KEY NOT NULL, `public_key` text NOT NULL, `private_key` text NOT NULL,
    `created_at` integer NOT NULL);
INSERT INTO `user` SELECT id, name, email, emailVerified, image,
    cast(round((julianday(createdAt) - 2440587.5) * 86400000) as integer),
    cast(round((julianday(updatedAt) - 2440587.5) * 86400000) as integer) FROM o_user;
-- The years 2025 and 2099 have whole seconds.
INSERT INTO `session` SELECT id, unixepoch(expiresAt), token,
    cast(round((julianday(createdAt) - 2440587.5) * 86400000) as integer),
    cast(round((julianday(updatedAt) - 2440587.5) * 86400000) as integer), ipAddress, userAgent, userId FROM o_session;
INSERT INTO `account` SELECT id, accountId, providerId, userId, accessToken, refreshToken, idToken,
    cast(round((julianday(accessTokenExpiresAt) - 2440587.5) * 86400000) as integer),
    cast(round((julianday(refreshTokenExpiresAt) - 2440587.5) * 86400000) as integer), scope, password,
    cast(round((julianday(createdAt) - 2440587.5) * 86400000) as integer),
    cast(round((julianday(updatedAt) - 2440587.5) * 86400000) as integer) FROM o_account;
INSERT INTO `verification` SELECT id, identifier, value,
    cast(round((julianday(expiresAt) - 2440587.5) * 86400000) as integer),
    cast(round((julianday(createdAt) - 2440587.5) * 86400000) as integer),
    cast(round((julianday(updatedAt) - 2440587.5) * 86400000) as integer) FROM o_verification;
INSERT INTO `jwks` SELECT id, publicKey, privateKey,
    cast(round((julianday(createdAt) - 2440587.5) * 86400000) as integer) FROM o_jwks;
DROP TABLE o_session; DROP TABLE o_account; DROP TABLE o_verification; DROP TABLE o_jwks; DROP TABLE o_user;
