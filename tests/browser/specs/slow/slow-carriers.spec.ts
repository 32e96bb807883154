import { COMPLETE, us } from '../../support/api';
import { enter, expectStep } from '../../support/flow';
import { expect, test } from '../../support/test';

// Carriers that take as long as people can see; the test clock makes it pass.
test.use({ timeScale: 2 });

test('0122: a delay is said as a delay, and then it completes', async ({ page, api }) => {
  const line = await api.line({ phoneNumber: us('0122'), ...COMPLETE });
  await api.until(line, 'requested');
  await enter(page, await api.link(line));
  await expectStep(page, 'status');
  await expect(page.locator('h1')).toHaveText('Your number is on its way');
  await api.advance(4);
  await expect(async () => {
    await page.reload();
    await expect(page.locator('h1')).toHaveText('It takes a little longer', { timeout: 50 });
  }).toPass({ intervals: [25] });
  await expect(page.locator('main')).toContainText('nothing is wrong with your details');
  expect((await api.porting(line)).status).toBe('requested');
  await api.advance(4);
  await api.until(line, 'completed');
  await page.getByRole('link', { name: 'Check again' }).click();
  await expectStep(page, 'overview');
});

test('0120: a carrier that does not answer at all: kept, and received once', async ({ page, api }) => {
  test.slow();
  const line = await api.line({ phoneNumber: us('0120'), ...COMPLETE });
  await enter(page, await api.link(line));
  await expectStep(page, 'status');
  await expect(async () => {
    await page.reload();
    await expect(page.locator('h1')).toHaveText('Your request is safe with us', { timeout: 50 });
  }).toPass({ intervals: [25], timeout: 20_000 });
  await api.until(line, 'completed');
  expect(await api.count(line.porting, 'porting.requested')).toBe(1);
});
