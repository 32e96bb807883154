// Creates sessions with the product's checks: key, body, idempotency, ownership, rate limit, session,
// outbox, all in one transaction. Named statements are prepared once for each connection.
import { createCipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 })
const encryptionKey = randomBytes(32)
const macKey = randomBytes(32)
const LIMIT = 60

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
function random62(length) {
  let text = ''
  for (const byte of randomBytes(length)) text += digits[byte % 62]
  return text
}
const newId = (prefix) => `${prefix}_${Date.now().toString(36).padStart(9, '0')}${random62(19)}`

function seal(place, text) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('chacha20-poly1305', encryptionKey, nonce, { authTagLength: 16 })
  cipher.setAAD(Buffer.from(place), { plaintextLength: Buffer.byteLength(text) })
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()])
}
const mac = (...parts) => {
  const hmac = createHmac('sha256', macKey)
  for (const part of parts) hmac.update(part).update('\0')
  return hmac.digest()
}

const STATEMENTS = {
  key: 'SELECT project, secret_hash FROM api_keys WHERE id = $1',
  kept: "SELECT fingerprint, status FROM idempotency_keys WHERE project = $1 AND key_hash = $2 AND created_at > now() - INTERVAL '24 hours'",
  subscription: `SELECT s.user_id, u.status AS user_status, p.status AS porting_status FROM subscriptions s
    JOIN users u ON u.id = s.user_id LEFT JOIN portings p ON p.id = s.porting_id WHERE s.id = $1 AND s.project = $2`,
  limit: `INSERT INTO rate_limits (bucket, window_start, used) VALUES ($1, now(), 1) ON CONFLICT (bucket) DO UPDATE SET
    used = CASE WHEN rate_limits.window_start < now() - INTERVAL '1 hour' THEN 1 ELSE rate_limits.used + 1 END,
    window_start = CASE WHEN rate_limits.window_start < now() - INTERVAL '1 hour' THEN now() ELSE rate_limits.window_start END
    RETURNING used`,
  session: `INSERT INTO sessions (id, project, user_id, subscription_id, intent, callback_url, token_hash, status,
    no_pending_porting, created_at, expires_at) VALUES ($1, $2, $3, $4, 'completePorting', $5, $6, 'created', $7, $8, $9)`,
  outbox: `INSERT INTO outbox (id, project, type, subject, sequence, actor_id, time, data_sealed)
    VALUES ($1, $2, 'connectSession.created', $3, 1, $4, $5, $6)`,
  keep: `INSERT INTO idempotency_keys (project, key_hash, fingerprint, status, body_sealed, created_at)
    VALUES ($1, $2, $3, 201, $4, $5)`,
}
const run = (client, name, values) => client.query({ name, text: STATEMENTS[name], values })

const body = {
  type: 'object',
  additionalProperties: false,
  required: ['intent', 'user'],
  properties: {
    callbackUrl: { type: 'string', maxLength: 2048 },
    user: { type: 'string', pattern: '^usr_[0-9A-Za-z]{28}$' },
    intent: {
      type: 'object',
      additionalProperties: false,
      required: ['type', 'completePorting'],
      properties: {
        type: { const: 'completePorting' },
        completePorting: {
          type: 'object',
          additionalProperties: false,
          required: ['subscription'],
          properties: { subscription: { type: 'string', pattern: '^sub_[0-9A-Za-z]{28}$' } },
        },
      },
    },
  },
}

async function authenticate(request) {
  const [id, secret] = (request.headers.authorization ?? '').replace('Bearer ', '').split('.')
  const { rows } = await run(pool, 'key', [id])
  const hash = createHash('sha256').update(secret ?? '').digest()
  if (!rows[0] || !timingSafeEqual(hash, rows[0].secret_hash) || rows[0].project !== request.params.project) {
    throw Object.assign(new Error('no such key'), { statusCode: 401 })
  }
  return id
}

async function create(client, request, actor) {
  const { project } = request.params
  const refuse = (statusCode, message) => Object.assign(new Error(message), { statusCode })
  const key = mac('key', request.headers['idempotency-key'])
  const fingerprint = mac(request.method, request.url, JSON.stringify(request.body))
  const kept = await run(client, 'kept', [project, key])
  if (kept.rows[0]) throw refuse(409, 'replayed')
  const subscription = request.body.intent.completePorting.subscription
  const found = (await run(client, 'subscription', [subscription, project])).rows[0]
  if (!found || found.user_id !== request.body.user || found.user_status !== 'active') throw refuse(422, 'not theirs')
  const { used } = (await run(client, 'limit', [`sessions/${subscription}`])).rows[0]
  if (Number(used) > LIMIT) throw refuse(429, 'too often')
  const id = newId('csn')
  const token = id.slice(4) + random62(36)
  const now = new Date()
  const expiresAt = new Date(now.getTime() + 30 * 60_000)
  const nothing = found.porting_status !== 'informationRequired'
  const session = {
    object: 'connectSession', id, appearance: {}, callbackUrl: request.body.callbackUrl ?? null, createdAt: now.toISOString(),
    expiresAt: expiresAt.toISOString(), intent: request.body.intent, outcome: null, status: 'created', url: null,
    user: request.body.user, warnings: nothing ? [{ code: 'noPendingPorting', message: 'nothing to complete' }] : [],
  }
  const hash = createHash('sha256').update(token).digest()
  await run(client, 'session', [id, project, session.user, subscription, session.callbackUrl, hash, nothing, now, expiresAt])
  const event = newId('evt')
  await run(client, 'outbox', [event, project, id, actor, now, seal(`events/${event}`, JSON.stringify(session))])
  const answer = JSON.stringify({ ...session, url: `http://127.0.0.1/portal/entry?session=${id}&token=${token}` })
  await run(client, 'keep', [project, key, fingerprint, seal(`idempotency/${project}`, answer), now])
  return answer
}

const app = Fastify({ bodyLimit: 65_536 })
app.post('/projects/:project/connectSessions', { schema: { body } }, async (request, reply) => {
  const actor = await authenticate(request)
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const answer = await create(client, request, actor)
    await client.query('COMMIT')
    return reply.code(201).type('application/json').send(answer)
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
})
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
