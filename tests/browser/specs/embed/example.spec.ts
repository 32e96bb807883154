import { test as base, expect } from '@playwright/test';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Api } from '../../support/api';
import { answerAll, confirm, expectStep, next } from '../../support/flow';
import { startServer, type Server } from '../../support/server';

const EXAMPLE = readFileSync(join(__dirname, '../../../../examples/embed/index.html'), 'utf8');

const test = base.extend<{}, { server: Server; shop: string }>({
  server: [
    async ({}, use) => {
      const server = await startServer(1);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  // The example as its README serves it, on another site than Portico; only the port is this test's.
  shop: [
    async ({ server }, use) => {
      const html = EXAMPLE.replace('http://127.0.0.1:8080', server.baseUrl);
      const web = createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end(html);
      });
      await once(web.listen(0, '127.0.0.1'), 'listening');
      await use(`http://localhost:${(web.address() as AddressInfo).port}`);
      web.close();
    },
    { scope: 'worker' },
  ],
});

test('the example completes a port of `portico dev`, as its README says', async ({ page, server, shop }) => {
  const api = new Api(server);
  const line = await api.line();
  await page.goto(`${shop}/#${await api.link(line)}`);
  const flow = page.frameLocator('portico-connect iframe');
  await expectStep(flow, 'intro');
  await next(flow);
  await answerAll(flow);
  await confirm(flow);
  await expectStep(flow, 'outro');
  await flow.locator('[data-return]').click();
  await expect(page.getByText('Thank you')).toBeVisible();
  await api.until(line, 'completed');
});
