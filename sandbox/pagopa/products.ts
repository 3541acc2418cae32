import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpCall, type HttpReply, problem } from './http-server.ts';

/** What is asked for a subscription of its own, with its own key (pagopa §13). */
export type Product = 'checkout' | 'fdr' | 'gpd' | 'aca' | 'upload';

/** What a product gets wrong: for so many calls, or until told otherwise. */
export interface ProductFault {
  /** `down`: the line is cut; `slow`: answers after `ms`; a number: is answered with that status. */
  readonly kind: 'down' | 'slow' | 429 | 409 | 500 | 503;
  /** Real ms, of `slow`. */
  readonly ms?: number;
  /** Calls that meet it; all, when missing. */
  readonly times?: number;
  /** Alone calls of this method meet it. */
  readonly method?: string;
}

type Handler = (call: HttpCall) => Promise<HttpReply | null> | HttpReply | null;

export interface Products {
  /** The product's answer, after its key and its faults; null cuts the line. */
  answer(product: Product, call: HttpCall, handle: Handler): Promise<HttpReply | null>;
  /** `null` mends it. */
  fault(product: Product, fault: ProductFault | null): void;
  /** Calls received, the refused ones too. */
  readonly calls: readonly {
    readonly product: Product;
    readonly method: string;
    readonly path: string;
    readonly status: number;
  }[];
  clear(): void;
}

const TITLES: Readonly<Record<number, string>> = {
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export function makeProducts(keys: Readonly<Record<Product, string>>): Products {
  const faults = new Map<Product, { readonly fault: ProductFault; left: number }>();
  const calls: { product: Product; method: string; path: string; status: number }[] = [];

  function meet(product: Product, method: string): ProductFault | undefined {
    const known = faults.get(product);
    if (known === undefined || (known.fault.method ?? method) !== method) return undefined;
    known.left -= 1;
    if (known.left <= 0) faults.delete(product);
    return known.fault;
  }

  async function reply(product: Product, call: HttpCall, handle: Handler): Promise<HttpReply | null> {
    const key = call.headers['ocp-apim-subscription-key'] ?? call.query.get('subscription-key');
    if (key !== keys[product]) return problem(401, 'Access denied due to missing or invalid subscription key');
    const fault = meet(product, call.method);
    if (fault?.kind === 'down') return null;
    if (fault?.kind === 'slow') await sleep(fault.ms ?? 1_000);
    if (typeof fault?.kind === 'number') return problem(fault.kind, TITLES[fault.kind] ?? 'Error');
    return handle(call);
  }

  return {
    calls,
    async answer(product, call, handle) {
      const answer = await reply(product, call, handle);
      calls.push({ product, method: call.method, path: call.path, status: answer?.status ?? 0 });
      return answer;
    },
    fault(product, fault) {
      if (fault === null) faults.delete(product);
      else faults.set(product, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      faults.clear();
      calls.length = 0;
    },
  };
}
