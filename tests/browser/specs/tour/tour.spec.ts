import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expectStep } from '../../support/flow';
import { expectReflow, expectSound, layoutShift, weigh } from '../../support/look';
import { STOPS } from '../../support/stops';
import { expect, test } from '../../support/test';

test.describe.configure({ mode: 'parallel' });

/** What a first round trip carries. */
const LIMIT = 14 * 1024;

/** The rules of WCAG 2.2 AA, and what the tool's makers think best. */
async function expectAccessible(page: Page, name: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 90)).join(' | ')}`);
  expect.soft(found, `${name}: axe`).toEqual([]);
}

const WIDTHS = { phone: { width: 320, height: 720 }, desktop: { width: 1280, height: 900 } };

for (const [device, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const javaScriptEnabled of [true, false]) {
      test.describe(`${device}, ${colorScheme}, ${javaScriptEnabled ? 'with' : 'without'} script`, () => {
        test.use({ viewport, colorScheme, javaScriptEnabled });

        test('every screen is sound, accessible, fits, and asks nobody else for anything', async ({ context, api }) => {
          test.setTimeout(180_000);
          for (const stop of STOPS) {
            await test.step(stop.name, async () => {
              const page = await context.newPage();
              await stop.go(page, api);
              await expectStep(page, stop.step);
              await expectSound(page, stop);
              if (viewport.width === 320) await expectReflow(page, stop);
              // axe is a script. The markup without script is the same.
              if (javaScriptEnabled) {
                await expectAccessible(page, stop.name);
                expect.soft(await layoutShift(page), `${stop.name}: layout shift`).toBeLessThan(0.01);
              }
              await page.close();
            });
          }
        });
      });
    }
  }
}

test('a first visit of any page, style and all, is at most 14 KiB on the wire', async ({ context, api }) => {
  test.setTimeout(180_000);
  const weights: [string, number][] = [];
  for (const stop of STOPS) {
    const page = await context.newPage();
    const weight = weigh(page);
    await stop.go(page, api);
    await expectStep(page, stop.step);
    weights.push([stop.name, await weight()]);
    await page.close();
  }
  for (const [name, weight] of weights) console.log(`  ${String(weight).padStart(6)} B  ${name}`);
  expect(weights.filter(([, weight]) => weight > LIMIT || weight < 500)).toEqual([]);
});
