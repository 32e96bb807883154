import { de, gb, us } from '../../support/api';
import { answer, answerAll, confirm, control, enter, expectStep, goBack, next, primary } from '../../support/flow';
import { expect, test } from '../../support/test';

test.describe('the whole way', () => {
  test('US: asked only what is needed, confirmed, sent, and back with success', async ({ page, api, returns }) => {
    const line = await api.line();
    const session = await api.session(line);
    await enter(page, session.url);
    await expect(page.getByText('Step 1 of 4')).toBeVisible();
    await answerAll(page);
    await expect(page.getByText('Step 4 of 4')).toBeVisible();
    await expect(primary(page)).toHaveText('Transfer my number');
    await confirm(page);
    await expectStep(page, 'outro');
    await expect(page.getByText(line.porting)).toBeVisible();
    await expect(page.getByText('Keep your current plan until then')).toBeVisible();
    await goBack(page);
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=success`]);
    const porting = await api.until(line, 'completed');
    expect(porting.declinedAttempts).toBe(0);
    expect(await api.count(line.porting, 'porting.requested')).toBe(1);
  });

  test('UK: a PAC is enough', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: gb(), provider: 't12' });
    await enter(page, await api.link(line));
    await expect(page.locator('h1')).toHaveText('Your PAC');
    await expect(control(page, 'accountNumber')).toHaveCount(0);
    await answer(page, 'carrierDetails', { accountPin: 'abc 123456' });
    await confirm(page);
    await expectStep(page, 'outro');
    await api.until(line, 'completed');
  });

  test('UK: a STAC ends the old line, and the button says so', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: gb(), provider: 't12', behavior: 'cancelOnly' });
    await enter(page, await api.link(line));
    await expect(page.locator('h1')).toHaveText('Your STAC');
    await answer(page, 'carrierDetails', { accountPin: 'ABC123456' });
    await expect(page.locator('#accountPin-remark')).toContainText('six digits and three letters');
    await answer(page, 'carrierDetails', { accountPin: '123456ABC' });
    await expectStep(page, 'review');
    await expect(primary(page)).toHaveText('End my old line');
    await expect(page.locator('main')).not.toContainText('Keep your current plan');
    await confirm(page);
    await expectStep(page, 'outro');
    await api.until(line, 'completed');
  });

  test('Germany: donor, name and birthday', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: de(), provider: 'tde' });
    await enter(page, await api.link(line));
    await expectStep(page, 'donorProvider');
    await page.getByText('Telekom', { exact: false }).first().click();
    await next(page);
    await answer(page, 'holderDetails', {
      firstName: 'Jürgen',
      lastName: 'Weiß-Özdemir',
      'birthday-day': '7',
      'birthday-month': '3',
      'birthday-year': '1987',
    });
    await expectStep(page, 'review');
    await expect(page.locator('main')).toContainText('Jürgen Weiß-Özdemir');
    await expect(page.locator('main')).toContainText('March 7, 1987');
    await confirm(page);
    await expectStep(page, 'outro');
    expect((await api.porting(line)).birthday).toBe('1987-03-07');
    await api.until(line, 'completed');
  });

  test('0104: the current carrier has to agree first', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: us('0104') });
    await enter(page, await api.link(line));
    await answer(page, 'carrierDetails', { accountNumber: '4410027719', accountPin: '482915' });
    await answer(page, 'holderDetails', { firstName: 'Nora', lastName: 'Lindqvist' });
    await answer(page, 'address', { line1: '212 Juniper Street', city: 'Portland', state: 'OR', postalCode: '97205' });
    await expectStep(page, 'donorProviderApproval');
    await next(page);
    await expect(page).toHaveTitle(/^Error:/);
    await answer(page, 'donorProviderApproval', { donorProviderApproval: true });
    await confirm(page);
    await api.until(line, 'completed');
    expect((await api.porting(line)).donorProviderApproval).toBe(true);
  });
});

test.describe('the list of carriers (0125)', () => {
  test('a carrier is found in the list, and its own help is shown', async ({ page, api, javaScriptEnabled }) => {
    const line = await api.line({ phoneNumber: us('0125') });
    await enter(page, await api.link(line));
    await expectStep(page, 'donorProvider');
    const search = page.getByRole('searchbox');
    if (javaScriptEnabled === false) {
      await expect(search).toHaveCount(0);
    } else {
      await search.fill('verizon pre');
      await expect(page.locator('.choice:visible')).toHaveText(['Verizon Prepaid', 'My carrier is not listed']);
      await search.fill('no such carrier');
      await expect(page.getByText('No carrier has this name here.')).toBeVisible();
      await search.fill('veri');
    }
    await page.getByText('Verizon', { exact: true }).click();
    await next(page);
    await expectStep(page, 'carrierDetails');
    await expect(page.locator('main')).toContainText('My Verizon');
    await expect(page.locator('a[href^="tel:"]').first()).toHaveAttribute('href', /7678/);
  });

  test('“My carrier is not listed” goes on with general help', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: us('0125') });
    await enter(page, await api.link(line));
    await expectStep(page, 'donorProvider');
    await page.getByText('My carrier is not listed').click();
    await next(page);
    await answerAll(page);
    await confirm(page);
    await expectStep(page, 'outro');
    expect((await api.porting(line)).donorProvider.name).toBe('Other');
    await api.until(line, 'completed');
  });
});
