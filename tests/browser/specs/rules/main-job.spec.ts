import { ACCOUNT, CALLBACK, COMPLETE, NAME, us } from '../../support/api';
import { answer, answerAll, confirm, control, enter, expectStep, fill, goBack, leave, next, pageOf } from '../../support/flow';
import { expect, test } from '../../support/test';

test.describe('the main job, rule by rule', () => {
  test('rule 1: one call makes a session for a user; callbackUrl is optional', async ({ api }) => {
    const line = await api.line();
    const session = await api.session(line, { callbackUrl: null });
    expect(session).toMatchObject({ object: 'connectSession', user: line.user, callbackUrl: null, status: 'created' });
    expect(session.intent.completePorting.subscription).toBe(line.subscription);
    expect(session.url).toMatch(/\/portal\/entry\?session=csn_[0-9A-Za-z]{28}&token=[0-9A-Za-z]{64}$/);
    expect((await api.session(line)).callbackUrl).toBe(CALLBACK);
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).url).toBeNull();
  });

  test('rule 2: the link opens on the complete-porting page of that subscription', async ({ page, api }) => {
    await api.line({ phoneNumber: '+19595550999' });
    const line = await api.line({ phoneNumber: '+19595550998' });
    await enter(page, await api.link(line));
    await expectStep(page, 'carrierDetails');
    await expect(page.locator('main')).toContainText('555-0998');
  });

  test('rule 3: another day, another device: resumes at the step where it was left', async ({ page, api, otherBrowser }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answer(page, 'carrierDetails', ACCOUNT);
    await answer(page, 'holderDetails', NAME);
    await expectStep(page, 'address');
    await api.advance(24 * 3600);
    const other = await otherBrowser();
    await other.goto(await api.link(line));
    await expect(other.locator('h1')).toHaveText('Continue your transfer');
    await next(other);
    await expectStep(other, 'address');
    await expect(other.getByText('Step 1 of 2')).toBeVisible();
  });

  test('rule 3: with everything answered but not confirmed, it resumes on the review', async ({ page, api }) => {
    const line = await api.line();
    await enter(page, await api.link(line));
    await answerAll(page);
    await enter(page, await api.link(line));
    await expectStep(page, 'review');
  });

  test('rule 4: when all is done, back to callbackUrl with session_id and status=success', async ({ page, api, returns }) => {
    const session = await api.session(await api.line(COMPLETE));
    await enter(page, session.url);
    await goBack(page);
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=success`]);
  });

  test('rule 4: without a callbackUrl it ends on a page that says what happens next', async ({ page, api }) => {
    const line = await api.line({ phoneNumber: us('0115') });
    await enter(page, await api.link(line, { callbackUrl: null }));
    await answerAll(page);
    await confirm(page);
    await expectStep(page, 'outro');
    await expect(page.getByRole('heading', { name: 'What happens next' })).toBeVisible();
    await expect(page.locator('[data-return]')).toHaveCount(0);
    await next(page);
    await expectStep(page, 'status');
  });

  test('rule 5: nothing to port opens the overview, and the session warns of it', async ({ page, api, returns }) => {
    const session = await api.session(await api.plainLine());
    expect(session.warnings).toMatchObject([{ code: 'noPendingPorting' }]);
    await enter(page, session.url);
    await expectStep(page, 'overview');
    await expect(page.locator('main')).toContainText('Aurora Everywhere');
    await goBack(page);
    expect(returns[0]).toContain('status=success');
  });

  for (const [number, step, field] of [
    ['0111', 'carrierDetails', 'accountNumber'],
    ['0110', 'carrierDetails', 'accountPin'],
    ['0112', 'address', 'line1'],
    ['0105', 'portProtected', 'protectionDisabled'],
  ] as const) {
    test(`rule 6: ${number} leads to the screen that repairs exactly that: ${field}`, async ({ page, api }) => {
      await enter(page, await api.link(await api.declinedLine(number)));
      await expectStep(page, step);
      await expect(control(page, field)).toBeVisible();
      await expect(page.locator('[data-leave]')).toBeVisible();
    });
  }

  test('rule 7: another decline shows an error screen with support, and back with bad_configuration', async ({ page, api, returns }) => {
    const session = await api.session(await api.declinedLine('0102'));
    await enter(page, session.url);
    await expectStep(page, 'error');
    await expect(page.locator('main a[data-primary]')).toHaveAttribute('href', 'mailto:help@aurora.example');
    await goBack(page);
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=bad_configuration`]);
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('failed');
  });

  test('rule 8: while repair is off, a repairable decline is an error screen too', async ({ page, api, returns }) => {
    const line = await api.declinedLine('0110');
    await api.settings({ selfServiceRepair: false });
    try {
      await enter(page, await api.link(line));
      await expectStep(page, 'error');
      await page.goto(pageOf(page, 'carrierDetails'));
      await expectStep(page, 'error');
      await goBack(page);
      expect(returns[0]).toContain('status=bad_configuration');
    } finally {
      await api.settings({ selfServiceRepair: true });
    }
  });

  test('rule 9: the page that is open when leaving keeps what was saved, and the porting stays', async ({ page, api }) => {
    const line = await api.line();
    const session = await api.session(line);
    await enter(page, session.url);
    await answerAll(page);
    await leave(page);
    await page.waitForURL('https://example.com/**');
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('aborted');
    expect((await api.porting(line)).status).toBe('informationRequired');
    await page.goto(`${api.server.baseUrl}/portal/s/${session.id}`);
    await expectStep(page, 'review');
    expect((await api.ok('GET', `/connectSessions/${session.id}`)).status).toBe('opened');
  });

  test('rule 10: a link that ran out leads back with auth_expired and shows nothing personal', async ({ page, api, returns }) => {
    const line = await api.line({ ...ACCOUNT, ...NAME });
    const session = await api.session(line);
    await api.advance(31 * 60);
    await page.goto(session.url);
    await expectStep(page, 'expired');
    for (const secret of ['555', NAME.lastName, ACCOUNT.accountNumber]) {
      await expect(page.locator('body')).not.toContainText(secret);
    }
    await goBack(page);
    expect(returns).toEqual([`https://example.com/?session_id=${session.id}&status=auth_expired`]);
  });

  test('rule 10: a link of nobody says what to do, and offers nothing', async ({ page, api }) => {
    const url = (await api.link(await api.line())).replace(/.{8}$/, 'AAAAAAAA');
    await page.goto(url);
    await expectStep(page, 'expired');
    await expect(page.locator('main')).toContainText('open it again from the app or message');
    await expect(page.locator('[data-return], [data-primary]')).toHaveCount(0);
  });
});

test('what is known of the user is suggested, and only that', async ({ page, api }) => {
  const line = await api.line({}, { fullName: 'Nora Kim Lindqvist' });
  await api.ok('POST', `/users/${line.user}/addresses`, { line1: '9 Elm Road', city: 'Boise', state: 'ID', postalCode: '83702', country: 'US' });
  await enter(page, await api.link(line));
  await expect(control(page, 'accountPin')).toHaveValue('');
  await answer(page, 'carrierDetails', ACCOUNT);
  await expect(control(page, 'firstName')).toHaveValue('Nora Kim');
  await expect(control(page, 'lastName')).toHaveValue('Lindqvist');
  await next(page);
  await expect(control(page, 'line1')).toHaveValue('9 Elm Road');
  await expect(control(page, 'state')).toHaveValue('ID');
  await fill(page, { line1: '10 Elm Road' });
  await next(page);
  await expectStep(page, 'review');
  expect((await api.porting(line)).address.line1).toBe('10 Elm Road');
});
