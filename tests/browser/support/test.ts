import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { Api } from './api';
import { startServer, type Server } from './server';

/** The pages of the integrator that the subscriber was sent back to, in order. */
export type Returns = string[];

interface Worker {
  timeScale: number;
  server: Server;
  api: Api;
}

interface Fixtures {
  returns: Returns;
  /** A second browser, with the same manners. */
  otherBrowser: () => Promise<Page>;
  manners: void;
}

export const test = base.extend<Fixtures, Worker>({
  timeScale: [1, { option: true, scope: 'worker' }],
  server: [
    async ({ timeScale }, use) => {
      const server = await startServer(timeScale);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  api: [async ({ server }, use) => use(new Api(server)), { scope: 'worker' }],

  returns: async ({}, use) => use([]),

  // What holds for every page of every test: it asks nobody but us for anything, breaks no policy
  // of its own, and carries the headers that keep it to the subscriber.
  manners: [
    async ({ context, server, returns }, use) => {
      const faults: string[] = [];
      await watch(context, server, returns, faults);
      await use();
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],

  otherBrowser: async ({ browser, contextOptions, server, returns }, use) => {
    const opened: BrowserContext[] = [];
    const faults: string[] = [];
    await use(async () => {
      const context = await browser.newContext(contextOptions);
      opened.push(context);
      await watch(context, server, returns, faults);
      return context.newPage();
    });
    await Promise.all(opened.map((context) => context.close()));
    expect(faults).toEqual([]);
  },
});

async function watch(context: BrowserContext, server: Server, returns: Returns, faults: string[]) {
  await context.route('https://example.com/**', (route) => {
    returns.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: '<title>The app</title>' });
  });
  context.on('request', (request) => {
    const url = request.url();
    const isOurs = url.startsWith(`${server.baseUrl}/portal/`);
    if (!isOurs && !/^(https:\/\/example\.com\/|myapp:)/.test(url)) faults.push(`asked for ${url}`);
    // Ids have 32 characters; link tokens, form tokens and cookies have more.
    const isLong = /[\w-]{33}/.test(url) || url.includes('token');
    if (url.includes('/portal/s/') && isLong) faults.push(`a secret in ${url}`);
  });
  context.on('response', (response) => {
    if (!response.url().startsWith(`${server.baseUrl}/portal/`)) return;
    const headers = response.headers();
    const path = new URL(response.url()).pathname;
    const fault = (what: string) => faults.push(`${path}: ${what}`);
    if (headers['x-content-type-options'] !== 'nosniff') fault('no nosniff');
    if (headers['referrer-policy'] !== 'no-referrer') fault('no referrer policy');
    const isPage = response.request().resourceType() === 'document';
    if (!isPage) return;
    if (headers['cache-control'] !== 'no-store') fault('may be stored');
    if (response.status() === 303) return;
    const policy = headers['content-security-policy'] ?? '';
    // A page that only says that something did not work may be framed anywhere.
    const ancestors = [408, 413, 429].includes(response.status()) ? 'frame-ancestors *' : "frame-ancestors 'none'";
    const wanted = ["default-src 'none'", "form-action 'self'", "base-uri 'none'", ancestors];
    for (const part of wanted) if (!policy.includes(part)) fault(`no ${part}`);
    if (/unsafe|https?:|\*/.test(policy.replace(ancestors, ''))) fault(`a loose policy: ${policy}`);
    if (response.status() >= 500) fault(`answered ${response.status()}`);
  });
  context.on('console', (message) => {
    // The browser notes every page that is not a 200; those are asserted where they are meant.
    const isStatus = message.text().startsWith('Failed to load resource: the server responded');
    const isBad = message.type() === 'error' || message.type() === 'warning';
    if (isBad && !isStatus) faults.push(`the browser says: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`a script failed: ${error.error().message}`));
}

export { expect };
