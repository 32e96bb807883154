import type { Page } from '@playwright/test';
import { ACCOUNT, COMPLETE, NAME, de, gb, us, type Api } from './api';
import { answer, answerAll, confirm, enter, expectStep, fill, leave, next, pageOf } from './flow';

/** A screen of Connect and how a subscriber comes to see it. */
export interface Stop {
  name: string;
  /** Its `data-step`. */
  step: string;
  go(page: Page, api: Api): Promise<void>;
  /** It has nothing to offer: no primary action. */
  isEnd?: boolean;
}

const app = { callbackUrl: 'myapp://port/done' };
const { address: _, ...NO_ADDRESS } = COMPLETE;

async function begin(page: Page, api: Api, fields = {}) {
  const line = await api.line(fields);
  await enter(page, await api.link(line));
  return line;
}

const QUESTIONS: Stop[] = [
  { name: 'intro', step: 'intro', go: async (page, api) => void (await page.goto(await api.link(await api.line()))) },
  {
    name: 'intro, to resume',
    step: 'intro',
    go: async (page, api) => {
      const line = await begin(page, api);
      await answer(page, 'carrierDetails', ACCOUNT);
      await page.goto(await api.link(line));
    },
  },
  { name: 'donor list', step: 'donorProvider', go: async (page, api) => void (await begin(page, api, { phoneNumber: us('0125') })) },
  {
    name: 'donor list, nothing chosen',
    step: 'donorProvider',
    go: async (page, api) => {
      await begin(page, api, { phoneNumber: us('0125') });
      await next(page);
    },
  },
  { name: 'carrier details', step: 'carrierDetails', go: async (page, api) => void (await begin(page, api)) },
  {
    name: 'carrier details, with help of the donor',
    step: 'carrierDetails',
    go: async (page, api) => {
      await begin(page, api, { phoneNumber: us('0125') });
      await page.getByText('Verizon', { exact: true }).click();
      await next(page);
    },
  },
  {
    name: 'carrier details, errors',
    step: 'carrierDetails',
    go: async (page, api) => {
      await begin(page, api);
      await next(page);
    },
  },
  {
    name: 'carrier details, a doubt',
    step: 'carrierDetails',
    go: async (page, api) => {
      await begin(page, api);
      await fill(page, { accountNumber: '9595550100', accountPin: '482915' });
      await next(page);
    },
  },
  {
    name: 'carrier details, saved',
    step: 'carrierDetails',
    go: async (page, api) => {
      await begin(page, api);
      await answer(page, 'carrierDetails', ACCOUNT);
      await expectStep(page, 'holderDetails');
      await page.goto(pageOf(page, 'carrierDetails'));
    },
  },
  { name: 'PAC', step: 'carrierDetails', go: async (page, api) => void (await begin(page, api, { phoneNumber: gb(), provider: 't12' })) },
  { name: 'account holder', step: 'holderDetails', go: async (page, api) => void (await begin(page, api, ACCOUNT)) },
  {
    name: 'account holder with birthday, errors',
    step: 'holderDetails',
    go: async (page, api) => {
      await begin(page, api, { phoneNumber: de(), provider: 'tde' });
      await page.getByRole('radio').first().check();
      await next(page);
      await fill(page, { 'birthday-day': '31', 'birthday-month': '2', 'birthday-year': '1987' });
      await next(page);
    },
  },
  { name: 'address', step: 'address', go: async (page, api) => void (await begin(page, api, { ...ACCOUNT, ...NAME })) },
  {
    name: 'address, errors',
    step: 'address',
    go: async (page, api) => {
      await begin(page, api, { ...ACCOUNT, ...NAME });
      await fill(page, { postalCode: 'ABC' });
      await next(page);
    },
  },
  {
    name: 'approval',
    step: 'donorProviderApproval',
    go: async (page, api) => {
      await begin(page, api, { phoneNumber: us('0104'), ...COMPLETE });
    },
  },
  {
    name: 'review',
    step: 'review',
    go: async (page, api) => {
      await begin(page, api, NO_ADDRESS);
      await answerAll(page, ['address']);
    },
  },
  {
    name: 'review, not authorized',
    step: 'review',
    go: async (page, api) => {
      await begin(page, api, NO_ADDRESS);
      await answerAll(page, ['address']);
      await next(page);
    },
  },
];

async function declined(page: Page, api: Api, number: string) {
  await enter(page, await api.link(await api.declinedLine(number)));
}

const REPAIRS: Stop[] = [
  { name: 'repair of the PIN', step: 'carrierDetails', go: (page, api) => declined(page, api, '0110') },
  { name: 'repair of the account number', step: 'carrierDetails', go: (page, api) => declined(page, api, '0111') },
  { name: 'repair of the address', step: 'address', go: (page, api) => declined(page, api, '0112') },
  { name: 'repair of the lock', step: 'portProtected', go: (page, api) => declined(page, api, '0105') },
  { name: 'declined for good', step: 'error', go: (page, api) => declined(page, api, '0109') },
];

const RESULTS: Stop[] = [
  {
    name: 'outro',
    step: 'outro',
    go: async (page, api) => {
      await begin(page, api, { phoneNumber: us('0115'), ...NO_ADDRESS });
      await answerAll(page, ['address']);
      await confirm(page);
    },
  },
  { name: 'status', step: 'status', go: async (page, api) => void (await begin(page, api, { phoneNumber: us('0115'), ...COMPLETE })) },
  { name: 'overview', step: 'overview', go: async (page, api) => enter(page, await api.link(await api.plainLine())) },
  {
    name: 'overview, moved',
    step: 'overview',
    go: async (page, api) => {
      const line = await api.line(COMPLETE);
      await api.until(line, 'completed');
      await enter(page, await api.link(line, { callbackUrl: null }));
    },
  },
  {
    name: 'leave',
    step: 'leave',
    go: async (page, api) => {
      await begin(page, api);
      await page.locator('[data-leave]').click();
    },
  },
  {
    name: 'leaving for an app',
    step: 'leaving',
    go: async (page, api) => {
      await enter(page, await api.link(await api.line(), app));
      await leave(page);
    },
  },
  {
    name: 'aborted',
    step: 'aborted',
    go: async (page, api) => {
      await enter(page, await api.link(await api.line(), { callbackUrl: null }));
      await leave(page);
    },
  },
  {
    name: 'link used',
    step: 'expired',
    go: async (page, api) => {
      const url = await api.link(await api.line());
      await enter(page, url);
      await page.context().clearCookies();
      await page.goto(url);
    },
  },
  {
    name: 'link expired',
    step: 'expired',
    go: async (page, api) => {
      const url = await api.link(await api.line());
      await api.advance(3600);
      await page.goto(url);
    },
  },
  { name: 'link of nobody', step: 'expired', isEnd: true, go: async (page, api) => void (await page.goto(`${api.server.baseUrl}/portal/nothing`)) },
  {
    name: 'too many tries',
    step: 'tooManyRequests',
    go: async (page, api) => {
      const url = `${api.server.baseUrl}/portal/entry?session=csn_${'0'.repeat(28)}&token=wrong`;
      await Promise.all(Array.from({ length: 35 }, () => fetch(url)));
      await page.goto(url);
      // For whoever comes next.
      await api.advance(120);
    },
  },
];

/** Every screen. */
export const PARTS = { questions: QUESTIONS, repairs: REPAIRS, results: RESULTS };
