import { ACCOUNT, ADDRESS, COMPLETE, NAME } from '../../support/api';
import { answer, answerAll, confirm, enter, expectStep, fill, next } from '../../support/flow';
import { expect, test } from '../../support/test';

const CHANGED = 'Something changed while this page was open';

test.describe('re-entry: two sessions for one porting', () => {
  test('both work, the last writer wins, one submission', async ({ page, api, otherBrowser }) => {
    const line = await api.line();
    const other = await otherBrowser();
    await enter(page, await api.link(line));
    await enter(other, await api.link(line));
    await answerAll(page);
    await answer(other, 'carrierDetails', { accountNumber: '9900099000', accountPin: '909090' });
    await expectStep(other, 'review');
    expect((await api.porting(line)).accountNumber).toBe('9900099000');
    // What the first sees on its review is not what would be sent any more: it is shown again.
    await confirm(page);
    await expectStep(page, 'review');
    await expect(page.getByRole('status')).toContainText(CHANGED);
    await confirm(page);
    await expectStep(page, 'outro');
    await confirm(other);
    await expect(other.locator('main')).toContainText(/sent once|is done|nothing for you to do/);
    await api.until(line, 'completed');
    expect(await api.count(line.porting, 'porting.requested')).toBe(1);
  });

  test('two sessions in one browser do not disturb each other', async ({ page, context, api }) => {
    const [one, two] = [await api.line({ phoneNumber: '+19595550301' }), await api.line({ phoneNumber: '+19595550302' })];
    const tab = await context.newPage();
    await enter(page, await api.link(one));
    await enter(tab, await api.link(two));
    await answer(page, 'carrierDetails', ACCOUNT);
    await answer(tab, 'carrierDetails', { accountNumber: '1112223334', accountPin: '333444' });
    expect((await api.porting(one)).accountNumber).toBe(ACCOUNT.accountNumber);
    expect((await api.porting(two)).accountNumber).toBe('1112223334');
  });
});

test.describe('re-entry: changed elsewhere while the form is open', () => {
  test('canceled by the API: the next page is the overview, with a sentence why', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await fill(page, ACCOUNT);
    await api.cancel(line);
    await next(page);
    await expectStep(page, 'overview');
    await expect(page.locator('main')).toContainText('was canceled');
    await expect(page.getByRole('status')).toBeVisible();
  });

  test('completed with data by the API: what is asked next is what is missing now', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await expectStep(page, 'carrierDetails');
    await api.patch(line, NAME);
    await answer(page, 'carrierDetails', ACCOUNT);
    await expectStep(page, 'address');
  });

  test('sent by the API: the form saves nothing, and the true state is shown with a sentence', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: '+19595550115' });
    await enter(page, await api.link(line));
    await fill(page, { accountNumber: '1234512345', accountPin: '998877' });
    await api.patch(line, COMPLETE);
    await next(page);
    await expectStep(page, 'status');
    await expect(page.getByRole('status')).toBeVisible();
    expect((await api.porting(line)).accountNumber).toBe(ACCOUNT.accountNumber);
  });

  test('completed by the carrier: the next page says that it is done', async ({ page, api }) => {
    const line = await api.line({ ...ACCOUNT, ...NAME });
    await enter(page, await api.link(line));
    await expectStep(page, 'address');
    await api.patch(line, { address: ADDRESS });
    await api.until(line, 'completed');
    await next(page);
    await expectStep(page, 'overview');
    await expect(page.locator('main')).toContainText('is done');
  });

  test('declined while the status page is open: refreshing leads to the repair', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: '+19595550110', ...COMPLETE });
    await enter(page, await api.link(line));
    await api.until(line, 'declined');
    await page.reload();
    await expectStep(page, 'carrierDetails');
  });

  test('a sentence that nobody could ask for is not shown', async ({ page, api }) => {
    await enter(page, await api.link(await api.line()));
    await page.goto(`${page.url()}?notice=<b>free</b>&utm_source=mail`);
    await expectStep(page, 'carrierDetails');
    await expect(page.locator('main')).not.toContainText('free');
    await expect(page.locator('main')).not.toContainText(CHANGED);
  });
});
