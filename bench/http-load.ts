// Runs in a thread of its own, so that who asks does not slow down who answers.
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';

/** What is asked of the thread: `cookies` in turn, by so many connections, for so long. */
export interface LoadOrder {
  readonly url: string;
  readonly cookies: readonly string[];
  readonly connections: number;
  readonly forMs: number;
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
  /** Answers that were not 200. */
  readonly wrong: number;
}

async function load({ url, cookies, connections, forMs, perSecond }: LoadOrder): Promise<LoadAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ms: number[] = [];
  let [bytes, wrong, next] = [0, 0, 0];
  const began = performance.now();
  const ask = async (due: number) => {
    const cookie = cookies[next++ % cookies.length] ?? '';
    const answer = await get(url, cookie, agent);
    ms.push(performance.now() - due);
    bytes = answer.bytes;
    if (answer.status !== 200) wrong += 1;
  };
  const until = began + forMs;
  if (perSecond === null) {
    const connection = async () => {
      while (performance.now() < until) await ask(performance.now());
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

/** As a browser on a telephone asks. */
function get(url: string, cookie: string, agent: Agent): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const headers = { cookie, 'accept-encoding': 'gzip, deflate, br', accept: 'text/html' };
    const call = request(url, { agent, headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, bytes }));
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}

parentPort?.on('message', (order: LoadOrder) => {
  load(order).then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => parentPort?.postMessage({ error: String(error) }),
  );
});
