import type { Page } from '@playwright/test';
import { COMPLETE, de, us } from '../../support/api';
import { answerAll, control, enter, expectStep, fill, next } from '../../support/flow';
import { expect, test } from '../../support/test';

/** The same words in the title, in a focused summary that leads to the control, and at the control. */
async function expectError(page: Page, id: string, words: string) {
  await expect(page).toHaveTitle(/^Error: /);
  const summary = page.locator('.box.bad');
  await expect(summary).toBeFocused();
  const link = summary.locator(`a[href="#${id}"]`);
  await expect(link).toContainText(words);
  const remark = page.locator(`#${id}-remark`);
  await expect(remark).toHaveText((await link.textContent()) ?? '');
  await link.click();
  await expect(page.locator(`#${id}`)).toBeFocused();
}

/** As `expectError`, for another error of the same page. */
async function expectAlso(page: Page, id: string, words: string) {
  const link = page.locator(`.box.bad a[href="#${id}"]`);
  await expect(link).toContainText(words);
  await expect(page.locator(`#${id}-remark`)).toContainText(words);
}

async function expectDescribed(page: Page, name: string) {
  await expect(control(page, name)).toHaveAttribute('aria-invalid', 'true');
  await expect(control(page, name)).toHaveAttribute('aria-describedby', new RegExp(`${name}-remark`));
}

test.describe('what is wrong is said at the field, and what was right is kept', () => {
  test('carrierDetails: nothing entered, then too long, then one right and one missing', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await next(page);
    await expectError(page, 'accountNumber', 'Enter the account number');
    await expectAlso(page, 'accountPin', 'Enter the transfer PIN');
    await expectDescribed(page, 'accountNumber');
    await fill(page, { accountNumber: '9'.repeat(40), accountPin: '482915' });
    await next(page);
    await expect(page.locator('#accountNumber-remark')).toContainText('characters or fewer');
    await expect(control(page, 'accountNumber')).toHaveValue('9'.repeat(40));
    // The PIN was right: it is saved, and neither shown nor asked again.
    await expect(control(page, 'accountPin')).toHaveCount(0);
    await expect(page.locator('.saved')).toContainText('Saved');
    expect((await api.porting(line)).accountPinExists).toBe(true);
  });

  test('holderDetails: empty, then without a letter', async ({ page, api }) => {
    const line = await api.line({ accountNumber: COMPLETE.accountNumber, accountPin: COMPLETE.accountPin });
    await enter(page, await api.link(line));
    await expectStep(page, 'holderDetails');
    await next(page);
    await expectError(page, 'firstName', 'first name');
    await fill(page, { firstName: 'Zoë', lastName: '123' });
    await next(page);
    await expect(page.locator('#lastName-remark')).toBeVisible();
    await expect(control(page, 'firstName')).toHaveValue('Zoë');
    await expect(control(page, 'lastName')).toHaveValue('123');
    await fill(page, { lastName: 'O’Neill-Đặng' });
    await next(page);
    await expectStep(page, 'address');
  });

  test('holderDetails: birthdays that cannot be', async ({ page, api }) => {
    const donor = (await api.call('GET', '/serviceProviders?country=DE&limit=1')).body.items[0].id;
    const line = await api.line({ phoneNumber: de(), provider: 'tde', donorProvider: donor, firstName: 'Anna', lastName: 'Berg' });
    await enter(page, await api.link(line));
    const birthday = (day: string, month: string, year: string) =>
      fill(page, { 'birthday-day': day, 'birthday-month': month, 'birthday-year': year }).then(() => next(page));
    await birthday('', '', '');
    await expectError(page, 'birthday', 'the day, the month and the year');
    await birthday('31', '2', '1987');
    await expect(page.locator('#birthday-remark')).toContainText('no such date');
    await expect(control(page, 'birthday-day')).toHaveValue('31');
    await birthday('1', '2', '87');
    await expect(page.locator('#birthday-remark')).toContainText('four digits');
    await birthday('1', '2', '2090');
    await expect(page.locator('#birthday-remark')).toContainText('still to come');
    await birthday('01', 'February', '1987');
    await expectStep(page, 'review');
  });

  test('address: missing parts and a ZIP code that is none', async ({ page, api }) => {
    const { address: _, ...rest } = COMPLETE;
    const line = await api.line(rest);
    await enter(page, await api.link(line));
    await expectStep(page, 'address');
    await next(page);
    await expectError(page, 'line1', 'street address');
    await expectAlso(page, 'state', 'Choose the state');
    await fill(page, { line1: '212 Juniper Street', city: 'Portland', state: 'OR', postalCode: 'ABC' });
    await next(page);
    await expectError(page, 'postalCode', 'ZIP code');
    await expect(control(page, 'line1')).toHaveValue('212 Juniper Street');
    await expect(control(page, 'state')).toHaveValue('OR');
    await fill(page, { postalCode: '97205-1234' });
    await next(page);
    await expectStep(page, 'review');
  });

  test('donorProvider: nothing chosen', async ({ page, api }) => {
    await enter(page, await api.link(await api.line({ phoneNumber: us('0125') })));
    await expectStep(page, 'donorProvider');
    await next(page);
    await expect(page).toHaveTitle(/^Error: /);
    await expect(page.locator('#donorProvider-remark')).toContainText('Choose your current carrier');
  });

  test('review: nothing is sent without the authorization', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answerAll(page);
    await next(page);
    await expectError(page, 'authorization', 'Tick the box to authorize');
    expect((await api.porting(line)).status).toBe('informationRequired');
  });
});

test.describe('a doubt is said once and then let through', () => {
  test('a PIN of another length than this carrier’s', async ({ page, api }) => {
    const donors = (await api.call('GET', '/serviceProviders?country=US&limit=200')).body.items;
    const verizon = donors.find((donor: { name: string }) => donor.name === 'Verizon').id;
    const line = await api.line({ phoneNumber: us('0100'), donorProvider: verizon });
    await enter(page, await api.link(line));
    await expectStep(page, 'carrierDetails');
    await fill(page, { accountNumber: '12345678900001', accountPin: '12' });
    await next(page);
    const summary = page.locator('.box.warn');
    await expect(summary).toBeFocused();
    await expect(summary).toContainText('usually have 6 digits');
    await expect(page).not.toHaveTitle(/^Error/);
    await expectStep(page, 'carrierDetails');
    await next(page);
    await expectStep(page, 'holderDetails');
  });

  test('the phone number given as the account number', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await fill(page, { accountNumber: '959-555-0100', accountPin: '482915' });
    await next(page);
    await expect(page.locator('.box.warn')).toContainText('This is your phone number');
    await next(page);
    await expectStep(page, 'holderDetails');
  });
});
