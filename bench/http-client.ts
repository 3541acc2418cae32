import { Worker } from 'node:worker_threads';
import type { LoadAnswer, LoadOrder } from './http-load.ts';

/** Somebody in another thread who asks for pages. */
export interface HttpClient {
  /** Error: the connection broke. */
  load(order: LoadOrder): Promise<LoadAnswer>;
  close(): Promise<unknown>;
}

export function openHttpClient(): HttpClient {
  const worker = new Worker(new URL('./http-load.ts', import.meta.url));
  return {
    load: (order) =>
      new Promise((resolve, reject) => {
        worker.once('error', reject);
        worker.once('message', (answer: LoadAnswer | { error: string }) => {
          worker.off('error', reject);
          if ('error' in answer) reject(new Error(answer.error));
          else resolve(answer);
        });
        worker.postMessage(order);
      }),
    close: () => worker.terminate(),
  };
}
