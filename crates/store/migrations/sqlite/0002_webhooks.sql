-- When the event was written, until it has been handed to the endpoints that want it. Set by the
-- INSERT itself, and only where an endpoint of the project is enabled.
ALTER TABLE events ADD COLUMN outbox_at INTEGER;
CREATE INDEX events_outbox ON events (outbox_at) WHERE outbox_at IS NOT NULL;

CREATE TABLE webhook_endpoints (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    url TEXT NOT NULL,
    types TEXT NOT NULL,
    description TEXT,
    -- 'deleted' until its deliveries are gone too.
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled', 'deleted')),
    disabled_reason TEXT,
    secret_sealed BLOB NOT NULL,
    previous_secret_sealed BLOB,
    previous_until INTEGER,
    -- Grows with every change, so that a sender sees whether what it knows still holds.
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((disabled_reason IS NOT NULL) = (status = 'disabled')),
    CHECK ((previous_secret_sealed IS NULL) = (previous_until IS NULL))
) STRICT;
CREATE INDEX webhook_endpoints_list ON webhook_endpoints (project, id);
CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (project) WHERE status = 'enabled';

-- How an endpoint has been answering; apart from it, because every event reads that table.
CREATE TABLE webhook_health (
    endpoint_id TEXT PRIMARY KEY NOT NULL,
    failing_since INTEGER,
    held_until INTEGER
) STRICT;

CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL,
    project TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    -- Failed tries since it was last asked for.
    tries INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    -- The sender that holds it; its lease is in webhook_senders.
    lease_owner TEXT,
    -- The log: at, status or kind of error, duration. Nothing of what was sent or answered.
    attempts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (endpoint_id, id),
    UNIQUE (endpoint_id, event_id),
    CHECK ((finished_at IS NULL) = (state = 'waiting')),
    CHECK (lease_owner IS NULL OR state = 'waiting')
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, run_at)
    WHERE state = 'waiting' AND lease_owner IS NULL;
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (lease_owner)
    WHERE lease_owner IS NOT NULL;

-- Who is sending. What a sender holds is free again when its lease has run out.
CREATE TABLE webhook_senders (
    owner TEXT PRIMARY KEY NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;
