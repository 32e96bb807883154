import { CALLBACK } from '../../support/api';
import { embedPage, expect, fetchDirectly, openEmbed, publicUrl, test, told } from '../../support/embed';
import { answer, answerAll, confirm, expectStep, next, primary } from '../../support/flow';

test.describe('<portico-connect> with third-party cookies blocked', () => {
  test('this browser refuses cookies of other sites, unless they are kept apart', async ({ page, sites }) => {
    const frame = `${publicUrl(sites)}/portal/probe`;
    await page.route('**/portal/probe', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<script>
          document.cookie = 'plain=1; SameSite=None; Secure; Path=/';
          document.cookie = 'apart=1; SameSite=None; Secure; Path=/; Partitioned';
          document.title = document.cookie;
        </script>`,
      }),
    );
    sites.pages.set('/probe', `<iframe src="${frame}"></iframe>`);
    await page.goto(`${sites.shop}/probe`);
    const inside = page.frames().find((each) => each.url() === frame);
    await expect.poll(() => inside?.title()).toBe('apart=1');
  });

  test('a port is completed inside the page, which is told each step and the end', async ({ page, sites, api }) => {
    const line = await api.line();
    const session = await api.session(line);
    const flow = await openEmbed(page, sites, session.url);
    await expectStep(flow, 'intro');
    await next(flow);
    await answerAll(flow);
    await confirm(flow);
    await expectStep(flow, 'outro');
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('completed');
    await flow.locator('[data-return]').click();
    await expectStep(flow, 'leaving');
    const session_id = session.id;
    const steps = ['intro', 'carrierDetails', 'holderDetails', 'address', 'review', 'outro', 'leaving'];
    expect(await told(page)).toEqual([
      ...steps.map((step) => ['step', { session_id, step }]),
      ['completed', { session_id, status: 'success' }],
    ]);
    expect(page.url()).toBe(`${sites.shop}/move`);
    await api.until(line, 'completed');
  });

  test('the cookie is the frame’s alone and out of reach of other sites', async ({ page, context, sites, api }) => {
    const session = await api.session(await api.line());
    const flow = await openEmbed(page, sites, session.url);
    const answered = page.waitForResponse((response) => response.status() === 303);
    await next(flow);
    const cookie = await (await answered).headerValue('set-cookie');
    expect(cookie).toMatch(/^__Host-portico-csn_[0-9A-Za-z]+=[0-9A-Za-z]{43}; Path=\/; Max-Age=2635200; HttpOnly; SameSite=None; Secure; Partitioned$/);
    await expectStep(flow, 'carrierDetails');
    // A page of another site that frames the same visit has no part in it.
    const other = await context.newPage();
    sites.pages.set('/frame', `<iframe src="${publicUrl(sites)}/portal/s/${session.id}"></iframe>`);
    const refused = other.waitForResponse((response) => response.url().includes('/portal/s/'));
    await other.goto(`${sites.other}/frame`);
    const answer = await refused;
    expect(answer.status()).toBe(404);
    expect(await answer.headerValue('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  test('loading the page again continues where it was', async ({ page, sites, api }) => {
    const line = await api.line();
    const flow = await openEmbed(page, sites, await api.link(line));
    await next(flow);
    await answer(flow, 'carrierDetails', { accountNumber: '4410027719', accountPin: '482915' });
    await expectStep(flow, 'holderDetails');
    await page.reload();
    await expectStep(flow, 'holderDetails');
    expect((await told(page)).map(([type]) => type)).toEqual(['step']);
  });

  test('leaving tells the page, goes nowhere by itself, and has a way back that takes the window', async ({ page, sites, api }) => {
    await page.route(`${CALLBACK}/**`, (route) => route.fulfill({ contentType: 'text/html', body: 'The app' }));
    const session = await api.session(await api.line());
    const flow = await openEmbed(page, sites, session.url);
    await next(flow);
    await flow.locator('[data-leave]').click();
    await expectStep(flow, 'leave');
    await next(flow);
    await expectStep(flow, 'leaving');
    expect((await told(page)).at(-1)).toEqual(['aborted', { session_id: session.id, status: 'user_aborted' }]);
    expect(page.url()).toBe(`${sites.shop}/move`);
    await primary(flow).click();
    await page.waitForURL(`${CALLBACK}/?session_id=${session.id}&status=user_aborted`);
  });

  test('a decline that cannot be repaired is told as failed', async ({ page, sites, api }) => {
    const line = await api.declinedLine('0108');
    const session = await api.session(line);
    const flow = await openEmbed(page, sites, session.url);
    await next(flow);
    await expectStep(flow, 'error');
    await flow.locator('[data-return]').click();
    await expect.poll(async () => (await told(page)).at(-1)).toEqual(['failed', { session_id: session.id, status: 'bad_configuration' }]);
  });

  test('without a callbackUrl the end is told on the last page', async ({ page, sites, api }) => {
    const session = await api.session(await api.line(), { callbackUrl: null });
    const flow = await openEmbed(page, sites, session.url);
    await next(flow);
    await answerAll(flow);
    await confirm(flow);
    await expectStep(flow, 'outro');
    expect((await told(page)).at(-1)).toEqual(['completed', { session_id: session.id, status: 'success' }]);
    await next(flow);
    await expectStep(flow, 'status');
    expect((await told(page)).filter(([type]) => type === 'completed')).toHaveLength(1);
  });

  test('hideIntroPage goes straight to the first question', async ({ page, sites, api }) => {
    const flow = await openEmbed(page, sites, await api.link(await api.line(), { behavior: { hideIntroPage: true } }));
    await expectStep(flow, 'carrierDetails');
  });
});

test.describe('how the element behaves in the page', () => {
  test('its height follows what is in it, and what is typed elsewhere is not interrupted', async ({ page, sites, api }) => {
    const line = await api.line({}, {});
    sites.pages.set('/move', embedPage(sites, await api.link(line, { behavior: { hideIntroPage: true } })).replace('</header>', '<input id="note" autofocus></header>'));
    await page.goto(`${sites.shop}/move`);
    const flow = page.frameLocator('portico-connect iframe');
    await expectStep(flow, 'carrierDetails');
    await expect(page.locator('#note')).toBeFocused();
    const heights = () =>
      Promise.all([
        page.locator('portico-connect').evaluate((element) => element.getBoundingClientRect().height),
        flow.locator('html').evaluate((element) => element.getBoundingClientRect().height),
        flow.locator('html').evaluate((element) => element.scrollHeight - innerHeight),
      ]);
    await expect.poll(async () => Math.round((await heights())[2])).toBeLessThanOrEqual(0);
    const [outer, inner] = await heights();
    expect(Math.abs(outer - inner)).toBeLessThan(2);
    // The errors of an empty form make the page longer.
    await next(flow);
    await expect(flow.locator('.box.bad')).toBeVisible();
    await expect.poll(async () => (await heights())[0]).toBeGreaterThan(outer + 20);
    await expect.poll(async () => Math.round((await heights())[2])).toBeLessThanOrEqual(0);
    await expect(page.locator('portico-connect iframe')).toHaveAttribute('title', 'Number transfer');
  });

  test('while it loads, the page’s own words stand in its place', async ({ page, sites, api }) => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    await page.route('**/portal/entry?*', async (route) => {
      await gate;
      await route.continue();
    });
    const flow = await openEmbed(page, sites, await api.link(await api.line()));
    await expect(page.getByText('One moment')).toBeVisible();
    await expect(page.locator('portico-connect')).toHaveAttribute('aria-busy', 'true');
    const before = await page.locator('portico-connect').evaluate((element) => element.getBoundingClientRect().height);
    expect(before).toBeGreaterThan(300);
    go();
    await expectStep(flow, 'intro');
    await expect(page.getByText('One moment')).toBeHidden();
    await expect(page.locator('portico-connect')).not.toHaveAttribute('aria-busy');
  });

  test('its frame is opened once, and again only for another session', async ({ page, sites, api }) => {
    const opened: string[] = [];
    page.on('request', (request) => request.url().includes('/portal/entry?') && opened.push(request.url()));
    const links = [await api.link(await api.line()), await api.link(await api.line())];
    const flow = await openEmbed(page, sites, links[0]!);
    await expectStep(flow, 'intro');
    const set = (url: string) => page.locator('portico-connect').evaluate((element: any, url) => void (element.url = url), url);
    await set(links[0]!);
    await set(links[1]!);
    await expect.poll(async () => (await told(page)).length).toBe(2);
    const embed = `&embed=${encodeURIComponent(sites.shop)}`;
    expect(opened).toEqual(links.map((link) => link + embed));
  });

  test('messages that are not from the frame, or not from Portico, are ignored', async ({ page, sites, api }) => {
    const flow = await openEmbed(page, sites, await api.link(await api.line()));
    await expectStep(flow, 'intro');
    const before = await told(page);
    const forged = { portico: 1, type: 'page', session_id: 'csn_x', step: 'outro', status: 'success' };
    await page.evaluate((message) => postMessage(message, '*'), forged);
    // From the right window, but of another origin: the frame has been led elsewhere.
    sites.pages.set('/evil', `<script>parent.postMessage(${JSON.stringify(forged)}, '*'); parent.postMessage('done', '*')</script>`);
    await page.evaluate((url) => {
      const inner = document.querySelector('portico-connect')?.shadowRoot?.querySelector('iframe');
      return new Promise<void>((resolve) => {
        addEventListener('message', ({ data }) => data === 'done' && resolve());
        if (inner) inner.src = url;
      });
    }, `${sites.other}/evil`);
    expect(await told(page)).toEqual(before);
  });

  test('messages go to the page that framed it and to nobody else', async ({ page, sites, api }) => {
    // A listed page that is not the one the frame was made for.
    const url = `${await api.link(await api.line())}&embed=${encodeURIComponent(sites.shop)}`;
    const heard = `<script>heard = []; addEventListener('message', (event) => heard.push(event.data))</script>`;
    sites.pages.set('/frame', `${heard}<iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`);
    await page.goto(`${sites.other}/frame`);
    await expect.poll(() => page.frames().length).toBe(2);
    await page.waitForLoadState('load');
    expect(await page.evaluate('heard')).toEqual([]);
    await page.goto(`${sites.shop}/frame`);
    await expectStep(page.frameLocator('iframe'), 'intro');
    const messages = (await page.evaluate('heard')) as object[];
    expect(new Set(messages.flatMap(Object.keys))).toEqual(new Set(['portico', 'type', 'session_id', 'step', 'status', 'height']));
  });

  test('another listed page that shows the frame hears nothing of it', async ({ browser, sites, api }) => {
    // Without our policy, which would not let it be shown there: what is told still names who may hear it.
    const page = await (await browser.newContext()).newPage();
    await page.route('**/portal/entry?*', async (route) => {
      const response = await fetchDirectly(route, sites);
      const { 'content-security-policy': _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    const url = `${await api.link(await api.line())}&embed=${encodeURIComponent(sites.shop)}`;
    const heard = `<script>heard = []; addEventListener('message', (event) => heard.push(event.data))</script>`;
    sites.pages.set('/frame', `${heard}<iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`);
    for (const [origin, hears] of [[sites.other, false], [sites.shop, true]] as const) {
      await page.goto(`${origin}/frame`);
      const flow = page.frameLocator('iframe');
      await expectStep(flow, 'intro');
      await flow.locator('main').evaluate(() => parent.postMessage('done', '*'));
      await expect.poll(() => page.evaluate(`heard.includes('done')`)).toBe(true);
      expect(await page.evaluate(`heard.some((it) => it.portico)`), origin).toBe(hears);
    }
    await page.context().close();
  });

  test('a page that places it and then listens misses nothing', async ({ page, sites }) => {
    sites.pages.set('/late', `<script type="module">
      import '${publicUrl(sites)}/embed/portico-connect.js';
      const flow = document.createElement('portico-connect');
      flow.url = 'nonsense';
      document.body.append(flow);
      window.told = [];
      flow.addEventListener('failed', ({ type, detail }) => told.push([type, detail.status]));
      // Put elsewhere, it is still one visit.
      document.body.append(flow);
    </script>`);
    await page.goto(`${sites.shop}/late`);
    await expect.poll(() => told(page)).toEqual([['failed', 'bad_configuration']]);
    // A page in a sandbox has no origin.
    const inner = `<script type="module">
      import '${publicUrl(sites)}/embed/portico-connect.js';
      const flow = document.createElement('portico-connect');
      flow.url = '${publicUrl(sites)}/portal/entry?session=csn_x';
      document.body.append(flow);
      flow.addEventListener('fallback', (event) => { event.preventDefault(); parent.postMessage(event.detail.reason, '*'); });
    </script>`;
    sites.pages.set('/inner', inner);
    sites.pages.set('/sandbox', `<script>told = []; addEventListener('message', ({ data }) => told.push(data))</script>
      <iframe sandbox="allow-scripts" src="/inner"></iframe>`);
    await page.goto(`${sites.shop}/sandbox`);
    await expect.poll(() => told(page)).toEqual(['origin']);
  });

  test('a url that is none, or not safe, is told as failed and loads nothing', async ({ page, sites }) => {
    for (const url of ['nonsense', 'http://connect.example/portal/entry', 'javascript:alert(1)']) {
      await openEmbed(page, sites, url);
      await expect.poll(() => told(page)).toEqual([['failed', { session_id: null, status: 'bad_configuration' }]]);
      expect(page.frames()).toHaveLength(1);
    }
  });
});
