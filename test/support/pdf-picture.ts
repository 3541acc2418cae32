import type { Pdf } from './pdf.ts';

/** A picture as `zxing-wasm` takes it: four bytes a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

type Matrix = readonly [number, number, number, number, number, number];
type Point = readonly [x: number, y: number];

interface Shape {
  readonly rings: readonly (readonly Point[])[];
  readonly evenOdd: boolean;
  /** Which piece of marked content it belongs to: a symbol is one. */
  readonly sequence: number;
}

const A4 = { width: 595.276, height: 841.89 };

/**
 * A page of a PDF as a printer would see its dark filled shapes; letters, lines and light grounds are left out. Enough to
 * read back the symbols of a notice, at the size at which they stand in the file, on a machine that has no PDF viewer.
 */
export function picturePage(pdf: Pdf, page: number, dotsPerInch: number): Picture {
  const scale = dotsPerInch / 72;
  const width = Math.round(A4.width * scale);
  const height = Math.round(A4.height * scale);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  // From below upwards in points to from above downwards in dots.
  const toDots: Matrix = [scale, 0, 0, -scale, 0, height];
  for (const shape of shapesOf(pdf, page, toDots)) {
    fill(shape, width, height, (x, y) => data.fill(0, 4 * (y * width + x), 4 * (y * width + x) + 3));
  }
  return { width, height, data };
}

/** Millimetres from the left and from below. */
export interface Box {
  readonly left: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest boxes around dark shapes that belong together on the page. */
export function symbolBoxes(pdf: Pdf, page: number): Box[] {
  const toMillimetres: Matrix = [25.4 / 72, 0, 0, 25.4 / 72, 0, 0];
  const symbols = Map.groupBy(shapesOf(pdf, page, toMillimetres), (shape) => shape.sequence);
  return [...symbols.values()].map((shapes) => {
    const points = shapes.flatMap((shape) => shape.rings.flat());
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, bottom] = [Math.min(...xs), Math.min(...ys)];
    return { left, bottom, width: Math.max(...xs) - left, height: Math.max(...ys) - bottom };
  });
}

const TOKEN = /\((?:\\.|[^\\()])*\)|<<|>>|<[\dA-Fa-f\s]*>|[[\]]|\/[^\s/<>[\]()]+|[^\s/<>[\]()]+/gs;

/** The dark filled shapes of a page, in the coordinates that `start` leads to. */
function shapesOf(pdf: Pdf, page: number, start: Matrix): Shape[] {
  const found: Shape[] = [];
  const contents = /\/Contents\s+(\d+) 0 R/.exec(pdf.objects.get(page) ?? '')?.[1];
  const stack: { readonly matrix: Matrix; readonly dark: boolean }[] = [];
  let operands: string[] = [];
  let state = { matrix: start, dark: true };
  let rings: Point[][] = [];
  let sequence = 0;
  const paint = (evenOdd: boolean) => {
    if (state.dark && rings.length > 0) found.push({ rings, evenOdd, sequence });
    rings = [];
  };
  for (const [token] of pdf.stream(Number(contents)).matchAll(TOKEN)) {
    if (/^[-+.\d/(<[\]>]/.test(token)) {
      operands.push(token);
      continue;
    }
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = operands.map(Number);
    const to = (x: number, y: number): Point => apply(state.matrix, x, y);
    if (token === 'q') stack.push(state);
    else if (token === 'Q') state = stack.pop() ?? state;
    else if (token === 'cm') state = { ...state, matrix: times([a, b, c, d, e, f], state.matrix) };
    else if (/^(?:g|rg|sc|scn)$/.test(token)) state = { ...state, dark: Math.max(a, b, c) < 0.5 };
    else if (token === 'm') rings.push([to(a, b)]);
    else if (token === 'l') rings.at(-1)?.push(to(a, b));
    else if (token === 'c') rings.at(-1)?.push(to(e, f));
    else if (token === 're') rings.push([to(a, b), to(a + c, b), to(a + c, b + d), to(a, b + d)]);
    else if (token === 'f') paint(false);
    else if (token === 'f*') paint(true);
    else if (token === 'n' || token === 'S') rings = [];
    else if (token === 'BDC' || token === 'BMC') sequence += 1;
    operands = [];
  }
  return found;
}

const apply = ([a, b, c, d, e, f]: Matrix, x: number, y: number): Point => [a * x + c * y + e, b * x + d * y + f];

function times([a, b, c, d, e, f]: Matrix, m: Matrix): Matrix {
  const linear = (x: number, y: number) => [m[0] * x + m[2] * y, m[1] * x + m[3] * y] as const;
  return [...linear(a, b), ...linear(c, d), ...apply(m, e, f)];
}

/** Calls `dot` for every dot whose centre lies inside, one scan line after the other. */
function fill({ rings, evenOdd }: Shape, width: number, height: number, dot: (x: number, y: number) => void): void {
  const edges = rings.flatMap((ring) => ring.map((from, i) => [from, ring[(i + 1) % ring.length] ?? from] as const));
  const rows = edges.flatMap(([from, to]) => [from[1], to[1]]);
  const [top, bottom] = [Math.max(0, Math.floor(Math.min(...rows))), Math.min(height, Math.ceil(Math.max(...rows)))];
  for (let y = top; y < bottom; y += 1) {
    const middle = y + 0.5;
    const crossings = edges
      .filter(([from, to]) => from[1] > middle !== to[1] > middle)
      .map(([from, to]) => ({
        x: from[0] + ((middle - from[1]) * (to[0] - from[0])) / (to[1] - from[1]),
        turn: to[1] > from[1] ? 1 : -1,
      }))
      .sort((p, q) => p.x - q.x);
    let winding = 0;
    for (const [i, { x, turn }] of crossings.entries()) {
      winding += turn;
      const inside = evenOdd ? i % 2 === 0 : winding !== 0;
      const next = crossings[i + 1];
      if (!inside || next === undefined) continue;
      for (let column = Math.max(0, Math.ceil(x - 0.5)); column < Math.min(width, next.x - 0.5); column += 1)
        dot(column, y);
    }
  }
}
