import { BlockList, isIP } from 'node:net';

/** Who may call the station. Nobody else learns more than that there is a door (pagopa §13). */
export interface PagopaAccess {
  /** Addresses and networks (`192.0.2.0/24`) of the node, or of the proxy before us. */
  readonly allow: readonly string[];
  /** Header in which a proxy on this machine names the client certificate that it has verified; null: none is asked for. */
  readonly clientHeader: string | null;
  /** What the header may say: a subject or a fingerprint, as the proxy writes it. */
  readonly clients: readonly string[];
}

export interface Caller {
  /** Address of the caller, through a proxy on this machine the one it named. */
  readonly ip: string;
  /** Address of the connection itself. */
  readonly peer: string;
  /** A certificate that our own TLS has verified. */
  readonly certified: boolean;
  readonly header: (name: string) => string | undefined;
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');
const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Null where the text is no list of addresses and networks. */
export function networksOf(texts: readonly string[]): BlockList | null {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits, ...rest] = text.split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    const prefix = bits === undefined ? most : Number(bits);
    if (isIP(address) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits ?? '0') || prefix > most) return null;
    list.addSubnet(address, prefix, family(address));
  }
  return list;
}

/** Whether a call is let in: from a place that was named, and with a certificate that was named where one is asked for. */
export function makeGate(access: PagopaAccess): (caller: Caller) => boolean {
  const networks = networksOf(access.allow) ?? new BlockList();
  const here = networksOf(['127.0.0.0/8', '::1']) as BlockList;
  const inside = (list: BlockList, address: string) =>
    isIP(plain(address)) !== 0 && list.check(plain(address), family(plain(address)));
  return ({ ip, peer, certified, header }) => {
    if (!certified && !inside(networks, ip)) return false;
    if (certified || access.clientHeader === null) return true;
    // Only a proxy on this machine may speak of certificates: anybody can write a header.
    const named = header(access.clientHeader);
    return inside(here, peer) && named !== undefined && access.clients.includes(named);
  };
}
