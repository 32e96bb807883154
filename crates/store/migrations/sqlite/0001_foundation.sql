-- Times are microseconds since 1970 (UTC). Columns named *_sealed hold ciphertext: version, key id,
-- nonce, XChaCha20-Poly1305 of a JSON document, bound to table, row and column.

CREATE TABLE projects (
    id TEXT PRIMARY KEY NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('live', 'test')),
    settings TEXT NOT NULL,
    logo BLOB,
    logo_type TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    secret_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    email TEXT NOT NULL,
    email_verified INTEGER NOT NULL,
    personal_sealed BLOB,
    preferred_locale TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'blocked', 'deleted')),
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_email ON users (project, email) WHERE status <> 'deleted';
CREATE INDEX users_list ON users (project, id);

CREATE TABLE user_addresses (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    address_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX user_addresses_list ON user_addresses (user_id, id);

CREATE TABLE plans (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    provider TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'pending', 'available', 'archived')),
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX plans_list ON plans (project, id);

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    plan_id TEXT NOT NULL REFERENCES plans (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    porting_id TEXT,
    phone_number TEXT,
    status TEXT NOT NULL
        CHECK (status IN ('pending', 'initiated', 'active', 'restricted', 'ended')),
    user_address_id TEXT,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    canceled_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX subscriptions_list ON subscriptions (project, id);
CREATE INDEX subscriptions_user ON subscriptions (user_id, id);

CREATE TABLE portings (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    subscription_id TEXT,
    phone_number TEXT NOT NULL,
    provider TEXT NOT NULL,
    behavior TEXT NOT NULL CHECK (behavior IN ('portIn', 'cancelOnly')),
    status TEXT NOT NULL CHECK (status IN (
        'draft', 'initiated', 'pending', 'informationRequired', 'requested',
        'declined', 'completed', 'canceled', 'expired', 'failed')),
    -- The number while it may be in no other open porting of the project.
    exclusive_number TEXT,
    required TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    details_sealed BLOB,
    account_pin_sealed BLOB,
    billing_pin_sealed BLOB,
    account_type TEXT,
    donor_provider TEXT,
    donor_provider_approval INTEGER,
    scheduled_on TEXT,
    declined_attempts INTEGER NOT NULL,
    declined_code TEXT,
    declined_message TEXT,
    rejected_sealed BLOB,
    protection_disabled_at INTEGER,
    delayed_at INTEGER,
    last_declined_at INTEGER,
    last_requested_at INTEGER,
    ended_at INTEGER,
    created_at INTEGER NOT NULL,
    CHECK ((declined_code IS NOT NULL) = (status = 'declined')),
    CHECK ((ended_at IS NOT NULL) = (status IN ('completed', 'canceled', 'expired', 'failed'))),
    CHECK ((subscription_id IS NULL) <= (status = 'draft')),
    CHECK (ended_at IS NULL OR (account_pin_sealed IS NULL AND billing_pin_sealed IS NULL))
) STRICT;
CREATE UNIQUE INDEX portings_exclusive ON portings (project, exclusive_number)
    WHERE exclusive_number IS NOT NULL;
CREATE INDEX portings_list ON portings (project, id);
CREATE INDEX portings_user ON portings (user_id, id);
CREATE INDEX portings_subscription ON portings (subscription_id, id);
CREATE INDEX portings_number ON portings (project, phone_number, id);

-- One row for each time a porting goes to a gateway; the reference is persisted before the call.
CREATE TABLE attempts (
    reference TEXT PRIMARY KEY NOT NULL,
    porting_id TEXT NOT NULL REFERENCES portings (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'accepted', 'answered', 'dropped')),
    calls INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    accepted_at INTEGER,
    answered_at INTEGER
) STRICT;
CREATE INDEX attempts_porting ON attempts (porting_id, number);

-- Everything a carrier said, as it said it, beside what we made of it.
CREATE TABLE carrier_answers (
    id TEXT PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL,
    porting_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    mapped_code TEXT,
    raw_code TEXT,
    raw_text_sealed BLOB,
    applied INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX carrier_answers_porting ON carrier_answers (porting_id, id);

CREATE TABLE connect_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL,
    user_id TEXT,
    subscription_id TEXT NOT NULL,
    intent TEXT NOT NULL,
    hide_intro_page INTEGER,
    hide_outro_page INTEGER,
    callback_url TEXT,
    theme TEXT,
    token_hash BLOB,
    status TEXT NOT NULL
        CHECK (status IN ('created', 'opened', 'completed', 'aborted', 'expired', 'failed')),
    cookie_hash BLOB,
    redeemed_at INTEGER,
    seen_at INTEGER,
    planned_steps TEXT,
    outcome TEXT,
    outcome_at INTEGER,
    no_pending_porting INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX connect_sessions_unopened ON connect_sessions (expires_at) WHERE status = 'created';

CREATE TABLE events (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    actor_type TEXT NOT NULL,
    actor_id TEXT,
    time INTEGER NOT NULL,
    data_sealed BLOB NOT NULL,
    previous_sealed BLOB,
    UNIQUE (subject, sequence)
) STRICT;
CREATE INDEX events_list ON events (project, id);

CREATE TABLE audit (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    -- Names of fields and codes; never a value a person entered.
    facts TEXT NOT NULL,
    actor_type TEXT NOT NULL,
    actor_id TEXT,
    time INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit (subject, id);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    run_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_due ON jobs (run_at);
CREATE INDEX jobs_subject ON jobs (subject);

CREATE TABLE idempotency_keys (
    project TEXT NOT NULL,
    key_hash BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    body_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project, key_hash)
) STRICT;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE rate_limits (
    bucket TEXT PRIMARY KEY NOT NULL,
    window_start INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT;
CREATE INDEX rate_limits_age ON rate_limits (window_start);

-- The simulator is a carrier of its own: its rows are written in its own transactions.
CREATE TABLE simulator_submissions (
    reference TEXT PRIMARY KEY NOT NULL,
    porting_id TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    nth INTEGER NOT NULL,
    canceled INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX simulator_submissions_porting ON simulator_submissions (porting_id);

-- Every call that reached the simulator, so that "exactly once" can be counted.
CREATE TABLE simulator_calls (
    id TEXT PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL,
    call TEXT NOT NULL,
    result TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX simulator_calls_reference ON simulator_calls (reference);
