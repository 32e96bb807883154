import { expect, type FrameLocator, type Page } from '@playwright/test';
import { ACCOUNT, ADDRESS, NAME, type Json } from './api';

/** A page of Connect: in a window, or in a frame of another page. */
export type Pane = Page | FrameLocator;

/** The page's one primary button or link. */
export const primary = (page: Pane) => page.locator('[data-primary]');

/** A control by its name. */
export const control = (page: Pane, name: string) => page.locator(`[name="${name}"]`);

/** The page is the one of that name. */
export async function expectStep(page: Pane, name: string): Promise<void> {
  await expect(page.locator('main')).toHaveAttribute('data-step', name);
}

/** Presses the primary button. */
export async function next(page: Pane): Promise<void> {
  await primary(page).click();
}

/** Opens a link and presses the button of its intro page. */
export async function enter(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expectStep(page, 'intro');
  await next(page);
  await expect(page.locator('main')).not.toHaveAttribute('data-step', 'intro');
}

/** Fills controls by name: texts, lists, and boxes to tick. */
export async function fill(page: Pane, values: Json): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    const found = control(page, name).first();
    const kind = await found.evaluate((element) => (element as HTMLInputElement).type);
    if (kind === 'radio') await page.locator(`[name="${name}"][value="${value}"]`).check();
    else if (kind === 'checkbox') await found.setChecked(Boolean(value));
    else if (kind === 'select-one') await found.selectOption(String(value));
    else await found.fill(String(value));
  }
}

/** Answers the step that must be open, and goes on. */
export async function answer(page: Pane, name: string, values: Json): Promise<void> {
  await expectStep(page, name);
  await fill(page, values);
  await next(page);
}

const { country: _, ...address } = ADDRESS;

/** The answers of a US subscriber, by step. */
export const US_ANSWERS = { carrierDetails: ACCOUNT, holderDetails: NAME, address } as const;

/** Answers the given steps as a US subscriber. */
export async function answerAll(page: Pane, steps: (keyof typeof US_ANSWERS)[] = ['carrierDetails', 'holderDetails', 'address']) {
  for (const step of steps) await answer(page, step, US_ANSWERS[step]);
  await expectStep(page, 'review');
}

/** Authorizes on the review page, and sends. */
export async function confirm(page: Pane): Promise<void> {
  await answer(page, 'review', { authorization: true });
}

/** The way back from a result page, until the browser is at the integrator's. */
export async function goBack(page: Page): Promise<void> {
  await page.locator('[data-return]').click();
  await page.waitForURL('https://example.com/**');
}

/** Leaves from a step by the link and the page that asks. */
export async function leave(page: Page): Promise<void> {
  await page.locator('[data-leave]').click();
  await expectStep(page, 'leave');
  await next(page);
}

/** The session's page of that name. */
export function pageOf(page: Page, name: string): string {
  const [, base] = /^(.*\/portal\/s\/[^/?]+)/.exec(page.url()) ?? [];
  if (!base) throw new Error(`not inside a session: ${page.url()}`);
  return `${base}/${name}`;
}
