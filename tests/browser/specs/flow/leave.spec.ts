import { ACCOUNT } from '../../support/api';
import { answer, control, enter, expectStep, leave, next, primary } from '../../support/flow';
import { expect, test } from '../../support/test';

test.describe('rule 9: leaving is possible everywhere, keeps everything and cancels nothing', () => {
  test('from a step: asked once, then back with user_aborted, and what was entered stays', async ({ page, api, returns }) => {
    const line = await api.line();
    const session = await api.session(line);
    await enter(page, session.url);
    await answer(page, 'carrierDetails', ACCOUNT);
    await expectStep(page, 'holderDetails');
    await leave(page);
    await page.waitForURL('https://example.com/**');
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=user_aborted`]);
    const porting = await api.porting(line);
    expect(porting.status).toBe('informationRequired');
    expect(porting.accountNumber).toBe(ACCOUNT.accountNumber);
    await enter(page, await api.link(line));
    await expectStep(page, 'holderDetails');
  });

  test('on the page that asks, leaving is the first action and staying the second', async ({ page, api, returns }) => {
    await enter(page, await api.link(await api.line()));
    await page.locator('[data-leave]').click();
    await expectStep(page, 'leave');
    await expect(primary(page)).toHaveText(/^Leave/);
    await page.getByRole('link', { name: 'Stay' }).click();
    await expectStep(page, 'carrierDetails');
    expect(returns).toEqual([]);
  });

  test('from the page behind the link, before it was opened; the link stays good', async ({ page, api, returns }) => {
    const session = await api.session(await api.line());
    await page.goto(session.url);
    await page.locator('[data-leave]').click();
    await page.waitForURL('https://example.com/**');
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=user_aborted`]);
    await enter(page, session.url);
    await expectStep(page, 'carrierDetails');
  });

  test('without a callbackUrl it ends on a page that leads in again', async ({ page, api, returns }) => {
    await enter(page, await api.link(await api.line(), { callbackUrl: null }));
    await leave(page);
    await expectStep(page, 'aborted');
    await next(page);
    await expectStep(page, 'carrierDetails');
    await expect(control(page, 'accountNumber')).toBeVisible();
    expect(returns).toEqual([]);
  });
});
