import type { Page } from '@playwright/test';
import { COMPLETE, type Json } from '../../support/api';
import { expect, publicUrl, test } from '../../support/embed';
import { partsOf } from '../../support/raw';

/** A call as the page's own script makes it. What the browser keeps from the page is `blocked`. */
async function fetched(page: Page, url: string, init: Json = {}): Promise<Json> {
  const call = async ([url, init]: [string, Json]) => {
    try {
      const response = await fetch(url, init);
      return { status: response.status, body: await response.json() };
    } catch {
      return 'blocked';
    }
  };
  return page.evaluate(call, [url, init] as [string, Json]);
}

const json = (method: string, body: Json, token?: string) => ({
  method,
  headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
  body: JSON.stringify(body),
});

test.beforeEach(({ sites }) => {
  sites.pages.set('/form', '<title>A form of the shop’s own</title>');
});

test('a page of a listed origin trades the link, reads the subscription, and sends the porting', async ({ page, sites, api }) => {
  const line = await api.line();
  const session = await api.session(line);
  const base = publicUrl(sites);
  await page.goto(`${sites.shop}/form`);
  const secret = partsOf(session.url).token;
  const traded = await fetched(page, `${base}/api/embeds/auth`, json('POST', { secret }));
  expect(traded).toEqual({ status: 200, body: { token: { access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 } } });
  const token = traded.body.token.access_token;
  const headers = { authorization: `Bearer ${token}` };
  const project = `${base}/projects/${sites.project}`;
  const read = await fetched(page, `${project}/subscriptions/${line.subscription}`, { headers });
  expect(read.body.porting).toMatchObject({ id: line.porting, status: 'informationRequired' });
  const list = await fetched(page, `${base}/serviceProviders?limit=200&recipientProvider=test`, { headers });
  expect(list.body.items.length).toBeGreaterThan(20);
  const sent = await fetched(page, `${project}/portings/${line.porting}`, json('PATCH', COMPLETE, token));
  expect(sent.status).toBe(200);
  expect(sent.body.status).toBe('pending');
  await api.until(line, 'completed');
  expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('completed');

  expect(await fetched(page, `${base}/api/embeds/auth`, json('POST', { secret }))).toEqual({ status: 422, body: { error: expect.any(String) } });
  expect(await fetched(page, `${project}/users`, { headers })).toBe('blocked');
  expect(await fetched(page, `${project}/portings/${line.porting}`, { method: 'DELETE', headers })).toBe('blocked');
});

test('a page of another origin gets nothing, and the link stays good', async ({ page, sites, api }) => {
  const line = await api.line();
  const session = await api.session(line);
  const base = publicUrl(sites);
  const secret = partsOf(session.url).token;
  await page.goto(`${sites.other}/form`);
  expect(await fetched(page, `${base}/api/embeds/auth`, json('POST', { secret }))).toBe('blocked');
  expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('created');

  await page.goto(`${sites.shop}/form`);
  const traded = await fetched(page, `${base}/api/embeds/auth`, json('POST', { secret }));
  const token = traded.body.token.access_token;
  await page.goto(`${sites.other}/form`);
  const project = `${base}/projects/${sites.project}`;
  const headers = { authorization: `Bearer ${token}` };
  expect(await fetched(page, `${project}/subscriptions/${line.subscription}`, { headers })).toBe('blocked');
  expect(await fetched(page, `${project}/portings/${line.porting}`, json('PATCH', COMPLETE, token))).toBe('blocked');
  expect(await fetched(page, `${base}/serviceProviders`, { headers })).toBe('blocked');
  expect((await api.porting(line)).status).toBe('informationRequired');
});

test('cookies have no part in it', async ({ page, sites, api }) => {
  const base = publicUrl(sites);
  const session = await api.session(await api.line());
  await page.goto(`${sites.shop}/form`);
  const init = { ...json('POST', { secret: partsOf(session.url).token }), credentials: 'include' };
  expect(await fetched(page, `${base}/api/embeds/auth`, init)).toBe('blocked');
});
