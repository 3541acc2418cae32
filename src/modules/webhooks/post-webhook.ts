import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { checkWebhookUrl, isPublicAddress } from './address-guard.ts';

/** Sends one signed body; the status of the answer. Rejects when there was none. */
export type PostWebhook = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;

const TIMEOUT_MS = 10_000;

/**
 * Over the wire. The address that was judged is the one that is connected to, so a name cannot point elsewhere in
 * between; redirects are answers, not orders; the body of an answer is not read.
 */
export function makePostWebhook(allowPrivate: boolean): PostWebhook {
  return (text, headers, body) =>
    new Promise((resolve, reject) => {
      const url = checkWebhookUrl(text, allowPrivate);
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(allowPrivate ? {} : { lookup: publicLookup }),
      } as const;
      const call = send(url, options, (answer) => {
        resolve(answer.statusCode ?? 0);
        answer.destroy();
      });
      call.on('error', reject);
      call.end(body);
    });
}

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** A look-up of names that refuses if any of the addresses found is of this network. */
export function publicLookup(host: string, options: LookupOptions, found: Found): void {
  dnsLookup(host, { ...options, all: true }, (error, addresses) => {
    const first = addresses?.[0];
    if (error !== null) return found(error, '');
    if (first === undefined || addresses.some(({ address }) => !isPublicAddress(address))) {
      return found(Object.assign(new Error('address refused'), { code: 'EADDRREFUSED' }), '');
    }
    return options.all === true ? found(null, addresses) : found(null, first.address, first.family);
  });
}
