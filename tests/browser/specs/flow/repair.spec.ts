import { answer, confirm, control, enter, expectStep, fill, next } from '../../support/flow';
import { expect, test } from '../../support/test';
import type { Api, Line } from '../../support/api';

/** Repaired, sent a second time and done: two attempts, one refusal. */
async function expectMended(api: Api, line: Line) {
  const porting = await api.until(line, 'completed');
  expect(porting.declinedAttempts).toBe(1);
  expect(await api.count(line.porting, 'porting.requested')).toBe(2);
}

test.describe('a declined transfer is repaired by the subscriber alone', () => {
  test('0110: a fresh PIN, everything else stays', async ({ page, api }) => {
    const line = await api.declinedLine('0110');
    await enter(page, await api.link(line));
    await expectStep(page, 'carrierDetails');
    await expect(page.locator('main')).toContainText('The PIN was not the right one, or it has expired.');
    await expect(control(page, 'accountNumber')).toHaveCount(0);
    await expect(control(page, 'accountPin')).toHaveValue('');
    await next(page);
    await expect(page).toHaveTitle(/^Error:/);
    await fill(page, { accountPin: '482915' });
    await next(page);
    await expect(page.locator('#accountPin-remark')).toContainText('already refused exactly this PIN');
    await answer(page, 'carrierDetails', { accountPin: '771204' });
    await confirm(page);
    await expectStep(page, 'outro');
    await expectMended(api, line);
  });

  test('0111: another account number; the refused one is shown masked and not taken again', async ({ page, api }) => {
    const line = await api.declinedLine('0111');
    await enter(page, await api.link(line));
    await expectStep(page, 'carrierDetails');
    await expect(page.locator('main')).toContainText('Your current carrier has a different account number');
    await expect(page.locator('main')).toContainText('7719');
    await expect(page.locator('main')).not.toContainText('4410027719');
    await expect(control(page, 'accountPin')).toHaveCount(0);
    await fill(page, { accountNumber: '4410027719' });
    await next(page);
    await expect(page.locator('#accountNumber-remark')).toContainText('already refused exactly this');
    await answer(page, 'carrierDetails', { accountNumber: '5520038820' });
    await confirm(page);
    await expectMended(api, line);
  });

  test('0112: another address', async ({ page, api }) => {
    const line = await api.declinedLine('0112');
    await enter(page, await api.link(line));
    await expectStep(page, 'address');
    await expect(page.locator('main')).toContainText('a different address for this account');
    await expect(page.locator('main')).toContainText('212 Juniper Street');
    await fill(page, { line1: '212 Juniper Street', city: 'Portland', state: 'OR', postalCode: '97205' });
    await next(page);
    await expect(page).toHaveTitle(/^Error:/);
    await answer(page, 'address', { line1: '18 Harbor Lane', city: 'Salem', state: 'OR', postalCode: '97301' });
    await confirm(page);
    await expectMended(api, line);
    expect((await api.porting(line)).address.line1).toBe('18 Harbor Lane');
  });

  test('0105: the lock is lifted, then the same details again', async ({ page, api }) => {
    const line = await api.declinedLine('0105');
    await enter(page, await api.link(line));
    await expectStep(page, 'portProtected');
    await next(page);
    await expect(page).toHaveTitle(/^Error:/);
    await answer(page, 'portProtected', { protectionDisabled: true });
    await confirm(page);
    await expectStep(page, 'outro');
    await expectMended(api, line);
  });
});
