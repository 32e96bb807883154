-- The same tables as for SQLite, with this engine's own types. Text is compared byte by byte, so that
-- ids sort the same everywhere. Columns named *_sealed hold ciphertext: version, key id, nonce,
-- XChaCha20-Poly1305 of a JSON document, bound to table, row and column.

CREATE TABLE projects (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    type TEXT COLLATE "C" NOT NULL CHECK (type IN ('live', 'test')),
    settings JSONB NOT NULL,
    logo BYTEA,
    logo_type TEXT COLLATE "C",
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    secret_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);

CREATE TABLE users (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    email TEXT COLLATE "C" NOT NULL,
    email_verified BOOLEAN NOT NULL,
    personal_sealed BYTEA,
    preferred_locale TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'blocked', 'deleted')),
    metadata JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (project, email) WHERE status <> 'deleted';
CREATE INDEX users_list ON users (project, id);

CREATE TABLE user_addresses (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    address_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX user_addresses_list ON user_addresses (user_id, id);

CREATE TABLE plans (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    provider TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL CHECK (status IN ('draft', 'pending', 'available', 'archived')),
    document JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX plans_list ON plans (project, id);

CREATE TABLE subscriptions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES plans (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    porting_id TEXT COLLATE "C",
    phone_number TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL
        CHECK (status IN ('pending', 'initiated', 'active', 'restricted', 'ended')),
    user_address_id TEXT COLLATE "C",
    metadata JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    activated_at TIMESTAMPTZ,
    canceled_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ
);
CREATE INDEX subscriptions_list ON subscriptions (project, id);
CREATE INDEX subscriptions_user ON subscriptions (user_id, id);

CREATE TABLE portings (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    subscription_id TEXT COLLATE "C",
    phone_number TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    behavior TEXT COLLATE "C" NOT NULL CHECK (behavior IN ('portIn', 'cancelOnly')),
    status TEXT COLLATE "C" NOT NULL CHECK (status IN (
        'draft', 'initiated', 'pending', 'informationRequired', 'requested',
        'declined', 'completed', 'canceled', 'expired', 'failed')),
    -- The number while it may be in no other open porting of the project.
    exclusive_number TEXT COLLATE "C",
    required JSONB NOT NULL,
    attempt BIGINT NOT NULL,
    details_sealed BYTEA,
    account_pin_sealed BYTEA,
    billing_pin_sealed BYTEA,
    account_type TEXT COLLATE "C",
    donor_provider TEXT COLLATE "C",
    donor_provider_approval BOOLEAN,
    scheduled_on DATE,
    declined_attempts BIGINT NOT NULL,
    declined_code TEXT COLLATE "C",
    declined_message TEXT COLLATE "C",
    rejected_sealed BYTEA,
    protection_disabled_at TIMESTAMPTZ,
    delayed_at TIMESTAMPTZ,
    last_declined_at TIMESTAMPTZ,
    last_requested_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((declined_code IS NOT NULL) = (status = 'declined')),
    CHECK ((ended_at IS NOT NULL) = (status IN ('completed', 'canceled', 'expired', 'failed'))),
    CHECK (subscription_id IS NOT NULL OR status = 'draft'),
    CHECK (ended_at IS NULL OR (account_pin_sealed IS NULL AND billing_pin_sealed IS NULL))
);
CREATE UNIQUE INDEX portings_exclusive ON portings (project, exclusive_number)
    WHERE exclusive_number IS NOT NULL;
CREATE INDEX portings_list ON portings (project, id);
CREATE INDEX portings_user ON portings (user_id, id);
CREATE INDEX portings_subscription ON portings (subscription_id, id);
CREATE INDEX portings_number ON portings (project, phone_number, id);

-- One row for each time a porting goes to a gateway; the reference is persisted before the call.
CREATE TABLE attempts (
    reference TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    porting_id TEXT COLLATE "C" NOT NULL REFERENCES portings (id),
    number BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'sending', 'accepted', 'answered', 'dropped')),
    calls BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ
);
CREATE INDEX attempts_porting ON attempts (porting_id, number);

-- Everything a carrier said, as it said it, beside what we made of it.
CREATE TABLE carrier_answers (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    porting_id TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    mapped_code TEXT COLLATE "C",
    raw_code TEXT COLLATE "C",
    raw_text_sealed BYTEA,
    applied BOOLEAN NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX carrier_answers_porting ON carrier_answers (porting_id, id);

CREATE TABLE connect_sessions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C",
    subscription_id TEXT COLLATE "C" NOT NULL,
    intent TEXT COLLATE "C" NOT NULL,
    hide_intro_page BOOLEAN,
    hide_outro_page BOOLEAN,
    callback_url TEXT COLLATE "C",
    theme TEXT COLLATE "C",
    token_hash BYTEA,
    status TEXT COLLATE "C" NOT NULL
        CHECK (status IN ('created', 'opened', 'completed', 'aborted', 'expired', 'failed')),
    cookie_hash BYTEA,
    redeemed_at TIMESTAMPTZ,
    seen_at TIMESTAMPTZ,
    planned_steps TEXT COLLATE "C",
    outcome TEXT COLLATE "C",
    outcome_at TIMESTAMPTZ,
    no_pending_porting BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX connect_sessions_unopened ON connect_sessions (expires_at) WHERE status = 'created';

CREATE TABLE events (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    actor_type TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C",
    time TIMESTAMPTZ NOT NULL,
    data_sealed BYTEA NOT NULL,
    previous_sealed BYTEA,
    UNIQUE (subject, sequence)
);
CREATE INDEX events_list ON events (project, id);

CREATE TABLE audit (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    -- Names of fields and codes; never a value a person entered.
    facts JSONB NOT NULL,
    actor_type TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C",
    time TIMESTAMPTZ NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, id);

CREATE TABLE jobs (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    run_at TIMESTAMPTZ NOT NULL,
    tries BIGINT NOT NULL,
    lease_owner TEXT COLLATE "C",
    lease_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at);
CREATE INDEX jobs_subject ON jobs (subject);

CREATE TABLE idempotency_keys (
    project TEXT COLLATE "C" NOT NULL,
    key_hash BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project, key_hash)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE rate_limits (
    bucket TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    window_start TIMESTAMPTZ NOT NULL,
    used BIGINT NOT NULL
);
CREATE INDEX rate_limits_age ON rate_limits (window_start);

-- The simulator is a carrier of its own: its rows are written in its own transactions.
CREATE TABLE simulator_submissions (
    reference TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    porting_id TEXT COLLATE "C" NOT NULL,
    phone_number TEXT COLLATE "C" NOT NULL,
    nth BIGINT NOT NULL,
    canceled BOOLEAN NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX simulator_submissions_porting ON simulator_submissions (porting_id);

-- Every call that reached the simulator, so that "exactly once" can be counted.
CREATE TABLE simulator_calls (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    call TEXT COLLATE "C" NOT NULL,
    result TEXT COLLATE "C" NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX simulator_calls_reference ON simulator_calls (reference);
