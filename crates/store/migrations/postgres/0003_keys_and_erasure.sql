-- Every key that anything may be sealed with. A key of which no row is left is removed by `portico keys
-- rotate`. Until here there was one key for everything, and every sealed row came with an event.
CREATE TABLE vault_keys (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    since TIMESTAMPTZ NOT NULL
);
INSERT INTO vault_keys (id, since)
    SELECT encode(substr(data_sealed, 2, 4), 'hex'), time FROM events ORDER BY id LIMIT 1;

-- Keys of Portico's own, sealed: `mac`, which keyed hashes are made with.
CREATE TABLE secrets (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    value_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- How far long work of the operator's has come, so that it goes on after an interruption.
CREATE TABLE progress (
    task TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    position TEXT COLLATE "C",
    done BIGINT NOT NULL,
    PRIMARY KEY (task, item)
);

-- What is to be erased: in the events of `subject`, and in its row, what is about `about`. `since` is
-- when the waiting began; 1970 for what is not to wait. `position` is the last event seen to.
CREATE TABLE erasures (
    subject TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (subject, about)
);
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
    SELECT id, id, project, id, TIMESTAMPTZ 'epoch', 0 FROM users WHERE status = 'deleted';
INSERT INTO erasures (subject, about, project, user_id, since, position)
    SELECT subscriptions.id, users.id, users.project, users.id, TIMESTAMPTZ 'epoch', 0
    FROM users JOIN subscriptions ON subscriptions.user_id = users.id
    WHERE users.status = 'deleted';

CREATE INDEX connect_sessions_subscription ON connect_sessions (subscription_id, id);
