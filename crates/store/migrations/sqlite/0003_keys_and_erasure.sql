-- Every key that anything may be sealed with. A key of which no row is left is removed by `portico keys
-- rotate`. Until here there was one key for everything, and every sealed row came with an event.
CREATE TABLE vault_keys (
    id TEXT PRIMARY KEY NOT NULL,
    since INTEGER NOT NULL
) STRICT;
INSERT INTO vault_keys (id, since)
    SELECT lower(hex(substr(data_sealed, 2, 4))), time FROM events ORDER BY id LIMIT 1;

-- Keys of Portico's own, sealed: `mac`, which keyed hashes are made with.
CREATE TABLE secrets (
    id TEXT PRIMARY KEY NOT NULL,
    value_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- How far long work of the operator's has come, so that it goes on after an interruption.
CREATE TABLE progress (
    task TEXT NOT NULL,
    item TEXT NOT NULL,
    position TEXT,
    done INTEGER NOT NULL,
    PRIMARY KEY (task, item)
) STRICT;

-- What is to be erased: in the events of `subject`, and in its row, what is about `about`. `since` is
-- when the waiting began; 1970 for what is not to wait. `position` is the last event seen to.
CREATE TABLE erasures (
    subject TEXT NOT NULL,
    about TEXT NOT NULL,
    project TEXT NOT NULL,
    user_id TEXT NOT NULL,
    since INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (subject, about)
) STRICT;
CREATE INDEX erasures_due ON erasures (project, since);
CREATE INDEX erasures_user ON erasures (user_id);
INSERT INTO erasures (subject, about, project, user_id, since, position)
    SELECT id, id, project, user_id, ended_at, 0 FROM portings WHERE ended_at IS NOT NULL;
INSERT INTO erasures (subject, about, project, user_id, since, position)
    SELECT subscription_id, id, project, user_id, ended_at, 0 FROM portings
    WHERE ended_at IS NOT NULL AND subscription_id IS NOT NULL;
INSERT INTO erasures (subject, about, project, user_id, since, position)
    SELECT subject, subject, project, '', time, 0 FROM events WHERE type = 'porting.deleted';
INSERT INTO erasures (subject, about, project, user_id, since, position)
    SELECT id, id, project, id, 0, 0 FROM users WHERE status = 'deleted';
INSERT INTO erasures (subject, about, project, user_id, since, position)
    SELECT subscriptions.id, users.id, users.project, users.id, 0, 0
    FROM users JOIN subscriptions ON subscriptions.user_id = users.id
    WHERE users.status = 'deleted';

CREATE INDEX connect_sessions_subscription ON connect_sessions (subscription_id, id);
