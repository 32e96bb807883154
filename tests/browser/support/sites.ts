import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Server } from './server';

/** The names of this test's web; the browser is told that all of them are this machine. */
export const NAMES = { connect: 'connect.test', shop: 'shop.test', other: 'other.test' };
export const BROWSER_ARGS = ['--ignore-certificate-errors', '--host-resolver-rules=MAP *.test 127.0.0.1'];

/** Portico as it is run, behind a proxy that speaks TLS; and pages of others, each site on its own. */
export interface Sites extends Server {
  /** The page whose origin the project lists. */
  shop: string;
  /** A page whose origin it does not. */
  other: string;
  /** What stands at a path of `shop` and `other` alike. */
  pages: Map<string, string>;
}

export async function startSites(): Promise<Sites> {
  const dir = mkdtempSync(join(tmpdir(), 'portico-sites-'));
  const portico = { port: 0 };
  const pages = new Map<string, string>();
  const web = createServer(certificate(dir), (request, response) => {
    const [host = ''] = (request.headers.host ?? '').split(':');
    if (host === NAMES.connect) pass(request, response, portico.port);
    else show(pages, request, response);
  });
  await once(web.listen(0, '127.0.0.1'), 'listening');
  const origin = (name: string) => `https://${name}:${(web.address() as AddressInfo).port}`;
  const env = environment(dir, origin(NAMES.connect));
  const run = (...args: string[]) => execFileSync(binary(), args, { env, encoding: 'utf8' }).trim();
  run('migrate');
  run('project', 'create', 'aurora', '--type', 'test');
  run('project', 'set', 'aurora', 'name=Aurora Mobile', `embedOrigins=${origin(NAMES.shop)}`);
  const apiKey = run('api-key', 'create', '--project', 'aurora');
  const child = spawn(binary(), ['serve'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  portico.port = await portOf(child);
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
    web.closeAllConnections();
    web.close();
    await rm(dir, { recursive: true, force: true });
  };
  const baseUrl = `http://127.0.0.1:${portico.port}`;
  return { baseUrl, apiKey, project: 'aurora', shop: origin(NAMES.shop), other: origin(NAMES.other), pages, stop };
}

function binary(): string {
  const path = process.env.PORTICO_BIN;
  if (!path) throw new Error('PORTICO_BIN is not set; start the tests with scripts/browser-tests');
  return path;
}

function environment(dir: string, publicUrl: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    PORTICO_DATABASE_URL: `sqlite://${join(dir, 'portico.db')}`,
    PORTICO_ENCRYPTION_KEY: 'cG9ydGljbyB0ZXN0IGtleSwgbmV2ZXIgZm9yIHJlYWw=',
    PORTICO_LISTEN: '127.0.0.1:0',
    PORTICO_PUBLIC_URL: publicUrl,
  };
}

function certificate(dir: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=portico.test', '-addext', 'subjectAltName=DNS:*.test'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** The server says where it listens, once it does. */
async function portOf(child: ChildProcess): Promise<number> {
  if (!child.stderr) throw new Error('its log is not read');
  const lines = createInterface({ input: child.stderr });
  for await (const line of lines) {
    const found = /127\.0\.0\.1:(\d+)/.exec(line);
    if (line.includes('listening') && found) {
      // What it goes on writing must not fill the pipe.
      child.stderr.resume();
      return Number(found[1]);
    }
  }
  throw new Error('the server ended before it was ready');
}

/** A request with this header is answered without cookies, as in a browser that keeps none. */
export const FORGET = 'x-forget-cookies';

/** What a reverse proxy does. */
function pass(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = request;
  const onward = forward({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    if (headers[FORGET]) delete answer.headers['set-cookie'];
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

function show(pages: Map<string, string>, request: IncomingMessage, response: ServerResponse): void {
  const [path = '/'] = (request.url ?? '/').split('?');
  const html = pages.get(path);
  response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(html ?? '');
}
