-- What a carrier said, as an operator's backend or an operator told it; append-only. `sender_id` is
-- what the sender calls it. `words_sealed` is the carrier's own code and text.
CREATE TABLE carrier_updates (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    porting_id TEXT COLLATE "C" NOT NULL,
    sender_id TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL
        CHECK (kind IN ('accepted', 'delayed', 'foc', 'declined', 'completed', 'failed')),
    said_on DATE,
    words_sealed BYTEA,
    actor_type TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C",
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX carrier_updates_reference ON carrier_updates (reference, received_at);
CREATE INDEX carrier_updates_porting ON carrier_updates (porting_id);
CREATE UNIQUE INDEX carrier_updates_sender ON carrier_updates (reference, sender_id)
    WHERE sender_id IS NOT NULL;

-- Requests that a person hands in at a carrier's portal. `operator` is who has taken one.
CREATE TABLE carrier_cases (
    reference TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    porting_id TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'submitted', 'callOff', 'closed')),
    since TIMESTAMPTZ NOT NULL,
    operator TEXT COLLATE "C",
    taken_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((operator IS NULL) = (taken_at IS NULL))
);
CREATE INDEX carrier_cases_open ON carrier_cases (created_at) WHERE state <> 'closed';
