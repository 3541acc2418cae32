import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { playRequest, townRequest } from './play-types.ts';
import { DEFAULT_PROFILES, describeBehaviour, loadProfile } from './profile.ts';
import type { Sandbox } from './sandbox.ts';

export interface Control {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_BODY = 1_000_000;

/** The HTTP door through which the program's demo and tests give the sandbox its orders. Loopback only. */
export async function startControl(sandbox: Sandbox): Promise<Control> {
  const server = createServer((request, response) => {
    handle(sandbox, request, response).catch((error: unknown) => {
      const title = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) sendJson(response, 400, { title, status: 400 });
      else response.end(`${JSON.stringify({ error: title })}\n`);
    });
  });
  // A story may take minutes.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function handle(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const what = `${request.method} ${(request.url ?? '').split('?')[0]}`;
  switch (what) {
    case 'POST /town':
      return sendJson(response, 200, { files: sandbox.town(townRequest(await readJson(request))) });
    case 'POST /play': {
      const order = playRequest(await readJson(request));
      const line = (value: unknown): void => void response.write(`${JSON.stringify(value)}\n`);
      response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
      response.flushHeaders();
      line({ report: await sandbox.play(order, line) });
      return void response.end();
    }
    case 'POST /journals': {
      const { days } = (await readJson(request)) as { days: number };
      return sendJson(response, 200, { journals: sandbox.journals(Number(days)) });
    }
    case 'GET /truth/sample': {
      const sample = sandbox.sample();
      return sample
        ? sendJson(response, 200, sample)
        : sendJson(response, 404, { title: 'no such citizen', status: 404 });
    }
    case 'GET /behaviour': {
      const profiles = Object.values(DEFAULT_PROFILES).map((name) => [name, describeBehaviour(loadProfile(name))]);
      return sendJson(response, 200, Object.fromEntries(profiles));
    }
    default:
      return sendJson(response, 404, { title: 'not found', status: 404 });
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RangeError('body too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
