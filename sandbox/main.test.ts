import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
// Starts processes: on a busy machine that may take a while.
vi.setConfig({ testTimeout: 60_000 });

let child: ChildProcess | null = null;
afterEach(() => child?.kill('SIGKILL'));

async function start(): Promise<{ process: ChildProcess; ready: Record<string, unknown> }> {
  const started = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  child = started;
  const [line] = (await once(createInterface({ input: started.stdout }), 'line')) as [string];
  return { process: started, ready: JSON.parse(line) as Record<string, unknown> };
}

describe('the process', () => {
  it('says where it listens, draws a town, describes its people, and ends with its parent', async () => {
    const { process: running, ready } = await start();
    expect(ready.ready).toBe(true);
    const control = `http://127.0.0.1:${String(ready.control)}`;
    const body = {
      kind: 'comune',
      name: 'Comune di Colle',
      codiceFiscale: '12345678903',
      segregation: '02',
      iban: 'IT60X0542811101000000123456',
    };
    const town = await fetch(`${control}/town`, {
      method: 'POST',
      body: JSON.stringify({ seed: 1, debts: 50, start: '2026-09-07', bodies: [{ slug: 'colle', ...body }] }),
    });
    const { files } = (await town.json()) as { files: { slug: string; creditType: string; name: string }[] };
    expect(files.map(({ slug, creditType, name }) => [slug, creditType, name])).toEqual([
      ['colle', 'TARI', 'tari-colle.csv'],
    ]);
    expect((await fetch(`${control}/truth/sample`)).status).toBe(200);
    expect(await (await fetch(`${control}/behaviour`)).json()).toHaveProperty('northern-comune');
    expect((await fetch(`${control}/town`, { method: 'POST', body: '{}' })).status).toBe(400);
    expect((await fetch(`${control}/nothing`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${String(ready.mail)}/`)).status).toBe(200);
    running.stdin?.end();
    const [code] = (await once(running, 'exit')) as [number];
    expect(code).toBe(0);
  });

  it('ends on SIGTERM', async () => {
    const { process: running } = await start();
    running.kill('SIGTERM');
    const [code] = (await once(running, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
