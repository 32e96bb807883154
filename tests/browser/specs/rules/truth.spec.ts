import { COMPLETE } from '../../support/api';
import { hidden, raw, visit } from '../../support/raw';
import { expect, test } from '../../support/test';

test.describe('nothing is authorized that was not shown', () => {
  const { address: ADDRESS, ...REST } = COMPLETE;

  test('a visit that only looks cannot send, whatever it posts', async ({ server, api }) => {
    const line = await api.line(REST);
    const { cookie, home } = await visit(server, await api.link(line));
    const step = await raw(server, `${home}/address`, { headers: { cookie } });
    const { country: _, ...parts } = ADDRESS;
    await raw(server, `${home}/address`, { headers: { cookie }, form: { form_token: hidden(step.text, 'form_token'), ...parts } });

    const looking = await visit(server, await api.link(line, { intent: 'viewSubscription' }));
    const overview = await raw(server, `${looking.home}/overview`, { headers: { cookie: looking.cookie } });
    const form = { form_token: hidden(overview.text, 'form_token'), authorization: 'true', authorization_version: '2026-11' };
    const posted = await raw(server, `${looking.home}/review`, { headers: { cookie: looking.cookie }, form });
    expect(posted.status).toBe(303);
    expect((await api.porting(line)).status).toBe('informationRequired');
  });

  test('without the tick nothing is sent, and the page says what is missing', async ({ server, api }) => {
    const line = await api.line(REST);
    const { cookie, home } = await visit(server, await api.link(line));
    const step = await raw(server, `${home}/address`, { headers: { cookie } });
    const { country: _, ...parts } = ADDRESS;
    const form_token = hidden(step.text, 'form_token');
    await raw(server, `${home}/address`, { headers: { cookie }, form: { form_token, ...parts } });
    const review = await raw(server, `${home}/review`, { headers: { cookie } });
    const form = { form_token, authorization_version: '2026-11', answers: hidden(review.text, 'answers') };
    const posted = await raw(server, `${home}/review`, { headers: { cookie }, form });
    expect(posted.status).toBe(422);
    expect((await api.porting(line)).status).toBe('informationRequired');
  });
});

test('declined while the status page was open: its Back shows the refusal first', async ({ server, api }) => {
  const line = await api.declinedLine('0102');
  const { cookie, home } = await visit(server, await api.link(line));
  const error = await raw(server, `${home}/error`, { headers: { cookie } });
  // The form token is the session's: this is the form of a status page opened before the refusal.
  const form = { form_token: hidden(error.text, 'form_token') };
  const posted = await raw(server, `${home}/return/status`, { headers: { cookie }, form });
  expect(posted.status).toBe(303);
  expect(posted.headers.get('location')).toBe(`${home}/error?notice=changed`);
  const session = await api.ok('GET', `/connectSessions/${home.split('/').pop()}`);
  expect(session.outcome).toBeNull();
});
