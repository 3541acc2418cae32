import { inflateSync } from 'node:zlib';

/** A PDF as far as tests look into it: its objects, and the dark shapes of a page. */
export interface Pdf {
  /** The source of every object, streams left out, by number. */
  readonly objects: ReadonlyMap<number, string>;
  stream(number: number): string;
  /** Object numbers of the pages, in order. */
  readonly pages: readonly number[];
}

export function readPdf(bytes: Uint8Array): Pdf {
  const file = Buffer.from(bytes);
  const text = file.toString('latin1');
  const objects = new Map<number, string>();
  const streams = new Map<number, Buffer>();
  const head = /(\d+) 0 obj\s/g;
  for (let found = head.exec(text); found !== null; found = head.exec(text)) {
    const number = Number(found[1]);
    const end = text.indexOf('endobj', head.lastIndex);
    const streamAt = text.indexOf('stream', head.lastIndex);
    if (streamAt < 0 || streamAt > end) {
      objects.set(number, text.slice(head.lastIndex, end));
      continue;
    }
    const source = text.slice(head.lastIndex, streamAt);
    const begin = text.charAt(streamAt + 6) === '\r' ? streamAt + 8 : streamAt + 7;
    const length = Number(/\/Length (\d+)/.exec(source)?.[1]);
    const raw = file.subarray(begin, begin + length);
    objects.set(number, source);
    streams.set(number, source.includes('/FlateDecode') ? inflateSync(raw) : raw);
    head.lastIndex = begin + length;
  }
  for (const [number, source] of [...objects]) {
    if (!/\/Type\s*\/ObjStm/.test(source)) continue;
    unpack(source, streams.get(number)?.toString('latin1') ?? '', objects);
  }
  const catalog = [...objects.values()].find((source) => /\/Type\s*\/Catalog/.test(source)) ?? '';
  return {
    objects,
    stream: (number) => streams.get(number)?.toString('latin1') ?? '',
    pages: pagesBelow(reference(catalog, 'Pages'), objects),
  };
}

/** Objects that are packed together in one stream. */
function unpack(source: string, packed: string, objects: Map<number, string>): void {
  const first = Number(/\/First (\d+)/.exec(source)?.[1]);
  const numbers = packed.slice(0, first).trim().split(/\s+/).map(Number);
  for (let i = 0; i < numbers.length; i += 2) {
    const next = numbers[i + 3];
    objects.set(
      numbers[i] ?? 0,
      packed.slice(first + (numbers[i + 1] ?? 0), next === undefined ? undefined : first + next),
    );
  }
}

/** The object that a key of a dictionary points to; 0 where there is none. */
export const reference = (source: string, key: string): number =>
  Number(new RegExp(`/${key}\\s+(\\d+) 0 R`).exec(source)?.[1] ?? 0);

function pagesBelow(number: number, objects: ReadonlyMap<number, string>): number[] {
  const source = objects.get(number) ?? '';
  const kids = /\/Kids\s*\[([^\]]*)\]/.exec(source)?.[1];
  if (kids === undefined) return [number];
  return [...kids.matchAll(/(\d+) 0 R/g)].flatMap(([, kid]) => pagesBelow(Number(kid), objects));
}
