import { expect, type Page } from '@playwright/test';
import type { Stop } from './stops';

/** What every page keeps to, whatever it shows. */
export async function expectSound(page: Page, stop: Stop): Promise<void> {
  const soft = expect.configure({ soft: true });
  await soft(page.locator('[data-primary]'), `${stop.name}: one primary action`).toHaveCount(stop.isEnd ? 0 : 1);
  await soft(page.locator('h1'), `${stop.name}: one heading`).toHaveCount(1);
  for (const landmark of ['banner', 'main', 'contentinfo'] as const) {
    await soft(page.getByRole(landmark), `${stop.name}: ${landmark}`).toHaveCount(1);
  }
  await soft(page.locator('html')).toHaveAttribute('lang', 'en');
  const seen = await page.evaluate(look);
  soft(seen.overflow, `${stop.name}: wider than the screen`).toBe(0);
  soft(seen.small, `${stop.name}: too small to hit`).toEqual([]);
  soft(seen.inline, `${stop.name}: inline style or handler`).toEqual([]);
}

/** In the page: what sticks out, what is too small, what should not be there. */
function look() {
  const root = document.documentElement;
  const name = (element: Element) => element.outerHTML.slice(0, 90);
  const isVisible = (element: Element) => element.getClientRects().length > 0;
  const targets = [...document.querySelectorAll('main button, header button, header a, select, input, .actions a, .change a, .saved a')]
    .filter((element) => isVisible(element) && (element as HTMLInputElement).type !== 'hidden')
    // A tick box is hit by its statement.
    .map((element) => (element.closest('label.choice') ?? element));
  const small = targets.filter((element) => element.getBoundingClientRect().height < 43.5 || element.getBoundingClientRect().width < 43.5);
  const inline = [...document.querySelectorAll('*')].filter((element) =>
    // An empty one is left behind when the test changes the colours.
    [...element.attributes].some(({ name: key, value }) => (key === 'style' && value !== '') || key.startsWith('on')),
  );
  return { overflow: root.scrollWidth - root.clientWidth, small: small.map(name), inline: inline.map(name) };
}

/** With letters of twice the size, nothing sticks out either. */
export async function expectReflow(page: Page, name: string): Promise<void> {
  const overflow = await page.evaluate(() => {
    const root = document.documentElement;
    root.style.fontSize = '200%';
    const wide = root.scrollWidth - root.clientWidth;
    root.removeAttribute('style');
    return wide;
  });
  expect.soft(overflow, `${name}: wider than the screen at 200 % text`).toBe(0);
}

/** How far things moved on their own while the page appeared. */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
      }),
  );
}

/** Notes what the page shown last weighed on the wire, in bytes. */
export function weigh(page: Page): () => Promise<number> {
  let last = Promise.resolve(0);
  page.on('response', (response) => {
    const isPage = response.request().resourceType() === 'document' && response.status() !== 303;
    if (isPage) last = response.request().sizes().then(({ responseBodySize }) => responseBodySize);
  });
  return () => last;
}
