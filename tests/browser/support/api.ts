import { expect } from '@playwright/test';
import type { Server } from './server';

/** A document of the API. */
export type Json = any;

export interface Answer {
  status: number;
  body: Json;
}

/** What a porting is made with; see `Api.port`. */
export interface PortingFields {
  phoneNumber?: string;
  provider?: string;
  [field: string]: Json;
}

/** A subscription with everything it hangs on. */
export interface Line {
  user: string;
  subscription: string;
  /** Its porting; empty when there is nothing to port. */
  porting: string;
}

export interface SessionOptions {
  callbackUrl?: string | null;
  behavior?: { hideIntroPage?: boolean; hideOutroPage?: boolean };
  intent?: 'completePorting' | 'viewSubscription';
  theme?: 'light' | 'dark';
}

export const CALLBACK = 'https://example.com';

export const NAME = { firstName: 'Nora', lastName: 'Lindqvist' };
export const ADDRESS = {
  line1: '212 Juniper Street',
  city: 'Portland',
  state: 'OR',
  postalCode: '97205',
  country: 'US',
};
export const ACCOUNT = { accountNumber: '4410027719', accountPin: '482915' };
/** Everything a US carrier asks for. */
export const COMPLETE = { ...ACCOUNT, ...NAME, address: ADDRESS };

/** The number with which the simulated US carrier does what `case` stands for, such as `0110`. */
export const us = (simulated: string) => `+1959555${simulated}`;

/** Numbers of other countries may be in one open porting only, so each is used once. */
let used = 0;
export const gb = () => `+447700900${200 + (used += 1)}`;
export const de = () => `+4915112345${String(100 + (used += 1))}`;

/** The public API, as an integrator's backend calls it. */
export class Api {
  private plans = new Map<string, string>();

  constructor(readonly server: Server) {}

  async call(method: string, path: string, body?: Json): Promise<Answer> {
    const response = await fetch(`${this.server.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.server.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }

  /** A call below the project that must succeed. */
  async ok(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await this.call(method, `/projects/${this.server.project}${path}`, body);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  async user(fields: Json = {}): Promise<string> {
    const email = `person.${crypto.randomUUID()}@example.com`;
    return (await this.ok('POST', '/users', { email, ...fields })).id;
  }

  async plan(provider = 'test'): Promise<string> {
    const known = this.plans.get(provider);
    if (known) return known;
    const plan = await this.ok('POST', '/plans', {
      name: 'Aurora Everywhere',
      provider,
      price: { amount: 1900, currency: 'USD' },
      validity: { type: 'recurring', unit: 'month', value: 1 },
      allowances: { dataBytes: 20_000_000_000, voiceSeconds: null, smsMessages: null },
    });
    this.plans.set(provider, plan.id);
    return plan.id;
  }

  /** A user, a porting and the subscription it is for. */
  async line(fields: PortingFields = {}, person: Json = {}): Promise<Line> {
    const { phoneNumber = us('0100'), provider = 'test', ...rest } = fields;
    const user = await this.user(person);
    const porting = (await this.ok('POST', '/portings', { phoneNumber, provider, user, ...rest })).id;
    return this.subscribe(user, porting, provider);
  }

  /** A subscription with nothing to port. */
  async plainLine(): Promise<Line> {
    return this.subscribe(await this.user(), '');
  }

  /** A subscription whose porting the simulated carrier has declined. */
  async declinedLine(simulated: string, fields: Json = {}): Promise<Line> {
    const line = await this.line({ phoneNumber: us(simulated), ...COMPLETE, ...fields });
    await this.until(line, 'declined');
    return line;
  }

  private async subscribe(user: string, porting: string, provider = 'test'): Promise<Line> {
    const plan = await this.plan(provider);
    const body = porting ? { plan, user, porting } : { plan, user };
    const subscription = (await this.ok('POST', '/subscriptions', body)).id;
    return { user, subscription, porting };
  }

  /** A session for a line; its `url` is the link. */
  async session(line: Line, options: SessionOptions = {}): Promise<Json> {
    const { callbackUrl = CALLBACK, behavior, intent = 'completePorting', theme } = options;
    const about = { subscription: line.subscription, ...(behavior ? { behavior } : {}) };
    return this.ok('POST', '/connectSessions', {
      intent: { type: intent, [intent]: about },
      user: line.user,
      ...(callbackUrl ? { callbackUrl } : {}),
      ...(theme ? { appearance: { theme } } : {}),
    });
  }

  async link(line: Line, options: SessionOptions = {}): Promise<string> {
    return (await this.session(line, options)).url;
  }

  porting(line: Line): Promise<Json> {
    return this.ok('GET', `/portings/${line.porting}`);
  }

  patch(line: Line, fields: Json): Promise<Json> {
    return this.ok('PATCH', `/portings/${line.porting}`, fields);
  }

  cancel(line: Line): Promise<Json> {
    return this.ok('POST', `/portings/${line.porting}/cancel`);
  }

  /** Waits for a porting's status; what only the old carrier brings about is not waited for in real time. */
  async until(line: Line, status: string): Promise<Json> {
    const look = async () => {
      const found = (await this.porting(line)).status;
      if (found === 'requested' && status !== found) await this.advance(1);
      return found;
    };
    await expect.poll(look, { intervals: [25], timeout: 15_000 }).toBe(status);
    return this.porting(line);
  }

  /** How often something happened to a porting or session. */
  async count(subject: string, type: string): Promise<number> {
    const query = `subject=${subject}&type=com.portico.${type}&limit=200`;
    return (await this.ok('GET', `/events?${query}`)).items.length;
  }

  settings(settings: Json): Promise<Json> {
    return this.ok('PATCH', '', settings);
  }

  /** Moves the server's time. */
  async advance(seconds: number): Promise<void> {
    await this.call('POST', '/testing/clock', { advanceSeconds: seconds });
  }
}
