import type { Page, Route } from '@playwright/test';
import { expect, fetchDirectly, openEmbed, test, told } from '../../support/embed';
import { answer, control, expectStep, next } from '../../support/flow';

/** What a browser shows of a page that may not be framed. */
const refuse = (route: Route) =>
  route.fulfill({ status: 503, contentType: 'text/html', headers: { 'content-security-policy': "frame-ancestors 'none'" }, body: 'Busy' });

/** Answers the next `times` requests of the visit, and of the link, otherwise than the server does. */
async function disturb(page: Page, times: number, how: (route: Route) => Promise<void> = refuse): Promise<void> {
  let left = times;
  await page.route(/\/portal\/(s|entry)\b/, (route) => (left-- > 0 ? how(route) : route.fallback()));
}

const ends = async (page: Page) => (await told(page)).map(([type]) => type).filter((type) => type !== 'step');

test.describe('a passing trouble inside the flow', () => {
  test('is gone when it has passed: the flow is where it was', async ({ page, sites, api }) => {
    const flow = await openEmbed(page, sites, await api.link(await api.line()));
    await next(flow);
    await answer(flow, 'carrierDetails', { accountNumber: '4410027719', accountPin: '482915' });
    await expectStep(flow, 'holderDetails');
    const before = (await told(page)).length;
    await disturb(page, 2);
    await next(flow);
    await expect.poll(async () => (await told(page)).length, { timeout: 20_000 }).toBe(before + 1);
    await expectStep(flow, 'holderDetails');
    expect(await ends(page)).toEqual([]);
  });

  test('that does not pass is told in the end', async ({ page, sites, api }) => {
    await page.clock.install();
    const session = await api.session(await api.line());
    const flow = await openEmbed(page, sites, session.url);
    await expectStep(flow, 'intro');
    let refused = 0;
    await disturb(page, Infinity, async (route) => {
      await refuse(route);
      refused += 1;
    });
    await next(flow);
    // The page that was left, and three tries.
    for (const tries of [1, 2, 3, 4]) {
      expect(await ends(page)).toEqual([]);
      await expect.poll(async () => {
        if (refused < tries) await page.clock.runFor(1_000);
        return refused;
      }).toBe(tries);
    }
    await expect.poll(async () => {
      await page.clock.runFor(1_000);
      return (await told(page)).at(-1);
    }, { timeout: 20_000 }).toEqual(['failed', { session_id: session.id, status: 'auth_expired' }]);
  });

  test('is noticed even when the page before had not loaded', async ({ page, sites, api }) => {
    // A picture that never comes.
    await page.route('**/portal/never', () => undefined);
    await page.route('**/portal/entry?*', async (route) => {
      const response = await fetchDirectly(route, sites);
      // No cookie comes this way, so none is missed.
      const html = (await response.text()).replace(/ data-probe="[^"]*"/, '');
      await route.fulfill({ response, body: html.replace('</main>', '<img src="/portal/never" alt=""></main>') });
    });
    const flow = await openEmbed(page, sites, await api.link(await api.line()));
    await expectStep(flow, 'intro');
    await page.unroute('**/portal/entry?*');
    await disturb(page, 1);
    await next(flow);
    await expect.poll(async () => (await told(page)).length, { timeout: 15_000 }).toBe(2);
    await expectStep(flow, 'intro');
  });

  test('a form whose token is out of date is answered inside the page', async ({ page, sites, api }) => {
    const flow = await openEmbed(page, sites, await api.link(await api.line(), { behavior: { hideIntroPage: true } }));
    await expectStep(flow, 'carrierDetails');
    await control(flow, 'form_token').first().evaluate((field: HTMLInputElement) => (field.value = 'old'));
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await next(flow);
    const response = await answered;
    expect(response.status()).toBe(404);
    expect(await response.headerValue('content-security-policy')).toContain(`frame-ancestors ${sites.shop}`);
    await expect.poll(async () => (await told(page)).length, { timeout: 15_000 }).toBe(2);
    await expectStep(flow, 'carrierDetails');
    expect(await ends(page)).toEqual([]);
  });

  test('what was too large is said inside the page', async ({ page, sites, api }) => {
    const flow = await openEmbed(page, sites, await api.link(await api.line(), { behavior: { hideIntroPage: true } }));
    await expectStep(flow, 'carrierDetails');
    await control(flow, 'form_token').first().evaluate((field: HTMLInputElement) => (field.value = 'x'.repeat(70_000)));
    await next(flow);
    await expect(flow.locator('main[data-step=unavailable]')).toBeVisible();
    await expect.poll(async () => (await told(page)).length, { timeout: 15_000 }).toBe(2);
    await expectStep(flow, 'carrierDetails');
    expect(await ends(page)).toEqual([]);
  });
});
