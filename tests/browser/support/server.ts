import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running `portico dev` with a database of its own. */
export interface Server {
  baseUrl: string;
  apiKey: string;
  project: string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Starts a server whose simulated carriers take `timeScale` times their usual time. */
export async function startServer(timeScale: number): Promise<Server> {
  const binary = process.env.PORTICO_BIN;
  if (!binary) throw new Error('PORTICO_BIN is not set; start the tests with scripts/browser-tests');
  const dataDir = await mkdtemp(join(tmpdir(), 'portico-browser-'));
  const args = ['dev', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--json', '--test-clock'];
  // A carrier that does not answer is part of these tests: only errors are worth a line.
  args.push('--time-scale', String(timeScale), '--log', 'error');
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(dataDir, { recursive: true, force: true });
  };
  const lines = createInterface({ input: child.stdout });
  const early = exited.then(([code]) => {
    throw new Error(`the server ended with ${code} before it was ready`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), early])) as [string];
  early.catch(() => {});
  const { baseUrl, apiKey, project } = JSON.parse(line);
  return { baseUrl, apiKey, project, stop };
}
