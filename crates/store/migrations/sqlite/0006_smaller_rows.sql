-- Every event was in two indexes that begin with the project or end with the id. One does for both, and
-- the primary key of a table cannot be changed in place: the file grows by all events while they are
-- copied, and what the old table took is used again. Rows stay apart from their key (no WITHOUT ROWID):
-- they are too large to stand in an index, which was measured.
CREATE TABLE events_anew (
    id TEXT NOT NULL,
    project TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    actor_type TEXT NOT NULL,
    actor_id TEXT,
    time INTEGER NOT NULL,
    data_sealed BLOB NOT NULL,
    previous_sealed BLOB,
    outbox_at INTEGER,
    PRIMARY KEY (project, id),
    UNIQUE (subject, sequence)
) STRICT;
INSERT INTO events_anew (id, project, type, subject, sequence, actor_type, actor_id, time, data_sealed,
        previous_sealed, outbox_at)
    SELECT id, project, type, subject, sequence, actor_type, actor_id, time, data_sealed,
        previous_sealed, outbox_at
    FROM events ORDER BY id;
DROP TABLE events;
ALTER TABLE events_anew RENAME TO events;
CREATE INDEX events_outbox ON events (outbox_at) WHERE outbox_at IS NOT NULL;

-- Sessions of a subscription are looked up to be erased, in no order.
DROP INDEX connect_sessions_subscription;
CREATE INDEX connect_sessions_subscription ON connect_sessions (subscription_id);
