import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import type { Picture } from './pdf-picture.ts';

// Left alone, the package would fetch its engine from the network.
const engine = readFileSync(fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')));
prepareZXingModule({
  overrides: { wasmBinary: new Uint8Array(engine).buffer },
});

export interface ReadSymbol {
  readonly format: 'QRCode' | 'DataMatrix';
  readonly text: string;
  /** Of a QR code: L, M, Q or H. */
  readonly level: string;
  readonly version: string;
}

/** Every QR code and Data Matrix in a picture, sorted by text. A PNG file will do as well. */
export async function readSymbols(picture: Picture | Uint8Array): Promise<ReadSymbol[]> {
  const found = await readBarcodes(picture as Uint8Array, { formats: ['QRCode', 'DataMatrix'], tryHarder: true });
  return found
    .filter((one) => one.isValid)
    .map(({ format, text, extra }) => {
      const { ECLevel: level = '', Version: version = '' } = JSON.parse(extra) as Record<string, string>;
      return { format: format as ReadSymbol['format'], text, level: String(level), version: String(version) };
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}
