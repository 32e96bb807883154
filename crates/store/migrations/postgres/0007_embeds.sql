-- Where a link was redeemed: in a window of its own, in a frame of the page at `framed_by`, or for a user
-- token. Until here there were only windows.
ALTER TABLE connect_sessions ADD COLUMN opened_in TEXT COLLATE "C"
    CHECK (opened_in IN ('window', 'frame', 'token'));
ALTER TABLE connect_sessions ADD COLUMN framed_by TEXT COLLATE "C";
UPDATE connect_sessions SET opened_in = 'window' WHERE cookie_hash IS NOT NULL;

-- What an embed got for a link. Void when its time is over, its user is not active or its session's
-- subscription has ended.
CREATE TABLE user_tokens (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    secret_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX user_tokens_expiry ON user_tokens (expires_at);
CREATE INDEX user_tokens_user ON user_tokens (user_id);
