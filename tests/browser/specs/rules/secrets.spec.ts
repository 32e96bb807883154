import type { Page } from '@playwright/test';
import { ACCOUNT } from '../../support/api';
import { answer, answerAll, confirm, control, enter, expectStep, fill, next, pageOf } from '../../support/flow';
import { raw, visit } from '../../support/raw';
import { expect, test } from '../../support/test';

/** The address and the text of each page, read before the browser shows it: it forgets them with the page. */
async function recordPages(page: Page): Promise<[string, string][]> {
  const pages: [string, string][] = [];
  const devtools = await page.context().newCDPSession(page);
  devtools.on('Fetch.requestPaused', async ({ requestId, request, responseStatusCode }) => {
    if (responseStatusCode !== 303) {
      const { body, base64Encoded } = await devtools.send('Fetch.getResponseBody', { requestId });
      pages.push([request.url, Buffer.from(body, base64Encoded ? 'base64' : 'utf8').toString()]);
    }
    await devtools.send('Fetch.continueRequest', { requestId });
  });
  await devtools.send('Fetch.enable', { patterns: [{ resourceType: 'Document', requestStage: 'Response' }] });
  return pages;
}

test.describe('PIN and account number', () => {
  test('the PIN is never in a page, right or wrong, nor the account number once it is saved', async ({ page, api }) => {
    const pages = await recordPages(page);
    const wrong = '771133'.repeat(9);
    await enter(page, await api.link(await api.line()));
    await fill(page, { accountNumber: '', accountPin: wrong });
    await next(page);
    await expect(page.locator('#accountPin-remark')).toBeVisible();
    await expect(control(page, 'accountPin')).toHaveValue('');
    await fill(page, ACCOUNT);
    await next(page);
    await expectStep(page, 'holderDetails');
    await page.goBack();
    await page.goto(pageOf(page, 'carrierDetails'));
    await page.goto(pageOf(page, 'carrierDetails?change=accountPin'));
    await page.goto(pageOf(page, 'carrierDetails?change=accountNumber'));
    await page.goto(pageOf(page, 'holderDetails'));
    await answerAll(page, ['holderDetails', 'address']);
    await confirm(page);
    await expectStep(page, 'outro');
    expect(pages.length).toBeGreaterThan(9);
    for (const [url, html] of pages) {
      expect(html, url).not.toContain(ACCOUNT.accountPin);
      expect(html, url).not.toContain('771133');
      expect(html, url).not.toContain(ACCOUNT.accountNumber);
    }
  });

  test('a saved PIN shows as saved, Change opens it, and a blank never erases it', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answer(page, 'carrierDetails', ACCOUNT);
    await expectStep(page, 'holderDetails');
    await page.goto(pageOf(page, 'carrierDetails'));
    await expect(page.locator('.saved')).toHaveCount(2);
    await expect(control(page, 'accountPin')).toHaveCount(0);
    await page.getByRole('link', { name: 'Change Transfer PIN' }).click();
    await expect(control(page, 'accountPin')).toHaveValue('');
    await next(page);
    await expectStep(page, 'holderDetails');
    expect(await api.porting(line)).toMatchObject({ accountPinExists: true, accountNumber: ACCOUNT.accountNumber });
    await page.goto(pageOf(page, 'carrierDetails'));
    await page.getByRole('link', { name: 'Change Account number' }).click();
    await answer(page, 'carrierDetails', { accountNumber: '' });
    await expectStep(page, 'holderDetails');
    expect((await api.porting(line)).accountNumber).toBe(ACCOUNT.accountNumber);
  });

  test('from the review each answer can be changed, and the review comes back', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answerAll(page);
    await expect(page.locator('dl.facts')).toContainText('7719');
    for (const [name, step, values] of [
      ['Change Account number', 'carrierDetails', { accountNumber: '8800088000' }],
      ['Change Transfer PIN', 'carrierDetails', { accountPin: '551100' }],
      ['Change Account holder', 'holderDetails', { lastName: 'Lindquist' }],
      ['Change Address', 'address', { line2: 'Unit 4' }],
    ] as const) {
      await page.getByRole('link', { name }).click();
      await answer(page, step, values);
      await expectStep(page, 'review');
    }
    expect(await api.porting(line)).toMatchObject({ accountNumber: '8800088000', lastName: 'Lindquist', address: { line2: 'Unit 4' } });
  });

  test('the PIN can be hidden and shown, and may be pasted', async ({ page, api }) => {
    await enter(page, await api.link(await api.line()));
    const pin = control(page, 'accountPin');
    await expect(pin).toHaveAttribute('type', 'text');
    await expect(pin).toHaveAttribute('autocomplete', 'off');
    await pin.fill('00123');
    await page.getByRole('button', { name: 'Hide Transfer PIN' }).click();
    await expect(pin).toHaveAttribute('type', 'password');
    await page.getByRole('button', { name: 'Show Transfer PIN' }).click();
    await expect(pin).toHaveValue('00123');
  });

  test('leading zeros and letters are kept as they are', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answer(page, 'carrierDetails', { accountNumber: 'A-0012 34', accountPin: '0042' });
    await expectStep(page, 'holderDetails');
    expect((await api.porting(line)).accountNumber).toBe('A-0012 34');
  });
});

test('hostile answers come back as text, and break nothing', async ({ page, server, api }) => {
  const line = await api.line(ACCOUNT);
  const { cookie, home, token: form_token } = await visit(server, await api.link(line));
  for (const text of ['"><script>alert(1)</script>', '\u0000', '\u202Egnp', '👩‍👩‍👧‍👦'.repeat(40), '%00', 'x'.repeat(60_000), '{{7*7}}']) {
    const form = { form_token, firstName: text, lastName: text, 'birthday-day': text, confirm_warnings: text };
    const answered = await raw(server, `${home}/holderDetails`, { headers: { cookie }, form });
    expect([303, 413, 422]).toContain(answered.status);
    expect(answered.text).not.toContain('<script>alert');
  }
  await enter(page, await api.link(line));
  await expect(page.locator('main')).toBeVisible();
});
