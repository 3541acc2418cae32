// Runs in a thread of its own, so that who asks does not slow down who answers.
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';

/** What is asked of the thread: `cookies` in turn, by so many connections, for so long. */
export interface LoadOrder {
  readonly url: string;
  readonly cookies: readonly string[];
  /** What is posted, in turn; without, the page is got. */
  readonly bodies?: readonly string[];
  readonly connections: number;
  readonly forMs: number;
  /** Whether each body is posted once alone: the load ends with them, however long it takes. */
  readonly once?: boolean;
  /** Requests a second, evenly; null: each connection asks again as soon as it was answered. */
  readonly perSecond: number | null;
}

export interface LoadAnswer {
  readonly answered: number;
  readonly seconds: number;
  /** Each request, ms, sorted; paced ones from the instant at which they were due, so that a stall is not hidden. */
  readonly ms: readonly number[];
  /** Size of the last answer, as it came over the wire. */
  readonly bytes: number;
  /** Answers that were not 200, or said KO. */
  readonly wrong: number;
}

async function load({
  url,
  cookies,
  bodies,
  once = false,
  connections,
  forMs,
  perSecond,
}: LoadOrder): Promise<LoadAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ms: number[] = [];
  let [bytes, wrong, next] = [0, 0, 0];
  const began = performance.now();
  const ask = async (due: number) => {
    const turn = next;
    next += 1;
    const cookie = cookies[turn % cookies.length] ?? '';
    const answer = await call(url, cookie, agent, bodies?.[turn % bodies.length]);
    ms.push(performance.now() - due);
    bytes = answer.bytes;
    if (answer.status !== 200 || answer.refused) wrong += 1;
  };
  const until = began + forMs;
  if (perSecond === null) {
    const connection = async () => {
      while (once ? next < (bodies?.length ?? 0) : performance.now() < until) await ask(performance.now());
    };
    await Promise.all(Array.from({ length: connections }, connection));
  } else {
    const under: Promise<void>[] = [];
    for (let n = 0; n < (forMs / 1000) * perSecond; n += 1) {
      const due = began + (n * 1000) / perSecond;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      under.push(ask(due));
    }
    await Promise.all(under);
  }
  agent.destroy();
  return {
    answered: ms.length,
    seconds: (performance.now() - began) / 1000,
    ms: ms.sort((a, b) => a - b),
    bytes,
    wrong,
  };
}

/** As a browser on a telephone asks, or, with a body, as the node of pagoPA does. */
function call(
  url: string,
  cookie: string,
  agent: Agent,
  body?: string,
): Promise<{ status: number; bytes: number; refused: boolean }> {
  return new Promise((resolve, reject) => {
    const page = { cookie, 'accept-encoding': 'gzip, deflate, br', accept: 'text/html' };
    const headers = body === undefined ? page : { 'content-type': 'text/xml; charset=utf-8' };
    const asked = request(url, { agent, headers, method: body === undefined ? 'GET' : 'POST' }, (answer) => {
      let bytes = 0;
      let refused = false;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        refused ||= body !== undefined && piece.includes('<outcome>KO<');
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, bytes, refused }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

parentPort?.on('message', (order: LoadOrder) => {
  load(order).then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => parentPort?.postMessage({ error: String(error) }),
  );
});
