import { COMPLETE, us } from '../../support/api';
import { enter, expectStep, goBack, next } from '../../support/flow';
import { expect, test } from '../../support/test';

test.describe('where Connect opens', () => {
  test('informationRequired: the first step with something missing, in fresh words', async ({ page, api }) => {
    await page.goto(await api.link(await api.line()));
    await expect(page.locator('h1')).toHaveText('Bring your number to Aurora Mobile');
    await next(page);
    await expectStep(page, 'carrierDetails');
  });

  test('informationRequired and begun: resume words, and the first open step', async ({ page, api }) => {
    const line = await api.line({ accountNumber: COMPLETE.accountNumber, accountPin: COMPLETE.accountPin });
    await enter(page, await api.link(line));
    await expectStep(page, 'holderDetails');
  });

  for (const [number, step] of [['0110', 'carrierDetails'], ['0111', 'carrierDetails'], ['0112', 'address'], ['0105', 'portProtected']] as const) {
    test(`declined ${number}, repair enabled: ${step}`, async ({ page, api }) => {
      await enter(page, await api.link(await api.declinedLine(number)));
      await expectStep(page, step);
    });
  }

  test('declined, anything else: the error screen, back with bad_configuration', async ({ page, api, returns }) => {
    await enter(page, await api.link(await api.declinedLine('0107')));
    await expectStep(page, 'error');
    await goBack(page);
    expect(returns[0]).toContain('status=bad_configuration');
  });

  test('pending and requested: the status page, nothing to do now', async ({ page, api, returns }) => {
    const line = await api.line({ phoneNumber: us('0115'), ...COMPLETE });
    await enter(page, await api.link(line));
    await expectStep(page, 'status');
    await expect(page.locator('main')).toContainText('nothing for you to do now');
    await api.until(line, 'requested');
    await page.getByRole('link', { name: 'Check again' }).click();
    await expect(page.locator('h1')).toHaveText('Your number is on its way');
    await goBack(page);
    expect(returns[0]).toContain('status=success');
  });

  test('none: the overview', async ({ page, api }) => {
    await enter(page, await api.link(await api.plainLine()));
    await expectStep(page, 'overview');
    await expect(page.locator('main')).toContainText('Active');
  });

  test('completed: the overview says that it is done', async ({ page, api }) => {
    const line = await api.line(COMPLETE);
    await api.until(line, 'completed');
    await enter(page, await api.link(line));
    await expectStep(page, 'overview');
    await expect(page.locator('main')).toContainText('is done');
    await expect(page.locator('main')).toContainText('555-0100');
  });

  test('canceled: the overview says so', async ({ page, api }) => {
    const line = await api.line();
    await api.cancel(line);
    await enter(page, await api.link(line));
    await expectStep(page, 'overview');
    await expect(page.locator('main')).toContainText('was canceled');
  });

  test('0124 expired: the overview says that the number has not moved', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: us('0124'), ...COMPLETE });
    await api.until(line, 'expired');
    await enter(page, await api.link(line));
    await expectStep(page, 'overview');
    await expect(page.locator('main')).toContainText('ran out of time');
  });

  test('viewSubscription always opens the overview', async ({ page, api, returns }) => {
    for (const line of [await api.line(), await api.declinedLine('0110'), await api.plainLine()]) {
      await enter(page, await api.link(line, { intent: 'viewSubscription' }));
      await expectStep(page, 'overview');
      await goBack(page);
    }
    expect(returns.every((url) => url.endsWith('status=success'))).toBe(true);
  });
});
