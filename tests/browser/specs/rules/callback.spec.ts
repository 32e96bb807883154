import { expectStep, enter, goBack, leave, next, pageOf, answerAll, confirm, primary } from '../../support/flow';
import { COMPLETE } from '../../support/api';
import { raw, visit } from '../../support/raw';
import { expect, test } from '../../support/test';

test.describe('callbackUrl', () => {
  test('its own parameters and fragment are untouched; ours stand after them', async ({ page, api, returns }) => {
    const callbackUrl = 'https://example.com/back?b=2&a=%C3%A4&status=mine#part';
    const session = await api.session(await api.plainLine(), { callbackUrl });
    await enter(page, session.url);
    await goBack(page);
    const back = `https://example.com/back?b=2&a=%C3%A4&status=mine&session_id=${session.id}&status=success`;
    expect(returns.map((url) => url.split('#')[0])).toEqual([back]);
    expect(page.url()).toBe(`${back}#part`);
  });

  test('the way there is a page of ours that names the host and goes on by itself', async ({ server, api }) => {
    const session = await api.session(await api.line());
    const { cookie, home, token: form_token } = await visit(server, session.url);
    const left = await raw(server, `${home}/leave`, { headers: { cookie }, form: { form_token, action: 'leave' } });
    expect(left.headers.get('location')).toBe(`${home}/leaving`);
    const { text } = await raw(server, `${home}/leaving`, { headers: { cookie } });
    const html = text.replaceAll('&#38;', '&').replaceAll('&amp;', '&');
    const target = `https://example.com/?session_id=${session.id}&status=user_aborted`;
    expect(html).toContain('data-step="leaving"');
    expect(html).toContain('You are on your way to example.com.');
    expect(html).toContain(`<meta http-equiv="refresh" content="0;url=${target}">`);
    expect(html).toContain(`href="${target}" data-primary data-return>`);
  });

  test('an app scheme: a button as well', async ({ page, api }) => {
    const session = await api.session(await api.line(), { callbackUrl: 'myapp://port/done?x=1' });
    await enter(page, session.url);
    await leave(page);
    await expectStep(page, 'leaving');
    const button = page.locator('[data-primary][data-return]');
    await expect(button).toHaveAttribute('href', `myapp://port/done?x=1&session_id=${session.id}&status=user_aborted`);
    await expect(button).toHaveText('Open the Aurora Mobile app');
  });

  test('success, aborted and bad_configuration are what the API says, too', async ({ page, api, returns }) => {
    const ends: [string, string][] = [];
    for (const [line, go] of [
      [await api.plainLine(), () => goBack(page)],
      [await api.line(), () => leave(page).then(() => page.waitForURL('https://example.com/**'))],
      [await api.declinedLine('0108'), () => goBack(page)],
    ] as const) {
      const session = await api.session(line);
      await enter(page, session.url);
      await go();
      const kept = await api.ok('GET', `/connectSessions/${session.id}`);
      ends.push([kept.status, kept.outcome.status]);
    }
    expect(ends).toEqual([['completed', 'success'], ['aborted', 'user_aborted'], ['failed', 'bad_configuration']]);
    expect(returns.map((url) => url.split('status=')[1])).toEqual(ends.map(([, status]) => status));
  });

  test('without one, no result page has a way back, and each still has one thing to do', async ({ page, api }) => {
    for (const [line, step] of [
      [await api.plainLine(), 'overview'],
      [await api.declinedLine('0109'), 'error'],
      [await api.line({ phoneNumber: '+19595550115', ...COMPLETE }), 'status'],
    ] as const) {
      await enter(page, await api.link(line, { callbackUrl: null }));
      await expectStep(page, step);
      await expect(page.locator('[data-return]')).toHaveCount(0);
      await expect(primary(page)).toHaveCount(1);
    }
  });

  test('the page on the way cannot be made to lead anywhere before the visit has ended', async ({ page, api, returns }) => {
    await enter(page, await api.link(await api.line()));
    await page.goto(pageOf(page, 'leaving'));
    await expectStep(page, 'carrierDetails');
    expect(returns).toEqual([]);
  });
});

test.describe('behavior', () => {
  test('hideIntroPage: with script the page behind the link goes on by itself', async ({ page, api }) => {
    await page.goto(await api.link(await api.line(), { behavior: { hideIntroPage: true } }));
    await expectStep(page, 'carrierDetails');
  });

  test('hideIntroPage: without script there is the same button', async ({ browser, contextOptions, api }) => {
    const context = await browser.newContext({ ...contextOptions, javaScriptEnabled: false });
    const page = await context.newPage();
    await enter(page, await api.link(await api.line(), { behavior: { hideIntroPage: true } }));
    await expectStep(page, 'carrierDetails');
    await context.close();
  });

  test('hideOutroPage: from the confirmation straight back with success', async ({ page, api, returns }) => {
    const session = await api.session(await api.line(), { behavior: { hideOutroPage: true } });
    await enter(page, session.url);
    await answerAll(page);
    await confirm(page);
    await page.waitForURL('https://example.com/**');
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=success`]);
  });

  test('hideOutroPage without a callbackUrl has no effect', async ({ page, api }) => {
    await enter(page, await api.link(await api.line(), { callbackUrl: null, behavior: { hideOutroPage: true } }));
    await answerAll(page);
    await confirm(page);
    await expectStep(page, 'outro');
  });

  test('a session without a user asks to open the link from the app', async ({ page, api }) => {
    const line = await api.line();
    const session = await api.ok('POST', '/connectSessions', {
      intent: { type: 'completePorting', completePorting: { subscription: line.subscription } },
      callbackUrl: 'https://example.com',
    });
    expect(session.url).not.toContain('token');
    await page.goto(session.url);
    await expect(page.locator('h1')).toHaveText('Open this from the app');
    await expect(page.locator('[data-return]')).toHaveCount(0);
  });

  for (const theme of ['light', 'dark'] as const) {
    test(`appearance.theme ${theme} wins over the device`, async ({ page, api }) => {
      await page.emulateMedia({ colorScheme: theme === 'dark' ? 'light' : 'dark' });
      await page.goto(await api.link(await api.line(), { theme }));
      const sum = await page.evaluate(() => {
        const [r = 0, g = 0, b = 0] = (getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number);
        return r + g + b;
      });
      expect(sum > 380).toBe(theme === 'light');
      await next(page);
      await expectStep(page, 'carrierDetails');
      await expect(page.locator('meta[name="color-scheme"]')).toHaveAttribute('content', theme);
    });
  }
});
