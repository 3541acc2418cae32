/** A square symbol: one byte a module, row by row from above, 1 dark and 0 light. */
export interface Modules {
  readonly size: number;
  readonly dark: Uint8Array;
}

/**
 * The symbol as an SVG: one black shape, so that no hairline shows between modules, and no quiet zone: the page around it
 * must stay white.
 */
export function svgOf({ size, dark }: Modules): string {
  let path = '';
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const from = x;
      while (x < size && dark[y * size + x] === 1) x += 1;
      if (x > from) path += `M${from} ${y}h${x - from}v1h${from - x}z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}"><path d="${path}"/></svg>`;
}
