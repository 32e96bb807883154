import { test as base, expect, type APIResponse, type FrameLocator, type Page, type Route } from '@playwright/test';
import { Api, type Json } from './api';
import { NAMES, startSites, type Sites } from './sites';

/** What the element told the page, in order: the event's type and its detail. */
export type Told = [type: string, detail: Json][];

interface Worker {
  sites: Sites;
  api: Api;
}

export const test = base.extend<{ manners: void }, Worker>({
  sites: [
    async ({}, use) => {
      const sites = await startSites();
      await use(sites);
      await sites.stop();
    },
    { scope: 'worker' },
  ],
  api: [async ({ sites }, use) => use(new Api(sites)), { scope: 'worker' }],

  // No address inside the visit holds a secret, and no policy of ours is broken.
  manners: [
    async ({ context }, use) => {
      const faults: string[] = [];
      context.on('request', (request) => {
        const url = request.url();
        if (url.includes('/portal/s/') && (/[\w-]{33}/.test(url) || url.includes('token'))) faults.push(url);
      });
      context.on('console', (message) => {
        if (/Content Security Policy|postMessage/.test(message.text()) && !/frame-ancestors/.test(message.text())) {
          faults.push(message.text());
        }
      });
      context.on('weberror', (error) => faults.push(error.error().message));
      await use();
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

const EVENTS = ['step', 'completed', 'aborted', 'failed', 'fallback'];

/** A page of the shop with the element on it, and a note of everything it tells. */
export function embedPage(sites: Sites, url: string, script = ''): string {
  const module = `${publicUrl(sites)}/embed/portico-connect.js`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>The shop</title>
    <meta name="color-scheme" content="light dark">
    <style>body { margin: 0 auto; max-width: 44rem; font: 1rem/1.5 system-ui; } header, footer { padding: 1rem 1.25rem; }</style>
    <script type="module" src="${module}"></script>
    <script>
      const told = [];
      for (const type of ${JSON.stringify(EVENTS)}) addEventListener(type, (event) => told.push([type, event.detail]));
      ${script}
    </script>
    <header><b>Your new plan</b></header>
    <portico-connect url="${url.replaceAll('&', '&amp;')}"><span>One moment …</span></portico-connect>
    <footer id="below">Questions? We are here.</footer></html>`;
}

/** Where subscribers find Portico. */
export function publicUrl(sites: Sites): string {
  return sites.shop.replace(NAMES.shop, NAMES.connect);
}

/** Opens a page with the element at an origin; the flow inside. */
export async function openEmbed(page: Page, sites: Sites, url: string, options: { origin?: string; script?: string } = {}): Promise<FrameLocator> {
  sites.pages.set('/move', embedPage(sites, url, options.script));
  // The element has opened its frame by then; how long that takes is the test's business.
  await page.goto(`${options.origin ?? sites.shop}/move`, { waitUntil: 'domcontentloaded' });
  return page.frameLocator('portico-connect iframe');
}

/** The server's answer, for a test that changes it; only the browser knows the names of the sites. */
export function fetchDirectly(route: Route, sites: Sites): Promise<APIResponse> {
  const { pathname, search } = new URL(route.request().url());
  return route.fetch({ url: `${sites.baseUrl}${pathname}${search}` });
}

export const told = (page: Page): Promise<Told> => page.evaluate('told');

export { expect };
