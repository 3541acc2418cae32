import { sha256 } from '../../../kernel/hash.ts';
import { type RowVerdict, rowMessage } from './verdict.ts';

const FIRST_SLOTS = 1 << 12;

/**
 * First line of each key of a file. Holds eight bytes of digest and four of line per key (24-48 bytes with the empty
 * slots), not the keys: five million rows stay under 200 MB. Two different keys share a digest once in 10^6 files of
 * five million rows.
 */
export class FirstLines {
  private slots = FIRST_SLOTS;
  private high = new Uint32Array(FIRST_SLOTS);
  private low = new Uint32Array(FIRST_SLOTS);
  private lines = new Uint32Array(FIRST_SLOTS);
  private used = 0;

  /** The line that first had `key`, or null, in which case `line` (from 1) is remembered as the first. */
  seen(key: string, line: number): number | null {
    const digest = sha256(key);
    const high = digest.readUInt32BE(0);
    const low = digest.readUInt32BE(4);
    const slot = this.find(high, low);
    const first = this.lines[slot] ?? 0;
    if (first !== 0) return first;
    this.put(slot, high, low, line);
    this.used += 1;
    if (this.used * 2 > this.slots) this.grow();
    return null;
  }

  private find(high: number, low: number): number {
    let slot = low & (this.slots - 1);
    while (this.lines[slot] !== 0 && (this.high[slot] !== high || this.low[slot] !== low)) {
      slot = (slot + 1) & (this.slots - 1);
    }
    return slot;
  }

  private put(slot: number, high: number, low: number, line: number): void {
    this.high[slot] = high;
    this.low[slot] = low;
    this.lines[slot] = line;
  }

  private grow(): void {
    const { high, low, lines } = this;
    this.slots *= 2;
    this.high = new Uint32Array(this.slots);
    this.low = new Uint32Array(this.slots);
    this.lines = new Uint32Array(this.slots);
    for (let i = 0; i < lines.length; i += 1) {
      if (lines[i] === 0) continue;
      const h = high[i] ?? 0;
      const l = low[i] ?? 0;
      this.put(this.find(h, l), h, l, lines[i] ?? 0);
    }
  }
}

/**
 * Rejects the second row with the same external id, naming the first. Only rows that would enter are remembered: one
 * already rejected does not stop its corrected copy further down.
 */
export function refuseDuplicates(column: string | null): (verdict: RowVerdict) => RowVerdict {
  const first = new FirstLines();
  return (verdict) => {
    if (verdict.kind === 'rejected') return verdict;
    const { externalId, line } = verdict.row;
    const before = first.seen(externalId, line);
    if (before === null) return verdict;
    const reason = `l’identificativo è già alla riga ${before}`;
    return {
      kind: 'rejected',
      code: 'DUPLICATE_IN_FILE',
      column,
      message: rowMessage(line, column, reason, externalId),
    };
  };
}
