import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseSync } from 'oxc-parser';

/** A statement as it is written in a file of the program, or a piece of one that asks something itself. */
export interface WrittenSql {
  readonly file: string;
  readonly line: number;
  /** What is written, cut where a value or a piece of SQL comes in. */
  readonly parts: readonly string[];
  /** As one text: pieces of the same file in their places, a parameter for each value. */
  readonly text: string;
  /** The text as it is, or as what it may be a piece of: the first that can be read counts. */
  readonly readings: readonly string[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const ROOT = join(import.meta.dirname, '..', '..');
const BEGINS = /^\s*(?:select|insert|update|delete|with|merge)\b/i;
const ASKS = /\b(?:from|join)\b/i;
/** How deep pieces of pieces are followed. */
const DEPTH = 4;

/** A condition, a column, rows, or what comes after them. */
const AS_PIECES = [
  (piece: string) => `select 1 where (${piece})`,
  (piece: string) => `select 1 where true ${piece}`,
  (piece: string) => `select ${piece}`,
  (piece: string) => `select 1 from ${piece}`,
  (piece: string) => `select 1 from one ${piece}`,
] as const;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
const node = (value: unknown): Node | null => (isNode(value) ? value : null);
const isSql = (value: unknown): boolean =>
  node(value)?.type === 'TaggedTemplateExpression' && node(node(value)?.tag)?.name === 'sql';

/** Every statement of `src`, and every piece with a table of its own. */
export function statementsInSource(): WrittenSql[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
    .flatMap((file) => statementsOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

export function statementsOf(file: string, source: string): WrittenSql[] {
  if (!source.includes('sql')) return [];
  const program: unknown = parseSync(file, source).program;
  const pieces = piecesOf(program);
  const found: WrittenSql[] = [];
  for (const one of below(program)) {
    if (!isSql(one)) continue;
    const parts = partsOf(one);
    const whole = BEGINS.test(parts[0] ?? '');
    if (!whole && !ASKS.test(parts.join(' '))) continue;
    const text = readable(one, pieces, DEPTH);
    const line = source.slice(0, one.start).split('\n').length;
    found.push({ file, line, parts, text, readings: whole ? [text] : AS_PIECES.map((around) => around(text)) });
  }
  return found;
}

function* below(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* below(one);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) yield value;
    for (const inner of Object.values(value)) yield* below(inner);
  }
}

const partsOf = (template: Node): string[] =>
  ((node(template.quasi)?.quasis ?? []) as { value: { cooked: string | null } }[]).map((one) => one.value.cooked ?? '');

/** What may stand behind the name of a piece; the outcome of a statement that ran is none. */
const HOLDERS = new Set([
  'TaggedTemplateExpression',
  'ArrowFunctionExpression',
  'ConditionalExpression',
  'BlockStatement',
]);

/** Pieces that a name stands for: a constant, or what a function gives back first. */
function piecesOf(program: unknown): ReadonlyMap<string, Node> {
  const pieces = new Map<string, Node>();
  for (const one of below(program)) {
    const name = node(one.id)?.name;
    const held = node(one.type === 'FunctionDeclaration' ? one.body : one.init);
    if (typeof name !== 'string' || held === null || !HOLDERS.has(held.type)) continue;
    const template = [...below(held)].find(isSql);
    if (template !== undefined && !pieces.has(name)) pieces.set(name, template);
  }
  return pieces;
}

function readable(template: Node, pieces: ReadonlyMap<string, Node>, depth: number): string {
  const holes = (node(template.quasi)?.expressions ?? []) as readonly Node[];
  let text = '';
  for (const [i, part] of partsOf(template).entries()) {
    text += part;
    const hole = holes[i];
    if (hole !== undefined) text += fill(hole, text, pieces, depth);
  }
  return text;
}

function fill(hole: Node, before: string, pieces: ReadonlyMap<string, Node>, depth: number): string {
  if (isSql(hole)) return readable(hole, pieces, depth);
  if (hole.type === 'ConditionalExpression') {
    // The longer of the two says more.
    const both = [hole.consequent, hole.alternate].map((one) => fill(one as Node, before, pieces, depth));
    return both.sort((x, y) => y.length - x.length)[0] ?? '';
  }
  const callee = hole.type === 'CallExpression' ? node(hole.callee) : null;
  const name = hole.type === 'Identifier' ? hole.name : callee?.name;
  if (name === 'unnestRows') return 'unnest($1::int[]) as u';
  const piece = pieces.get(String(name));
  if (piece !== undefined && depth > 0) return readable(piece, pieces, depth - 1);
  const raw = node((hole.arguments as unknown[] | undefined)?.[0]);
  if (node(callee?.property)?.name === 'raw' && typeof raw?.value === 'string') return raw.value;
  return unknown(before);
}

/** Words after which a value may stand. */
const BEFORE_VALUES = new Set(
  'where and or not on when then else case select distinct limit offset in between like is set values by any returning'.split(
    ' ',
  ),
);

/** What comes from elsewhere is looked at there: rows, a value, or, where neither can stand, further conditions. */
function unknown(before: string): string {
  if (/\b(?:from|join|materialized|as)\s*\($/.test(before)) return 'select 1';
  if (/\b(?:from|join)\s*$/.test(before)) return '(select 1)';
  const last = /(?:[)'\]]|\$\d+|[\w.]+)\s*$/.exec(before)?.[0].trim();
  return last === undefined || BEFORE_VALUES.has(last) ? '$1' : '';
}

/** What the first reading that can be read makes; null where none can. */
export function firstReading<T>({ readings }: WrittenSql, make: (sql: string) => T): T | null {
  for (const reading of readings) {
    try {
      return make(reading);
    } catch {
      // No SQL: it may be a piece of another kind.
    }
  }
  return null;
}

/** Whether it ran, alone or inside another: the same words in the same order, around whatever came in. */
export function ranIn(ran: readonly string[], { parts }: Pick<WrittenSql, 'parts'>): boolean {
  return ran.some((sql) => {
    let at = 0;
    return parts.every((part) => {
      const found = sql.indexOf(part.trim(), at);
      at = found + part.trim().length;
      return found !== -1;
    });
  });
}
