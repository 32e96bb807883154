import { ACCOUNT, NAME } from '../../support/api';
import { answer, answerAll, confirm, control, enter, expectStep, fill, next, pageOf, primary } from '../../support/flow';
import { expect, test } from '../../support/test';

test.describe('re-entry: refresh, back button, two tabs', () => {
  test('a refresh stays at the step', async ({ page, api }) => {
    await enter(page, await api.link(await api.line()));
    await answer(page, 'carrierDetails', ACCOUNT);
    await expectStep(page, 'holderDetails');
    await page.reload();
    await expectStep(page, 'holderDetails');
  });

  test('back to a step that is done: it can be viewed and changed', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answer(page, 'carrierDetails', ACCOUNT);
    await answer(page, 'holderDetails', NAME);
    await expectStep(page, 'address');
    await page.goBack();
    await expectStep(page, 'holderDetails');
    await expect(control(page, 'firstName')).toHaveValue(NAME.firstName);
    await fill(page, { firstName: 'Eleonora' });
    await next(page);
    await expectStep(page, 'address');
    expect((await api.porting(line)).firstName).toBe('Eleonora');
  });

  test('the Back link goes one step back, and on leads forward again', async ({ page, api }) => {
    await enter(page, await api.link(await api.line()));
    await answer(page, 'carrierDetails', ACCOUNT);
    await page.getByRole('link', { name: 'Back', exact: true }).click();
    await expectStep(page, 'carrierDetails');
    await next(page);
    await expectStep(page, 'holderDetails');
  });

  test('two tabs: both go on, each from where the porting stands', async ({ page, context, api }) => {
    await enter(page, await api.link(await api.line()));
    const tab = await context.newPage();
    await tab.goto(pageOf(page, 'carrierDetails'));
    await answer(tab, 'carrierDetails', ACCOUNT);
    await answer(tab, 'holderDetails', NAME);
    await answer(page, 'carrierDetails', { accountNumber: '7720047720', accountPin: '121212' });
    await expectStep(page, 'address');
  });

  test('sent twice from two tabs: one submission', async ({ page, context, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answerAll(page);
    const tab = await context.newPage();
    await tab.goto(page.url());
    await confirm(page);
    await expectStep(page, 'outro');
    await confirm(tab);
    await expect(tab.locator('main')).toContainText(/sent once|is done/);
    await api.until(line, 'completed');
    expect(await api.count(line.porting, 'porting.requested')).toBe(1);
  });

  test('a double-click on the last button sends once', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answerAll(page);
    await fill(page, { authorization: true });
    await primary(page).dblclick();
    await expectStep(page, 'outro');
    await api.until(line, 'completed');
    expect(await api.count(line.porting, 'porting.requested')).toBe(1);
  });
});

test.describe('re-entry: the same link again', () => {
  test('same browser: continues where it was', async ({ page, api }) => {
    const url = await api.link(await api.line());
    await enter(page, url);
    await answer(page, 'carrierDetails', ACCOUNT);
    await page.goto(url);
    await expectStep(page, 'holderDetails');
  });

  test('other browser, after it was used: already used, back with auth_expired, nothing personal', async ({ page, api, otherBrowser, returns }) => {
    const session = await api.session(await api.line({ ...ACCOUNT, ...NAME }));
    await enter(page, session.url);
    const other = await otherBrowser();
    await other.goto(session.url);
    await expectStep(other, 'expired');
    await expect(other.locator('h1')).toHaveText('This link was already used');
    for (const secret of ['555', NAME.lastName, ACCOUNT.accountNumber]) {
      await expect(other.locator('body')).not.toContainText(secret);
    }
    await other.locator('[data-return]').click();
    await other.waitForURL('https://example.com/**');
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=auth_expired`]);
    // Whoever opened it first is not disturbed.
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('opened');
    await page.reload();
    await expectStep(page, 'address');
  });

  test('other browser, no callbackUrl: says to open it from the app', async ({ page, api, otherBrowser }) => {
    const url = await api.link(await api.line(), { callbackUrl: null });
    await enter(page, url);
    const other = await otherBrowser();
    await other.goto(url);
    await expectStep(other, 'expired');
    await expect(other.locator('main')).toContainText('open a new link from the Aurora Mobile app');
    await expect(other.locator('[data-return]')).toHaveCount(0);
  });

  test('after it was completed: shows where the transfer stands', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: '+19595550115' });
    const url = await api.link(line);
    await enter(page, url);
    await answerAll(page);
    await confirm(page);
    await page.goto(url);
    await expectStep(page, 'status');
  });
});

test.describe('re-entry: too late', () => {
  test('the visit ran out mid-form: what was typed is saved, and a new link is at the next step', async ({ page, api, returns }) => {
    const line = await api.line();
    const session = await api.session(line);
    await enter(page, session.url);
    await answer(page, 'carrierDetails', ACCOUNT);
    await expectStep(page, 'holderDetails');
    await fill(page, NAME);
    await api.advance(3 * 3600);
    await next(page);
    await expectStep(page, 'expired');
    await expect(page.locator('h1')).toHaveText('Your visit has ended');
    expect((await api.porting(line)).lastName).toBe(NAME.lastName);
    await page.locator('[data-return]').click();
    await page.waitForURL('https://example.com/**');
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=auth_expired`]);
    await enter(page, await api.link(line));
    await expectStep(page, 'address');
  });

  test('after twelve hours nothing is taken any more, and nothing shown', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await fill(page, ACCOUNT);
    await api.advance(13 * 3600);
    await next(page);
    await expectStep(page, 'expired');
    expect((await api.porting(line)).accountNumber).toBeNull();
  });

  test('an hour of typing is not too late', async ({ page, api }) => {
    await enter(page, await api.link(await api.line()));
    await api.advance(3600);
    await answer(page, 'carrierDetails', ACCOUNT);
    await expectStep(page, 'holderDetails');
  });

  test('a confirmation that arrives too late sends nothing', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answerAll(page);
    await api.advance(3 * 3600);
    await confirm(page);
    await expectStep(page, 'expired');
    expect((await api.porting(line)).status).toBe('informationRequired');
  });
});
