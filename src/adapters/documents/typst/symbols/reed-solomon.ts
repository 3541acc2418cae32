/** Makes the check words of some data words, the highest power first. */
export type ReedSolomon = (data: Uint8Array, checkWords: number) => Uint8Array;

/**
 * Reed-Solomon over GF(256) made by `polynomial`, its generator having the roots α^first, α^(first+1), … (QR code: 0x11d
 * from 0; Data Matrix: 0x12d from 1).
 */
export function makeReedSolomon(polynomial: number, first: number): ReedSolomon {
  const powers = new Uint8Array(510);
  const logs = new Uint8Array(256);
  let power = 1;
  for (let i = 0; i < 255; i += 1) {
    powers[i] = power;
    powers[i + 255] = power;
    logs[power] = i;
    power <<= 1;
    if (power > 255) power ^= polynomial;
  }
  const at = (table: Uint8Array, i: number) => table[i] ?? 0;
  const generators = new Map<number, Uint8Array>();

  /** Logarithms of the coefficients, the leading one left out. */
  function generator(checkWords: number): Uint8Array {
    const known = generators.get(checkWords);
    if (known !== undefined) return known;
    let product = [1];
    for (let root = first; root < first + checkWords; root += 1) {
      const times = (value: number) => (value === 0 ? 0 : at(powers, at(logs, value) + root));
      product = [...product, 0].map((value, i) => value ^ times(product[i - 1] ?? 0));
    }
    const made = Uint8Array.from(product.slice(1), (value) => at(logs, value));
    generators.set(checkWords, made);
    return made;
  }

  return (data, checkWords) => {
    const factors = generator(checkWords);
    const rest = new Uint8Array(checkWords);
    for (const word of data) {
      const lead = word ^ at(rest, 0);
      rest.copyWithin(0, 1);
      rest[checkWords - 1] = 0;
      if (lead === 0) continue;
      const log = at(logs, lead);
      for (let i = 0; i < checkWords; i += 1) rest[i] = at(rest, i) ^ at(powers, at(factors, i) + log);
    }
    return rest;
  };
}
