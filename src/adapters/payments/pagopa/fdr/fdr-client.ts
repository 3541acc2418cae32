import { CodedError } from '../../../../kernel/errors.ts';
import type {
  FlowRef,
  RemittanceFlow,
  RemittanceSource,
} from '../../../../modules/payments/reconcile/reconcile.port.ts';
import { type Answer, flowOf, lineOf, notUnderstood, readAnswer, refOf } from './fdr-answers.ts';

export interface FdrSettings {
  /** Up to `/fdr-org/service/v1`. */
  readonly baseUrl: string;
  readonly subscriptionKey: string;
  /** Of one page, real time; 30 s. */
  readonly timeoutMs?: number;
  /** At most, and otherwise, 1000. */
  readonly pageSize?: number;
}

const TIMEOUT_MS = 30_000;
const PAGE_SIZE = 1_000;
/** A page of a thousand payments is a third of a megabyte. */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_PAGES = 1_000;

/**
 * The FdR API for bodies (pagopa §12). It tries nothing twice: FDR_BUSY (with `retryAfterSeconds` where the platform says it)
 * and FDR_UNAVAILABLE are for whoever calls to try again later; FDR_REFUSED (a key, a path, a redirect), FDR_ANSWER and
 * FDR_TOO_LARGE are not.
 */
export function makeFdrClient(settings: FdrSettings): RemittanceSource {
  const { subscriptionKey, timeoutMs = TIMEOUT_MS, pageSize = PAGE_SIZE } = settings;
  const base = settings.baseUrl.replace(/\/$/, '');

  async function get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const url = new URL(base + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = { 'ocp-apim-subscription-key': subscriptionKey, accept: 'application/json' };
    try {
      // The key goes to the address that was configured, and to no other.
      const answer = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      if (answer.status !== 200) {
        await answer.body?.cancel();
        throw refusal(answer);
      }
      return readAnswer(await bodyOf(answer));
    } catch (error) {
      if (error instanceof CodedError) throw error;
      const cause = error instanceof Error ? error.name : 'unknown';
      throw new CodedError('FDR_UNAVAILABLE', 'the platform could not be reached', { cause });
    }
  }

  async function pages<T>(
    path: string,
    query: Readonly<Record<string, string>>,
    read: (one: Answer) => T,
  ): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await get(path, { ...query, page: String(page), size: String(pageSize) });
      const data = answer.list('data');
      for (const one of data) found.push(read(one));
      const last = answer.object('metadata').integer('totPage');
      if (last > MOST_PAGES || data.length > pageSize) throw notUnderstood('totPage');
      // An empty page before the last would be asked for without end.
      if (page >= last || data.length === 0) return found;
    }
  }

  return {
    list(fiscalCode, publishedAfter) {
      const path = `/organizations/${encodeURIComponent(fiscalCode)}/fdrs`;
      const query = publishedAfter === null ? {} : { publishedGt: new Date(publishedAfter).toISOString() };
      return pages(path, query, refOf);
    },
    async read(fiscalCode, flow) {
      const path = pathOf(fiscalCode, flow);
      const head = flowOf(await get(path));
      if (head.flowId !== flow.flowId || head.revision !== flow.revision) throw notUnderstood('fdr');
      const lines = await pages(`${path}/payments`, {}, lineOf);
      return { ...head, lines } satisfies RemittanceFlow;
    },
  };
}

function pathOf(fiscalCode: string, { flowId, revision, psp }: FlowRef): string {
  const [body, flow, sender] = [fiscalCode, flowId, psp].map(encodeURIComponent);
  return `/organizations/${body}/fdrs/${flow}/revisions/${revision}/psps/${sender}`;
}

function refusal(answer: Response): CodedError {
  const { status } = answer;
  if (status === 429) {
    const seconds = Number(answer.headers.get('retry-after'));
    const details = Number.isInteger(seconds) && seconds > 0 ? { retryAfterSeconds: seconds } : {};
    return new CodedError('FDR_BUSY', 'too many requests', details);
  }
  if (status >= 500) return new CodedError('FDR_UNAVAILABLE', 'the platform answers with an error', { status });
  return new CodedError('FDR_REFUSED', 'the platform refuses', { status });
}

async function bodyOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new CodedError('FDR_TOO_LARGE', `more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
