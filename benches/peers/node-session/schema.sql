CREATE TABLE api_keys (id TEXT PRIMARY KEY, project TEXT NOT NULL, secret_hash BYTEA NOT NULL);
CREATE TABLE users (id TEXT PRIMARY KEY, project TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE portings (id TEXT PRIMARY KEY, project TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY, project TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id),
    porting_id TEXT REFERENCES portings (id)
);
CREATE TABLE rate_limits (bucket TEXT PRIMARY KEY, window_start TIMESTAMPTZ NOT NULL, used BIGINT NOT NULL);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, project TEXT NOT NULL, user_id TEXT NOT NULL, subscription_id TEXT NOT NULL,
    intent TEXT NOT NULL, callback_url TEXT, token_hash BYTEA NOT NULL, status TEXT NOT NULL,
    no_pending_porting BOOLEAN NOT NULL, created_at TIMESTAMPTZ NOT NULL, expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_unopened ON sessions (expires_at) WHERE status = 'created';
CREATE TABLE outbox (
    id TEXT PRIMARY KEY, project TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    sequence BIGINT NOT NULL, actor_id TEXT NOT NULL, time TIMESTAMPTZ NOT NULL,
    data_sealed BYTEA NOT NULL, UNIQUE (subject, sequence)
);
CREATE INDEX outbox_list ON outbox (project, id);
CREATE TABLE idempotency_keys (
    project TEXT NOT NULL, key_hash BYTEA NOT NULL, fingerprint BYTEA NOT NULL, status INT NOT NULL,
    body_sealed BYTEA NOT NULL, created_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (project, key_hash)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
INSERT INTO users SELECT 'usr_' || lpad(n::text, 28, '0'), 'bench', 'active' FROM generate_series(1, :subscriptions) n;
INSERT INTO portings SELECT 'prt_' || lpad(n::text, 28, '0'), 'bench', 'informationRequired' FROM generate_series(1, :subscriptions) n;
INSERT INTO subscriptions SELECT 'sub_' || lpad(n::text, 28, '0'), 'bench', 'usr_' || lpad(n::text, 28, '0'),
    'prt_' || lpad(n::text, 28, '0') FROM generate_series(1, :subscriptions) n;
INSERT INTO api_keys VALUES ('apk_1', 'bench', sha256('secret'));
