import { COMPLETE, us } from '../../support/api';
import { answer, confirm, control, enter, expectStep, next } from '../../support/flow';
import { expect, test } from '../../support/test';

const ALL_CODES = [
  'portingAccountNumberRequiredOrInvalid',
  'portingAccountPinRequiredOrInvalid',
  'portingAddressRequiredOrInvalid',
  'portingPhoneNumberPortProtected',
];

test.describe('every answer of the simulated carrier that a subscriber sees', () => {
  for (const [number, words] of [
    ['0102', 'without a reason that can be put right here'],
    ['0103', 'without a reason that can be put right here'],
    ['0107', 'does not know this number'],
    ['0108', 'the line is off'],
    ['0109', 'A different company has also asked'],
    ['0116', 'do not allow a transfer'],
  ] as const) {
    test(`${number}: an error screen that says what it means and whom to ask`, async ({ page, api }) => {
      const line = await api.declinedLine(number);
      await enter(page, await api.link(line));
      await expectStep(page, 'error');
      await expect(page.locator('main')).toContainText(words);
      await expect(page.locator('main')).toContainText(line.porting);
      await expect(page.locator('main a[data-primary]')).toHaveAttribute('href', /^mailto:/);
      await expect(page.locator('[data-leave]')).toHaveCount(0);
    });
  }

  test('0103: after support has sent it again, the same link shows that it is done', async ({ page, api }) => {
    const line = await api.declinedLine('0103');
    const url = await api.link(line);
    await enter(page, url);
    await expectStep(page, 'error');
    await api.patch(line, {});
    await api.until(line, 'completed');
    await page.goto(url);
    await expectStep(page, 'overview');
  });

  for (const [number, code, name, value] of [
    ['0113', 'portingFirstNameRequiredOrInvalid', 'firstName', 'Eleonora'],
    ['0114', 'portingLastNameRequiredOrInvalid', 'lastName', 'Lindquist'],
  ] as const) {
    test(`${number}: repaired by the subscriber when the project adds ${code}`, async ({ page, api }) => {
      const line = await api.declinedLine(number);
      await enter(page, await api.link(line));
      await expectStep(page, 'error');
      await api.settings({ repairableCodes: [...ALL_CODES, code] });
      try {
        await enter(page, await api.link(line));
        await expectStep(page, 'holderDetails');
        await expect(control(page, name)).not.toHaveValue('');
        await next(page);
        await expect(page).toHaveTitle(/^Error:/);
        await answer(page, 'holderDetails', { [name]: value });
        await confirm(page);
        await api.until(line, 'completed');
      } finally {
        await api.settings({ repairableCodes: ALL_CODES });
      }
    });
  }

  test('0118: name and account are compared when the project adds the code', async ({ page, api }) => {
    await api.settings({ repairableCodes: [...ALL_CODES, 'portingUserInformationMismatch'] });
    try {
      const line = await api.declinedLine('0118');
      await enter(page, await api.link(line));
      await expectStep(page, 'carrierDetails');
      await next(page);
      await expectStep(page, 'holderDetails');
      await next(page);
      await expect(page).toHaveTitle(/^Error:/);
      await answer(page, 'holderDetails', { firstName: 'Eleonora' });
      await confirm(page);
      await api.until(line, 'completed');
    } finally {
      await api.settings({ repairableCodes: ALL_CODES });
    }
  });

  test('0115: stays on the status page while the carriers take their time', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: us('0115') });
    await enter(page, await api.link(line));
    await answer(page, 'carrierDetails', { accountNumber: '4410027719', accountPin: '482915' });
    await answer(page, 'holderDetails', { firstName: 'Nora', lastName: 'Lindqvist' });
    await answer(page, 'address', { line1: '212 Juniper Street', city: 'Portland', state: 'OR', postalCode: '97205' });
    await confirm(page);
    await expectStep(page, 'outro');
    await api.until(line, 'requested');
    await page.reload();
    await expectStep(page, 'outro');
    await enter(page, await api.link(line));
    await expectStep(page, 'status');
    await expect(page.locator('h1')).toHaveText('Your number is on its way');
  });

  test('0120: a carrier that is silent gets the request once', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: us('0120'), ...COMPLETE });
    await enter(page, await api.link(line));
    await expectStep(page, 'status');
    await expect(page.locator('h1')).toHaveText('We are sending your request');
    await api.until(line, 'completed');
    expect(await api.count(line.porting, 'porting.requested')).toBe(1);
  });

  test('0121: a carrier that is down: kept, and sent as soon as it is back', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: us('0121'), ...COMPLETE });
    await enter(page, await api.link(line));
    await expect(async () => {
      await page.reload();
      await expect(page.locator('h1')).toHaveText('Your request is safe with us', { timeout: 50 });
    }).toPass({ intervals: [25] });
    await expect(page.locator('main')).toContainText('send it as soon as the system is back');
    await api.until(line, 'completed');
    expect(await api.count(line.porting, 'porting.requested')).toBe(1);
  });

  test('0123: an answer that comes twice counts once', async ({ api }) => {
    const line = await api.line({ phoneNumber: us('0123'), ...COMPLETE });
    await api.until(line, 'completed');
    expect(await api.count(line.porting, 'porting.completed')).toBe(1);
  });

  test('0101 and 0126 never get as far as a link', async ({ api }) => {
    const user = await api.user();
    const create = (number: string) =>
      api.call('POST', `/projects/${api.server.project}/portings`, { phoneNumber: us(number), provider: 'test', user });
    expect(await create('0101')).toMatchObject({ status: 422, body: { code: 'portingNotSupported' } });
    expect((await create('0126')).status).toBe(503);
  });
});
