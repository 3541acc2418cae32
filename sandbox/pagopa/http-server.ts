import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** An upload is at most 5 MB zipped (pagopa §8), and some wrapping. */
const MAX_BODY = 6_000_000;

/** A server on a free loopback port; `null` cuts the line without a word. What fails is answered 500. */
export async function serveHttp(handle: (call: HttpCall) => Promise<HttpReply | null>): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<HttpReply | null> => {
      const body = await readBody(request);
      if (body === null) return json(413, { title: 'Payload Too Large', status: 413 });
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      return handle({
        method: request.method ?? 'GET',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body,
      });
    };
    answer()
      .catch((): HttpReply => json(500, { title: 'Internal Server Error', status: 500 }))
      .then((reply) => {
        if (reply === null) request.socket.destroy();
        else response.writeHead(reply.status, reply.headers).end(reply.body);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? null : Buffer.concat(chunks);
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** An error as the platform's REST products tell it. */
export function problem(status: number, title: string, detail = title): HttpReply {
  return json(status, { title, status, detail }, { 'content-type': 'application/problem+json' });
}
