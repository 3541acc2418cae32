import { createHmac, timingSafeEqual } from 'node:crypto';

/** The delivery an address of ours speaks of. */
export interface DeliveryRef {
  readonly enteId: number;
  readonly deliveryId: string;
}

/** 64 bits: enough against guessing, short enough for the 64 octets of a local part (RFC 5321, 4.5.3.1.1). */
const MAC_HEX_LENGTH = 16;
const MAX_LOCAL_PART = 64;
const LOCAL_PART = /^b\+(\d{1,10})\.([0-9a-f-]{1,40})\.([0-9a-f]{16})$/;

function macOf(key: Buffer, ref: DeliveryRef): string {
  return createHmac('sha256', key).update(`${ref.enteId}.${ref.deliveryId}`).digest('hex').slice(0, MAC_HEX_LENGTH);
}

/**
 * The per-recipient envelope sender (VERP) that ties a report to its delivery. Throws a RangeError when the local part
 * would be longer than a mail host must accept (a body's number beyond 8 digits).
 */
export function returnPathOf(key: Buffer, bounceDomain: string, ref: DeliveryRef): string {
  const local = `b+${ref.enteId}.${ref.deliveryId.toLowerCase()}.${macOf(key, normal(ref))}`;
  if (local.length > MAX_LOCAL_PART) throw new RangeError('return path is longer than 64 octets');
  return `${local}@${bounceDomain}`;
}

/** True for an address shaped like our return paths; says nothing of its authenticity. */
export function looksLikeReturnPath(address: string, bounceDomain: string): boolean {
  return localPartOf(address, bounceDomain) !== null;
}

/** The delivery behind a return path, or null when it is not ours or its mac is forged. Case is ignored: hosts fold it. */
export function readReturnPath(key: Buffer, bounceDomain: string, address: string): DeliveryRef | null {
  const match = localPartOf(address, bounceDomain);
  if (match === null) return null;
  const [, ente, deliveryId, mac] = match;
  if (ente === undefined || deliveryId === undefined || mac === undefined) return null;
  const ref = { enteId: Number(ente), deliveryId };
  const expected = Buffer.from(macOf(key, ref), 'latin1');
  return timingSafeEqual(expected, Buffer.from(mac, 'latin1')) ? ref : null;
}

function localPartOf(address: string, bounceDomain: string): RegExpExecArray | null {
  if (address.length > 320) return null;
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 0 || lower.slice(at + 1) !== bounceDomain.toLowerCase()) return null;
  return LOCAL_PART.exec(lower.slice(0, at));
}

function normal(ref: DeliveryRef): DeliveryRef {
  return { enteId: ref.enteId, deliveryId: ref.deliveryId.toLowerCase() };
}
