-- What a carrier said, as an operator's backend or an operator told it; append-only. `sender_id` is
-- what the sender calls it. `words_sealed` is the carrier's own code and text.
CREATE TABLE carrier_updates (
    id TEXT PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL,
    porting_id TEXT NOT NULL,
    sender_id TEXT,
    kind TEXT NOT NULL
        CHECK (kind IN ('accepted', 'delayed', 'foc', 'declined', 'completed', 'failed')),
    said_on TEXT,
    words_sealed BLOB,
    actor_type TEXT NOT NULL,
    actor_id TEXT,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX carrier_updates_reference ON carrier_updates (reference, received_at);
CREATE INDEX carrier_updates_porting ON carrier_updates (porting_id);
CREATE UNIQUE INDEX carrier_updates_sender ON carrier_updates (reference, sender_id)
    WHERE sender_id IS NOT NULL;

-- Requests that a person hands in at a carrier's portal. `operator` is who has taken one.
CREATE TABLE carrier_cases (
    reference TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL,
    porting_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'submitted', 'callOff', 'closed')),
    since INTEGER NOT NULL,
    operator TEXT,
    taken_at INTEGER,
    created_at INTEGER NOT NULL,
    CHECK ((operator IS NULL) = (taken_at IS NULL))
) STRICT;
CREATE INDEX carrier_cases_open ON carrier_cases (created_at) WHERE state <> 'closed';
