import { Worker } from 'node:worker_threads';
import { CodedError } from '../../../kernel/errors.ts';
import {
  MAX_NOTICES_PER_FILE,
  type NoticeDocument,
  type NoticeRenderer,
} from '../../../modules/payments/document/document.port.ts';
import type { Answer } from './render-thread.ts';

interface Job {
  readonly documents: readonly NoticeDocument[];
  readonly resolve: (pdf: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** A place at work: its thread, made when first needed, how many notices that has made, and what it is doing. */
interface Place {
  thread: Worker | null;
  made: number;
  job: Job | null;
}

export interface RendererOptions {
  readonly threads: number;
  /** After so many a thread makes room for a new one: Typst keeps something of each notice as long as its thread lives. */
  readonly noticesPerThread?: number;
}

/**
 * Makes notices in up to `threads` threads, one file at a time each; the others wait in order. A thread that dies takes
 * only its own file with it. Call `close`, or its threads keep the process alive.
 */
export function openNoticeRenderer({ threads, noticesPerThread = 800 }: RendererOptions): NoticeRenderer {
  const places: Place[] = Array.from({ length: threads }, () => ({ thread: null, made: 0, job: null }));
  const waiting: Job[] = [];
  let closed = false;

  function assign(): void {
    for (const place of places) {
      const job = place.job === null ? waiting.shift() : undefined;
      if (job === undefined) continue;
      place.job = job;
      place.thread ??= startThread(place);
      place.thread.postMessage(job.documents);
    }
  }

  function startThread(place: Place): Worker {
    const thread = new Worker(new URL('./render-thread.ts', import.meta.url));
    place.made = 0;
    thread.on('message', (answer: Answer) => {
      const { job } = place;
      place.job = null;
      place.made += job?.documents.length ?? 0;
      if ('pdf' in answer) job?.resolve(answer.pdf);
      else job?.reject(new CodedError('NOTICE_RENDER', answer.failed));
      if (place.made >= noticesPerThread) {
        place.thread = null;
        void thread.terminate();
      }
      assign();
    });
    // An error that nobody caught ends the thread: `exit` follows it.
    thread.on('error', () => {});
    thread.on('exit', () => {
      if (place.thread !== thread) return;
      const { job } = place;
      place.thread = null;
      place.job = null;
      job?.reject(new CodedError('NOTICE_RENDER', 'the thread that made the notices has ended'));
      assign();
    });
    return thread;
  }

  function renderNotices(documents: readonly NoticeDocument[]): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const count = documents.length;
      if (closed) throw new CodedError('RENDERER_CLOSED', 'no notices are made any more');
      if (count < 1 || count > MAX_NOTICES_PER_FILE) {
        throw new CodedError('NOTICE_FILE_SIZE', `a file holds 1 to ${MAX_NOTICES_PER_FILE} notices`, { count });
      }
      waiting.push({ documents, resolve, reject });
      assign();
    });
  }

  return {
    renderNotice: (document) => renderNotices([document]),
    renderNotices,
    async close() {
      closed = true;
      const refused = new CodedError('RENDERER_CLOSED', 'no notices are made any more');
      for (const job of waiting.splice(0)) job.reject(refused);
      await Promise.all(places.map((place) => ended(place)));
    },
  };
}

/** Waits for the file under way, then ends the thread. */
async function ended(place: Place): Promise<void> {
  const { thread } = place;
  if (thread === null) return;
  if (place.job !== null) await new Promise((resolve) => thread.once('message', resolve).once('exit', resolve));
  await thread.terminate();
}
