import type { PDU } from 'smpp';
import type { StoredSms } from './behaviour.ts';

export type WholeSms = Omit<StoredSms, 'seq' | 'simAt' | 'realAt'>;

/** Puts the parts of long messages together, as a phone does. */
export interface Reassembly {
  /** The whole message once its last missing part is there; null until then. */
  take(pdu: PDU, to: string, id: string): WholeSms | null;
}

interface Part {
  readonly text: string;
  readonly id: string;
}

/** Information element 0: 8-bit reference, total, index (3GPP TS 23.040 §9.2.3.24.1). */
const CONCATENATION = 0;

export function makeReassembly(): Reassembly {
  const open = new Map<string, (Part | undefined)[]>();

  return {
    take(pdu, to, id) {
      const from = typeof pdu.source_addr === 'string' ? pdu.source_addr : '';
      const dataCoding = typeof pdu.data_coding === 'number' ? pdu.data_coding : 0;
      const { text, udh } = contentOf(pdu);
      const header = udh.find((element) => element[0] === CONCATENATION && element.length === 5);
      const [, , ref = 0, total = 1, index = 1] = header ?? [];
      const whole = (parts: readonly Part[]): WholeSms => ({
        to,
        from,
        text: parts.map((part) => part.text).join(''),
        dataCoding,
        parts: parts.length,
        ids: parts.map((part) => part.id),
      });
      if (header === undefined || index < 1 || index > total) return whole([{ text, id }]);
      const key = `${from} ${to} ${ref} ${total}`;
      const slots = open.get(key) ?? Array.from({ length: total }, () => undefined);
      slots[index - 1] = { text, id };
      open.set(key, slots);
      const there = slots.filter((part) => part !== undefined);
      if (there.length < total) return null;
      open.delete(key);
      return whole(there);
    },
  };
}

function contentOf(pdu: PDU): { text: string; udh: readonly Uint8Array[] } {
  const field = pdu.short_message;
  if (typeof field !== 'object' || field === null || !('message' in field)) return { text: '', udh: [] };
  const { message } = field;
  const text = Buffer.isBuffer(message) ? message.toString('latin1') : message;
  const udh = 'udh' in field && Array.isArray(field.udh) ? field.udh : [];
  return {
    text: typeof text === 'string' ? text : '',
    udh: udh.filter((element: unknown): element is Uint8Array => element instanceof Uint8Array),
  };
}
