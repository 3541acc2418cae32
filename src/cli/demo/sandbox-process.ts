import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../kernel/errors.ts';

const ENTRY = fileURLToPath(new URL('../../../sandbox/main.ts', import.meta.url));
const START_MS = 30_000;

export interface SandboxPorts {
  readonly smtp: number;
  readonly smsc: number;
  readonly control: number;
  readonly mail: number;
}

/** The program's subscriptions at the sandbox's pagoPA. */
export interface SandboxPagopa {
  readonly checkout: { readonly baseUrl: string; readonly pageOrigin: string; readonly subscriptionKey: string };
  readonly fdr: { readonly baseUrl: string; readonly subscriptionKey: string };
}

/** The program's account at the sandbox's SPID and CIE. */
export interface SandboxIdp {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface SandboxProcess extends SandboxPagopa {
  readonly ports: SandboxPorts;
  readonly idp: SandboxIdp;
  post<T>(path: string, body: unknown): Promise<T>;
  get<T>(path: string): Promise<T>;
  /** Lines of JSON as they come. */
  stream(path: string, body: unknown): AsyncGenerator<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Italy in a box, a process of its own, reached over the wire alone. It ends when this process does. */
export async function startSandboxProcess(): Promise<SandboxProcess> {
  const child = spawn(process.execPath, ['--max-semi-space-size=4', ENTRY], { stdio: ['pipe', 'pipe', 'inherit'] });
  // From the start: Ctrl-C reaches the whole group, and the sandbox may be gone before it is asked to end.
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await firstLine(child);
  const base = `http://127.0.0.1:${ready.control}`;
  const ask = async (path: string, init: RequestInit) => {
    const answer = await fetch(`${base}${path}`, init);
    if (!answer.ok) throw new CodedError('SANDBOX', `the sandbox answered ${answer.status} to ${path}`);
    return answer;
  };
  const json = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return {
    ports: ready,
    idp: ready,
    checkout: ready.checkout,
    fdr: ready.fdr,
    post: async <T>(path: string, body: unknown) => (await (await ask(path, json(body))).json()) as T,
    get: async <T>(path: string) => (await (await ask(path, {})).json()) as T,
    async *stream(path, body) {
      const answer = await ask(path, { ...json(body), signal: null });
      if (answer.body === null) return;
      let rest = '';
      for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + piece).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as Record<string, unknown>;
      }
    },
    stop() {
      child.stdin?.end();
      setTimeout(() => child.kill('SIGTERM'), 3_000).unref();
      return ended;
    },
  };
}

function firstLine(child: ChildProcess): Promise<SandboxPorts & SandboxIdp & SandboxPagopa> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new CodedError('SANDBOX', 'the sandbox did not start')), START_MS);
    child.once('exit', (code) => reject(new CodedError('SANDBOX', `the sandbox ended with ${code}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line) as SandboxPorts & SandboxIdp & SandboxPagopa);
    });
  });
}
