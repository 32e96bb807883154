import type { Server } from './server';

/** An answer as it came over the wire, redirects not followed. */
export interface Raw {
  status: number;
  headers: Headers;
  text: string;
}

/** A request that no browser dresses up. A form makes it a POST. */
export async function raw(server: Server, path: string, options: { method?: string; headers?: Record<string, string>; form?: Record<string, string> } = {}): Promise<Raw> {
  const { method = options.form ? 'POST' : 'GET', headers = {}, form } = options;
  const url = path.startsWith('http') ? path : `${server.baseUrl}${path}`;
  const body = form ? new URLSearchParams(form).toString() : undefined;
  const kind = form ? { 'content-type': 'application/x-www-form-urlencoded' } : undefined;
  const answer = await fetch(url, { method, redirect: 'manual', headers: { ...kind, ...headers }, body });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** What a link holds. */
export function partsOf(link: string): { session: string; token: string } {
  const query = new URL(link).searchParams;
  return { session: query.get('session') ?? '', token: query.get('token') ?? '' };
}

/** The value of a hidden control on a page. */
export function hidden(html: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
}

/** A visit without a browser: its cookie, the form token of its pages, and a page's address. */
export async function visit(server: Server, link: string) {
  const opened = await raw(server, '/portal/entry', { form: partsOf(link) });
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const home = opened.headers.get('location') ?? '';
  const page = await raw(server, `${home}/carrierDetails`, { headers: { cookie } });
  return { cookie, home, setCookie: opened.headers.get('set-cookie') ?? '', token: hidden(page.text, 'form_token'), html: page.text };
}
