import type { Page } from '@playwright/test';
import { expect, openEmbed, publicUrl, test, told } from '../../support/embed';
import { answerAll, confirm, expectStep, next } from '../../support/flow';
import { CALLBACK } from '../../support/api';
import { FORGET } from '../../support/sites';

/** A browser that keeps no cookies in frames at all. */
async function withoutFrameCookies(page: Page): Promise<void> {
  await page.route('**/portal/entry?*embed=*', async (route) => {
    await route.continue({ headers: { ...(await route.request().allHeaders()), [FORGET]: '1' } });
  });
}

test.describe('where the flow cannot be shown inside the page, it takes the whole window', () => {
  test('a page whose origin is not listed', async ({ page, sites, api }) => {
    await page.route(`${CALLBACK}/**`, (route) => route.fulfill({ contentType: 'text/html', body: 'The app' }));
    const session = await api.session(await api.line());
    await openEmbed(page, sites, session.url, { origin: sites.other });
    await page.waitForURL(session.url);
    await expectStep(page, 'intro');
    await next(page);
    await answerAll(page);
    await confirm(page);
    await page.locator('[data-return]').click();
    await page.waitForURL(`${CALLBACK}/?session_id=${session.id}&status=success`);
  });

  test('a page that claims the origin of a listed one is refused by the browser', async ({ page, sites, api }) => {
    const url = `${await api.link(await api.line())}&embed=${encodeURIComponent(sites.shop)}`;
    sites.pages.set('/frame', `<iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`);
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(`${sites.other}/frame`);
    await refused;
    await expect(page.frameLocator('iframe').locator('main')).toHaveCount(0);
  });

  test('a frame that keeps no cookies: before the link is used up', async ({ page, sites, api }) => {
    await withoutFrameCookies(page);
    const session = await api.session(await api.line());
    await openEmbed(page, sites, session.url);
    await page.waitForURL(session.url);
    await next(page);
    await expectStep(page, 'carrierDetails');
  });

  test('the same without script in the frame: the button takes the window, and no address holds the secret', async ({ page, sites, api }) => {
    await withoutFrameCookies(page);
    const session = await api.session(await api.line());
    // The page has something better than a window, so the frame stays.
    const script = `addEventListener('fallback', (event) => event.preventDefault());`;
    await openEmbed(page, sites, session.url, { script });
    await expect.poll(async () => (await told(page)).at(-1)).toEqual(['fallback', { session_id: session.id, reason: 'cookies' }]);
    const url = `${session.url}&embed=${encodeURIComponent(sites.shop)}`;
    sites.pages.set('/frame', `<iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`);
    await page.goto(`${sites.shop}/frame`);
    const flow = page.frameLocator('iframe');
    await next(flow);
    await expect(flow.getByText('continues in the whole window')).toBeVisible();
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('created');
    await next(flow);
    await expectStep(page, 'carrierDetails');
    expect(page.url()).toBe(`${publicUrl(sites)}/portal/s/${session.id}/carrierDetails`);
  });

  test('a frame that does not load in time', async ({ page, sites, api }) => {
    await page.clock.install();
    const session = await api.session(await api.line());
    let isHeld = true;
    await page.route('**/portal/entry?*', (route) => (isHeld && route.request().url().includes('embed=') ? undefined : route.continue()));
    await openEmbed(page, sites, session.url);
    await page.clock.runFor(9_000);
    expect(page.url()).toBe(`${sites.shop}/move`);
    isHeld = false;
    await page.clock.runFor(2_000);
    await page.waitForURL(session.url);
    await expectStep(page, 'intro');
  });

  test('the page may do something better', async ({ page, sites, api }) => {
    const script = `addEventListener('fallback', (event) => event.preventDefault());`;
    await openEmbed(page, sites, await api.link(await api.line()), { origin: sites.other, script });
    await expect.poll(() => told(page)).toEqual([['fallback', { session_id: null, reason: 'refused' }]]);
    expect(page.url()).toBe(`${sites.other}/move`);
  });
});
