import { expectStep } from '../../support/flow';
import { STOPS } from '../../support/stops';
import { expect, test } from '../../support/test';

/** What a first round trip carries. */
const LIMIT = 14 * 1024;

test('a first visit of any page, style and all, is at most 14 KiB on the wire', async ({ page, api }) => {
  test.setTimeout(120_000);
  const weights: [string, number][] = [];
  for (const stop of STOPS) {
    const shown = new Promise<number>((resolve) => {
      page.on('response', (response) => {
        const isPage = response.request().resourceType() === 'document' && response.status() !== 303;
        if (isPage) void response.request().sizes().then(({ responseBodySize }) => last(responseBodySize));
      });
      let weight = 0;
      const last = (size: number) => (weight = size);
      void stop.go(page, api).then(async () => {
        await expectStep(page, stop.step);
        await page.waitForLoadState('load');
        resolve(weight);
      });
    });
    weights.push([stop.name, await shown]);
    page.removeAllListeners('response');
  }
  for (const [name, weight] of weights) console.log(`  ${String(weight).padStart(6)} B  ${name}`);
  expect(weights.filter(([, weight]) => weight > LIMIT || weight < 500)).toEqual([]);
});
