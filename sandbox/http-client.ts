import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One server, on a loopback port or a unix socket, over kept-alive connections. Redirects are not followed. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

const TIMEOUT_MS = 120_000;
const MAX_BODY = 4_000_000;

export function makeHttpClient(target: { readonly url: string } | { readonly socketPath: string }): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const where =
    'url' in target
      ? { host: new URL(target.url).hostname, port: Number(new URL(target.url).port || 80) }
      : { socketPath: target.socketPath };

  function once(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = { ...request.headers };
      if (request.body !== undefined) headers['content-length'] = Buffer.byteLength(request.body);
      const call = httpRequest(
        { ...where, agent, method: request.method, path: request.path, headers, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_BODY) response.destroy(new Error('answer too long'));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('end', () => {
            const body = Buffer.concat(chunks).toString('utf8');
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
          });
        },
      );
      call.on('timeout', () => call.destroy(new Error('no answer in time')));
      call.on('error', (error) => reject(Object.assign(error, { reused: call.reusedSocket })));
      call.end(request.body);
    });
  }

  return {
    async send(request) {
      try {
        return await once(request);
      } catch (error) {
        // A kept-alive connection the server closed at that very moment: the request never arrived, so ask again.
        const lost = error instanceof Error && 'reused' in error && error.reused === true;
        if (lost && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) return once(request);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}
