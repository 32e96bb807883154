import { ACCOUNT, COMPLETE, NAME } from '../../support/api';
import { hidden, partsOf, raw, visit } from '../../support/raw';
import { expect, test } from '../../support/test';

/** A page without what differs on each: the nonce, and what names the language. */
const plain = (html: string) => html.replaceAll(/nonce="[^"]*"/g, '');

test.describe('re-entry: what belongs to nobody here is the same page, with status 404', () => {
  test('unknown id, wrong token, no token, other cookie, tampered form, unknown address', async ({ server, api }) => {
    const line = await api.line();
    const link = await api.link(line);
    const { session, token } = partsOf(link);
    const { cookie, home, token: form_token } = await visit(server, link);
    const other = await visit(server, await api.link(await api.line()));
    const unknown = `csn_${'0'.repeat(28)}`;
    const wrong = `${token.slice(0, -4)}AAAA`;
    const step = `${home}/carrierDetails`;
    const answers = {
      'unknown id': await raw(server, `/portal/entry?session=${unknown}&token=${token}`),
      'wrong token': await raw(server, `/portal/entry?session=${session}&token=${wrong}`),
      'no token': await raw(server, `/portal/entry?session=${session}`),
      'wrong token, posted': await raw(server, '/portal/entry', { form: { session, token: wrong } }),
      'no cookie': await raw(server, step),
      'cookie of another session': await raw(server, step, { headers: { cookie: other.cookie.replace(/^[^=]+/, cookie.split('=')[0] ?? '') } }),
      'unknown session inside': await raw(server, `/portal/s/${unknown}/review`, { headers: { cookie } }),
      'form of another session': await raw(server, step, { headers: { cookie }, form: { form_token: other.token, ...ACCOUNT } }),
      'form without token': await raw(server, step, { headers: { cookie }, form: ACCOUNT }),
      'tampered form token': await raw(server, step, { headers: { cookie }, form: { form_token: `${form_token}x`, ...ACCOUNT } }),
      'unknown page': await raw(server, `${home}/nothing`, { headers: { cookie } }),
      'unknown address': await raw(server, '/portal/nothing'),
      'not even an id': await raw(server, '/portal/s/%2e%2e/review'),
    };
    const pages = new Set(Object.values(answers).map((answer) => plain(answer.text)));
    expect(Object.fromEntries(Object.entries(answers).map(([what, answer]) => [what, answer.status]))).toEqual(
      Object.fromEntries(Object.keys(answers).map((what) => [what, 404])),
    );
    expect(pages.size).toBe(1);
    const [page = ''] = pages;
    expect(page).toContain('data-step="expired"');
    expect(page).not.toMatch(/data-return|data-primary|example\.com|Aurora/);
    expect((await api.porting(line)).accountNumber).toBeNull();
  });
});

test.describe('who may post', () => {
  for (const [what, headers, taken] of [
    ['Sec-Fetch-Site: same-origin', { 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
    ['Sec-Fetch-Site: none', { 'sec-fetch-site': 'none' }, true],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }, false],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }, false],
    ['no Sec-Fetch-Site and Origin: null', { origin: 'null' }, true],
    ['no Sec-Fetch-Site and another origin', { origin: 'https://evil.example' }, false],
  ] as [string, Record<string, string>, boolean][]) {
    test(`${what}: ${taken ? 'goes on to the form token' : 'is refused'}`, async ({ server, api }) => {
      const line = await api.line();
      const { cookie, home, token } = await visit(server, await api.link(line));
      const post = (form_token: string) =>
        raw(server, `${home}/carrierDetails`, { headers: { cookie, ...headers }, form: { form_token, ...ACCOUNT } });
      expect((await post('wrong')).status).toBe(404);
      expect((await post(token)).status).toBe(taken ? 303 : 404);
      expect((await api.porting(line)).accountNumber).toBe(taken ? ACCOUNT.accountNumber : null);
    });

    test(`${what}: the link itself ${taken ? 'is opened' : 'is not used up'}`, async ({ server, api }) => {
      const parts = partsOf(await api.link(await api.line()));
      expect((await raw(server, '/portal/entry', { headers, form: parts })).status).toBe(taken ? 303 : 404);
      expect((await raw(server, '/portal/entry', { form: parts })).status).toBe(taken ? 410 : 303);
    });
  }

  test('the public origin is let through to the form token', async ({ server, api }) => {
    const { cookie, home, token: form_token } = await visit(server, await api.link(await api.line()));
    const headers = { cookie, origin: server.baseUrl };
    expect((await raw(server, `${home}/carrierDetails`, { headers, form: { form_token, ...ACCOUNT } })).status).toBe(303);
  });
});

test.describe('the link', () => {
  test('a scanner that opens it by GET or HEAD uses nothing up and learns nothing', async ({ server, api }) => {
    const line = await api.line({ ...ACCOUNT, ...NAME });
    const session = await api.session(line);
    for (const method of ['GET', 'HEAD', 'GET', 'OPTIONS']) {
      const answer = await raw(server, session.url, { method });
      expect(answer.headers.get('set-cookie')).toBeNull();
      for (const secret of ['555', NAME.lastName, ACCOUNT.accountNumber, line.porting, line.user]) {
        expect(answer.text).not.toContain(secret);
      }
    }
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('created');
    expect((await visit(server, session.url)).home).toBe(`/portal/s/${session.id}`);
  });

  test('of many who open it at once one gets in', async ({ server, api }) => {
    const form = partsOf(await api.link(await api.line()));
    const all = await Promise.all(Array.from({ length: 12 }, () => raw(server, '/portal/entry', { form })));
    expect(all.filter((answer) => answer.status === 303)).toHaveLength(1);
    expect(all.filter((answer) => answer.status === 410)).toHaveLength(11);
  });

  test('its cookie is HttpOnly and SameSite=Lax, outlives the visit so that whoever is late is led back, and is new', async ({ server, api }) => {
    const link = await api.link(await api.line());
    const { setCookie, home } = await visit(server, link);
    expect(setCookie).toMatch(/^portico-csn_[0-9A-Za-z]+=[0-9A-Za-z]{43}; Path=\/; Max-Age=2635200; HttpOnly; SameSite=Lax$/);
    expect(setCookie).not.toContain(partsOf(link).token);
    expect(home).not.toMatch(/token|\?/);
  });

  test('confirmed a dozen times at once, it is sent once', async ({ server, api }) => {
    const { address, ...rest } = COMPLETE;
    const line = await api.line(rest);
    const { cookie, home } = await visit(server, await api.link(line));
    const step = await raw(server, `${home}/address`, { headers: { cookie } });
    const { country: _, ...parts } = address;
    const form_token = hidden(step.text, 'form_token');
    await raw(server, `${home}/address`, { headers: { cookie }, form: { form_token, ...parts } });
    const review = await raw(server, `${home}/review`, { headers: { cookie } });
    const form = { form_token, authorization: 'true', authorization_version: hidden(review.text, 'authorization_version'), answers: hidden(review.text, 'answers') };
    const all = await Promise.all(Array.from({ length: 12 }, () => raw(server, `${home}/review`, { headers: { cookie }, form })));
    expect(new Set(all.map((answer) => answer.status))).toEqual(new Set([303]));
    await api.until(line, 'completed');
    expect(await api.count(line.porting, 'porting.requested')).toBe(1);
    expect(await api.count(home.split('/').pop() ?? '', 'connectSession.completed')).toBe(1);
  });
});
