\set turn :turn + 1
\set subscriber (:client_id + :turn * :connections) % :subscribers + 1
\set low random(0, 2147483647)
\set high random(0, 2147483647)
WITH session AS (
    INSERT INTO connect_sessions (id, project, user_id, subscription_id, intent, callback_url,
        token_hash, status, no_pending_porting, created_at, expires_at)
    VALUES ('csn_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 14, '0')
            || lpad(to_hex((:high)::bigint), 8, '0') || lpad(to_hex((:low)::bigint), 6, '0'),
        'bench', 'usr_' || lpad((:subscriber)::bigint::text, 28, '0'), 'sub_' || lpad((:subscriber)::bigint::text, 28, '0'),
        'completePorting', 'https://example.com/porting/done', decode(repeat('5a', 32), 'hex'),
        'created', FALSE, now(), now() + INTERVAL '30 minutes')
    RETURNING id, created_at
)
INSERT INTO events (id, project, type, subject, sequence, actor_type, actor_id, time, data_sealed)
SELECT 'evt_' || substr(id, 5), 'bench', 'connectSession.created', id, 1, 'apiKey',
    'apk_00ERdYIGZci4fwqq0PUriPkUCmN8', created_at, decode(repeat('5a', 235), 'hex')
FROM session;
