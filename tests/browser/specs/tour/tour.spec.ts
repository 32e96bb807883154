import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expectStep } from '../../support/flow';
import { expectReflow, expectSound, layoutShift, weigh } from '../../support/look';
import { PARTS } from '../../support/stops';
import { expect, test } from '../../support/test';

test.describe.configure({ mode: 'parallel' });

/** What a first round trip carries. */
const LIMIT = 14 * 1024;

// Width and colours are the style's business alone, so a screen is looked at in all four ways
// where it stands.
const WIDTHS = { phone: { width: 320, height: 720 }, desktop: { width: 1280, height: 900 } };
const WAYS = Object.entries(WIDTHS).flatMap(([device, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ way: `${device}, ${colorScheme}`, viewport, colorScheme })),
);

/** The rules of WCAG 2.2 AA, and what the tool's makers think best. */
async function expectAccessible(page: Page, name: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 90)).join(' | ')}`);
  expect.soft(found, `${name}: axe`).toEqual([]);
}

for (const [part, stops] of Object.entries(PARTS)) {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(`${part}, ${javaScriptEnabled ? 'with' : 'without'} script`, () => {
      // Colours are switched under a standing page: without motion they are there at once, as they are
      // for everybody after a tenth of a second.
      test.use({ javaScriptEnabled, contextOptions: { reducedMotion: 'reduce' } });

      test('each screen is sound, accessible and light, and fits: phone and desktop, light and dark', async ({ context, api }) => {
        test.setTimeout(180_000);
        for (const stop of stops) {
          await test.step(stop.name, async () => {
            const page = await context.newPage();
            const weight = weigh(page);
            await stop.go(page, api);
            await expectStep(page, stop.step);
            expectLight(stop.name, await weight());
            if (javaScriptEnabled) expect.soft(await layoutShift(page), `${stop.name}: layout shift`).toBeLessThan(0.01);
            for (const { way, viewport, colorScheme } of WAYS) {
              await page.setViewportSize(viewport);
              await page.emulateMedia({ reducedMotion: 'reduce', colorScheme });
              const name = `${stop.name} (${way})`;
              await expectSound(page, { ...stop, name });
              if (viewport.width === 320) await expectReflow(page, name);
              // axe is a script. The markup without script is the same.
              if (javaScriptEnabled) await expectAccessible(page, name);
            }
            await page.close();
          });
        }
      });
    });
  }
}

function expectLight(name: string, weight: number) {
  console.log(`  ${String(weight).padStart(6)} B on the wire  ${name}`);
  expect.soft(weight, `${name}: bytes of the page, style and all`).toBeLessThanOrEqual(LIMIT);
  expect.soft(weight, `${name}: was weighed`).toBeGreaterThan(500);
}
