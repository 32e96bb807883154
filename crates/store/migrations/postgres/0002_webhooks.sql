-- When the event was written, until it has been handed to the endpoints that want it. Set by the
-- INSERT itself, and only where an endpoint of the project is enabled.
ALTER TABLE events ADD COLUMN outbox_at TIMESTAMPTZ;
CREATE INDEX events_outbox ON events (outbox_at) WHERE outbox_at IS NOT NULL;

CREATE TABLE webhook_endpoints (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    url TEXT COLLATE "C" NOT NULL,
    types JSONB NOT NULL,
    description TEXT COLLATE "C",
    -- 'deleted' until its deliveries are gone too.
    status TEXT COLLATE "C" NOT NULL CHECK (status IN ('enabled', 'disabled', 'deleted')),
    disabled_reason TEXT COLLATE "C",
    secret_sealed BYTEA NOT NULL,
    previous_secret_sealed BYTEA,
    previous_until TIMESTAMPTZ,
    -- Grows with every change, so that a sender sees whether what it knows still holds.
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((disabled_reason IS NOT NULL) = (status = 'disabled')),
    CHECK ((previous_secret_sealed IS NULL) = (previous_until IS NULL))
);
CREATE INDEX webhook_endpoints_list ON webhook_endpoints (project, id);
CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (project) WHERE status = 'enabled';

-- How an endpoint has been answering; apart from it, because every event reads that table.
CREATE TABLE webhook_health (
    endpoint_id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    failing_since TIMESTAMPTZ,
    held_until TIMESTAMPTZ
);

CREATE TABLE webhook_deliveries (
    id TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    endpoint_id TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    -- Failed tries since it was last asked for.
    tries BIGINT NOT NULL,
    run_at TIMESTAMPTZ NOT NULL,
    -- The sender that holds it; its lease is in webhook_senders.
    lease_owner TEXT COLLATE "C",
    -- The log: at, status or kind of error, duration. Nothing of what was sent or answered.
    attempts TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    PRIMARY KEY (endpoint_id, id),
    UNIQUE (endpoint_id, event_id),
    CHECK ((finished_at IS NULL) = (state = 'waiting')),
    CHECK (lease_owner IS NULL OR state = 'waiting')
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, run_at)
    WHERE state = 'waiting' AND lease_owner IS NULL;
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (lease_owner)
    WHERE lease_owner IS NOT NULL;

-- Who is sending. What a sender holds is free again when its lease has run out.
CREATE TABLE webhook_senders (
    owner TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    lease_until TIMESTAMPTZ NOT NULL
);
