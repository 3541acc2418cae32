import { BlockList, isIP } from 'node:net';
import { CodedError } from '../../kernel/errors.ts';

/**
 * Addresses that a URL given from outside must not reach (server-side request forgery): this machine, its networks, the
 * metadata services of clouds, and everything that is no public unicast (IANA special-purpose registries).
 */
const REFUSED = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  REFUSED.addSubnet(net, bits, 'ipv4');
}
// Of version 6 only the global unicast block is public, without tunnels that hide an address of version 4.
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');
const REFUSED_V6 = new BlockList();
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  REFUSED_V6.addSubnet(net, bits, 'ipv6');
}

export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !REFUSED.check(address, 'ipv4');
  if (family === 6) return PUBLIC_V6.check(address, 'ipv6') && !REFUSED_V6.check(address, 'ipv6');
  return false;
}

/**
 * The URL, when it may be told something: https, no user and password, and no address of this network written in it.
 * Names are judged when they are looked up (`post-webhook.ts`), since what they point to can change. Error WEBHOOK_URL.
 */
export function checkWebhookUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) throw refused('not a web address');
  if (url.username !== '' || url.password !== '') throw refused('a user or password stands in the address');
  if (allowPrivate) return url;
  if (url.protocol !== 'https:') throw refused('only https');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refused('an address of this network');
  if (/(^|\.)(localhost|local|internal)\.?$/i.test(host)) throw refused('a name of this network');
  return url;
}

function refused(why: string): CodedError {
  return new CodedError('WEBHOOK_URL', `this webhook address is not allowed: ${why}`, {});
}
