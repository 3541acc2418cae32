import fc from 'fast-check';

const PIECES = ['<', '>', '&', '</', '<!DOCTYPE x>', '&x;', '\u0000', '-', '9', 'é', '<![CDATA[', '<!--', '"'];

/** A sound XML file cut short once in three times, then broken in one to five places by what a reader could trip over. */
export function brokenXml(sound: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(sound.length), fc.nat(30), fc.constantFrom(...PIECES));
  return fc
    .tuple(fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(sound.length))
    .map(([changes, cut]) =>
      changes.reduce(
        (bytes, [at, gone, put]) => Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + gone)]),
        cut % 3 === 0 ? sound.subarray(0, cut) : sound,
      ),
    );
}
