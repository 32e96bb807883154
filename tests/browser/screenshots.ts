// Pictures of the flow: `npm run screenshots` with PORTICO_BIN set.
//
// Every screen goes to screenshots/, to be looked at; three of them side by side to
// docs/images/flow.png, for the README.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { us } from './support/api';
import { answer, expectStep, fill, next } from './support/flow';
import { PARTS } from './support/stops';
import { test } from './support/test';

const FOLDER = join(__dirname, 'screenshots');
const PICTURE = join(__dirname, '../../docs/images/flow.png');
const WIDTHS = { phone: { width: 320, height: 640 }, desktop: { width: 1280, height: 800 } };

for (const [device, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${device}-${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('every screen', async ({ context, api }) => {
        test.setTimeout(180_000);
        await mkdir(FOLDER, { recursive: true });
        for (const stop of Object.values(PARTS).flat()) {
          const page = await context.newPage();
          await stop.go(page, api);
          await expectStep(page, stop.step);
          const name = `${stop.name.replaceAll(/\W+/g, '-')}.${device}-${colorScheme}.png`;
          await page.screenshot({ path: join(FOLDER, name), fullPage: true });
          await page.close();
        }
      });
    });
  }
}

test.describe('flow', () => {
  test.use({ viewport: { width: 375, height: 950 }, deviceScaleFactor: 2, colorScheme: 'light' });

  test('three steps side by side, for the README', async ({ page, api, browser }) => {
    const shots: Buffer[] = [];
    const line = await api.line({ phoneNumber: us('0125') }, { fullName: 'Nora Lindqvist' });
    await page.goto(await api.link(line));
    shots.push(await page.screenshot());
    await next(page);
    await page.getByText('Verizon', { exact: true }).click();
    await next(page);
    await expectStep(page, 'carrierDetails');
    await fill(page, { accountNumber: '44100277190001', accountPin: '482915' });
    await page.locator('h1').focus();
    await page.evaluate(() => scrollTo(0, 0));
    shots.push(await page.screenshot());
    await next(page);
    await answer(page, 'holderDetails', {});
    await answer(page, 'address', { line1: '212 Juniper Street', city: 'Portland', state: 'OR', postalCode: '97205' });
    await expectStep(page, 'review');
    shots.push(await page.screenshot());

    const sheet = await browser.newPage({ viewport: { width: 1200, height: 940 }, deviceScaleFactor: 1 });
    const phones = shots.map((shot) => `<img src="data:image/png;base64,${shot.toString('base64')}">`).join('');
    await sheet.setContent(`<style>
      body { margin: 0; height: 940px; display: flex; gap: 40px; align-items: center; justify-content: center; background: #eceaf4 }
      img { width: 340px; border-radius: 28px; box-shadow: 0 1px 3px #0002, 0 16px 40px #0002 }
    </style>${phones}`);
    await mkdir(join(PICTURE, '..'), { recursive: true });
    await writeFile(PICTURE, await sheet.screenshot());
    await sheet.close();
  });
});
