-- Every event was in two indexes that begin with the project or end with the id. One does for both.
ALTER TABLE events DROP CONSTRAINT events_pkey;
ALTER TABLE events ADD PRIMARY KEY (project, id);
DROP INDEX events_list;

-- Sessions of a subscription are looked up to be erased, in no order.
DROP INDEX connect_sessions_subscription;
CREATE INDEX connect_sessions_subscription ON connect_sessions (subscription_id);
