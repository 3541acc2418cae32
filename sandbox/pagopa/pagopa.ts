import { type Checkout, makeCheckout } from './checkout.ts';
import { makeFdr } from './fdr.ts';
import { type Flows, makeFlows } from './flows.ts';
import { makeGpd } from './gpd/gpd.ts';
import { makePositions, type Positions } from './gpd/positions.ts';
import { makeUploads } from './gpd/uploads.ts';
import { type HttpCall, type HttpReply, problem, serveHttp } from './http-server.ts';
import { makeNode, type NodeOptions, type PagopaNode } from './node.ts';
import { type OpenApiCheck, officialOpenApi } from './open-api.ts';
import { makeProducts, type Product, type Products } from './products.ts';
import type { Delivery } from './receipts.ts';
import { makeRegistry } from './registry.ts';
import { makeTreasury, type Treasury } from './treasury.ts';
import type { Creditor } from './types.ts';

/** A payment whose body has the receipt. */
export interface PaidReceipt {
  readonly receiptId: string;
  readonly creditorFiscalCode: string;
  readonly noticeNumber: string;
  readonly amountCents: number;
  /** Simulated epoch ms. */
  readonly paidAt: number;
  readonly psp: string;
}

export interface PagopaOptions
  extends Pick<
    NodeOptions,
    'simNow' | 'realNow' | 'later' | 'timeouts' | 'retryAfterMs' | 'maxRetries' | 'retriesAfter' | 'validate'
  > {
  readonly creditors: readonly Creditor[];
  /** The body of the notice has the receipt: called once, at the moment of its station's OK. */
  readonly onReceipt?: (receipt: PaidReceipt) => void;
  /** Simulated ms until a massive upload is told of. */
  readonly uploadMs?: number;
  /** Looks at bodies with the official OpenAPI; the files beside the project where there are any, when missing. */
  readonly check?: OpenApiCheck | null;
}

export interface Pagopa {
  /** Of the APIs: Checkout's carts, FdR, GPD, ACA and uploads are under their official paths. */
  readonly apiUrl: string;
  /** Of the payment pages, on a port of their own as they are another site. */
  readonly pageUrl: string;
  readonly pagePort: number;
  /** Keys of the subscriptions, for `Ocp-Apim-Subscription-Key`. */
  readonly keys: Readonly<Record<Product, string>>;
  readonly node: PagopaNode;
  readonly checkout: Checkout;
  readonly flows: Flows;
  readonly treasury: Treasury;
  readonly positions: Positions;
  /** Makes a product slow, broken or full, and shows the calls it had. */
  readonly products: Products;
  /** Registers the bodies of a new town and forgets everything else. */
  begin(creditors: readonly Creditor[]): void;
  close(): Promise<void>;
}

const KEYS: Readonly<Record<Product, string>> = {
  checkout: 'prova-checkout',
  fdr: 'prova-fdr',
  gpd: 'prova-gpd',
  aca: 'prova-aca',
  upload: 'prova-upload',
};
const UPLOAD_MS = 60_000;

/** PagoPA in a box, on loopback ports: the node with its PSPs, Checkout, FdR, GPD with ACA, and the body's bank. */
export async function startPagopa(options: PagopaOptions): Promise<Pagopa> {
  const { simNow, realNow, later } = options;
  const registry = makeRegistry(options.creditors);
  const positions = makePositions(registry, simNow);
  const node = makeNode({ ...options, registry, archive: positions, onNotified: tell });
  const flows = makeFlows(() => node.payments, simNow);
  const treasury = makeTreasury(flows, registry);
  const products = makeProducts(KEYS);
  const uploads = makeUploads(positions, simNow, options.uploadMs ?? UPLOAD_MS);
  const check = (options.check === undefined ? officialOpenApi() : options.check) ?? undefined;
  const checkout = makeCheckout({
    node,
    realNow,
    later,
    pageUrl: () => pages.url,
    validate: check && ((body, version) => check(version === 1 ? 'cartV1' : 'cartV2', body)),
  });
  const fdr = makeFdr(flows, registry, simNow);
  const gpd = makeGpd({ positions, uploads, registry, simNow, check });
  const pages = await serveHttp(checkout.page);

  /** Once, and only of the notice's own body: it may have several stations, and those who get a share have theirs. */
  function tell({ payment, to }: Delivery): void {
    const { receiptId, creditor, noticeNumber, data, paidAt, psp } = payment;
    const has = node.deliveries(receiptId).filter((one) => one.to.creditor === creditor && one.state === 'NOTIFIED');
    if (to.creditor !== creditor || has.length > 1) return;
    const { amountCents } = data;
    options.onReceipt?.({ receiptId, creditorFiscalCode: creditor, noticeNumber, amountCents, paidAt, psp: psp.name });
  }

  const api = await serveHttp(async (call: HttpCall): Promise<HttpReply | null> => {
    const { path } = call;
    const version = /^\/checkout\/ec\/v([12])\/carts$/.exec(path)?.[1];
    if (version !== undefined && call.method === 'POST') {
      return products.answer('checkout', call, () => checkout.openCart(call, version === '1' ? 1 : 2));
    }
    if (path.startsWith('/fdr-org/')) return products.answer('fdr', call, fdr);
    if (path.startsWith('/upload/')) return products.answer('upload', call, gpd);
    if (path.startsWith('/gpd/')) return products.answer('gpd', call, gpd);
    if (path.startsWith('/aca/')) return products.answer('aca', call, gpd);
    return problem(404, 'Not Found');
  });

  return {
    apiUrl: api.url,
    pageUrl: pages.url,
    pagePort: pages.port,
    keys: KEYS,
    node,
    checkout,
    flows,
    treasury,
    positions,
    products,
    begin(creditors) {
      registry.replace(creditors);
      for (const part of [node, flows, positions, uploads, checkout, products]) part.clear();
    },
    async close() {
      node.clear();
      await Promise.all([api.close(), pages.close()]);
    },
  };
}
