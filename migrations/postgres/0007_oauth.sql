-- Programs of others that act for people: our own OAuth authorization server. Instants are microseconds since 1970 UTC;
-- of every code and token only the SHA-256 is kept.

-- Programs that registered themselves.
CREATE TABLE oauth_clients (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    -- A JSON list.
    redirect_uris text NOT NULL,
    -- none, client_secret_post or client_secret_basic.
    auth_method text NOT NULL,
    secret_hash text,
    created_at bigint NOT NULL,
    -- When somebody last let it in; never when absent.
    used_at bigint
);
-- Programs that describe themselves at the address that is their id, as they were read there.
CREATE TABLE oauth_documents (
    client_id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    redirect_uris text NOT NULL,
    expires_at bigint NOT NULL
);
-- A person let a program in. Taking it back deletes the row, and with it every token.
CREATE TABLE oauth_grants (
    id text NOT NULL PRIMARY KEY,
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    client_id text NOT NULL,
    client_name text NOT NULL,
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    last_used_at bigint
);
CREATE INDEX oauth_grants_user ON oauth_grants (user_id);
CREATE TABLE oauth_codes (
    hash text NOT NULL PRIMARY KEY,
    -- The consent it came from, which makes one code.
    request text NOT NULL UNIQUE,
    user_id text NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    client_id text NOT NULL,
    client_name text NOT NULL,
    scopes text NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    -- What it was exchanged for.
    grant_id text
);
CREATE TABLE oauth_refresh_tokens (
    hash text NOT NULL PRIMARY KEY,
    grant_id text NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);
CREATE INDEX oauth_refresh_tokens_grant ON oauth_refresh_tokens (grant_id);
