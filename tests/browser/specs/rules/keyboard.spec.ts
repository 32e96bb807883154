import type { Page } from '@playwright/test';
import { ACCOUNT, ADDRESS, NAME, us } from '../../support/api';
import { control, enter, expectStep, next } from '../../support/flow';
import { expect, test } from '../../support/test';

/** In the page: whether the focus is at `selector`, and whether that can be seen. */
function focused(selector: string) {
  const at = document.activeElement ?? document.body;
  // A tick box shows its focus around its statement.
  const marked = [at, at.closest('label') ?? at].map((element) => getComputedStyle(element));
  const isMarked = marked.some(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none');
  return { isThere: at.matches(selector), isMarked };
}

/** Presses Tab until the focus is at `selector`, and sees it there. */
async function tabTo(page: Page, selector: string) {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(focused, selector);
    if (!found.isThere) continue;
    expect(found.isMarked, `${selector} shows its focus`).toBe(true);
    return;
  }
  throw new Error(`Tab never came to ${selector}`);
}

async function type(page: Page, name: string, text: string) {
  await tabTo(page, `[name="${name}"]`);
  await page.keyboard.type(text);
}

test('the whole way with Tab, Enter and Space alone, the heading focused after each step', async ({ page, api }) => {
  const line = await api.line({ phoneNumber: us('0125') });
  await page.goto(await api.link(line));
  await tabTo(page, '[data-primary]');
  await page.keyboard.press('Enter');

  await expectStep(page, 'donorProvider');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo(page, '#donorProvider-search');
  await page.keyboard.type('cricket');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('radio', { name: 'Cricket Wireless' })).toBeChecked();
  await tabTo(page, '[data-primary]');
  await page.keyboard.press('Enter');

  await expectStep(page, 'carrierDetails');
  await expect(page.locator('h1')).toBeFocused();
  await type(page, 'accountNumber', ACCOUNT.accountNumber);
  await type(page, 'accountPin', ACCOUNT.accountPin);
  await page.keyboard.press('Enter');
  const warned = page.locator('.box.warn');
  await expect(warned.or(page.locator('main[data-step="holderDetails"]'))).toBeVisible();
  if (await warned.isVisible()) {
    await tabTo(page, '[data-primary]');
    await page.keyboard.press('Space');
  }

  await expectStep(page, 'holderDetails');
  await expect(page.locator('h1')).toBeFocused();
  await type(page, 'firstName', NAME.firstName);
  await type(page, 'lastName', NAME.lastName);
  await page.keyboard.press('Enter');

  await expectStep(page, 'address');
  await expect(page.locator('h1')).toBeFocused();
  await type(page, 'line1', ADDRESS.line1);
  await type(page, 'city', ADDRESS.city);
  await type(page, 'state', 'Oreg');
  await type(page, 'postalCode', ADDRESS.postalCode);
  await page.keyboard.press('Enter');

  await expectStep(page, 'review');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo(page, '[name="authorization"]');
  await page.keyboard.press('Space');
  await tabTo(page, '[data-primary]');
  await page.keyboard.press('Enter');

  await expectStep(page, 'outro');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo(page, '[data-return]');
  await page.keyboard.press('Enter');
  await page.waitForURL('https://example.com/**');
  await api.until(line, 'completed');
});

test('an error summary is where the focus is, and its links lead to the fields', async ({ page, api }) => {
  await enter(page, await api.link(await api.line()));
  await next(page);
  await expect(page.locator('.box.bad')).toBeFocused();
  await tabTo(page, 'a[href="#accountPin"]');
  await page.keyboard.press('Enter');
  await expect(control(page, 'accountPin')).toBeFocused();
});

test('leaving by keyboard', async ({ page, api, returns }) => {
  await enter(page, await api.link(await api.line()));
  await tabTo(page, '[data-leave]');
  await page.keyboard.press('Enter');
  await expectStep(page, 'leave');
  await tabTo(page, '[data-primary]');
  await page.keyboard.press('Space');
  await page.waitForURL('https://example.com/**');
  expect(returns[0]).toContain('status=user_aborted');
});
