import { parseSync } from 'libpg-query';

/** A piece of a parse tree: libpg-query wraps each node in an object with its kind as the only key. */
export type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

export const tree = (value: unknown): Tree => (isTree(value) ? value : {});
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
/** The node inside its wrapper, if it is of this kind. */
export const as = (kind: string, value: unknown): Tree | null => {
  const inner = tree(value)[kind];
  return isTree(inner) ? inner : null;
};
const name = (value: unknown): string => text(as('String', value)?.sval);
export const names = (value: unknown): string[] => list(value).map(name);

/** The statements of a text, as PostgreSQL itself reads them. Throws where it is no SQL. */
export function statementsOf(sql: string): Tree[] {
  return list(tree(parseSync(sql)).stmts).map((one) => tree(tree(one).stmt));
}

/** Everything below a node, itself included, by the kind or the key that it stands under. */
export function* nodes(value: unknown): Generator<[string, Tree]> {
  if (Array.isArray(value)) for (const one of value) yield* nodes(one);
  if (!isTree(value)) return;
  for (const [kind, inner] of Object.entries(value)) {
    if (isTree(inner)) yield [kind, inner];
    yield* nodes(inner);
  }
}

/** The parts of a condition that must all hold. */
export function conjuncts(condition: unknown): unknown[] {
  const all = as('BoolExpr', condition);
  if (all?.boolop !== 'AND_EXPR') return condition === undefined ? [] : [condition];
  return list(all.args).flatMap(conjuncts);
}

/** `alias.column`, or `column`. */
export function columnOf(value: unknown): { readonly alias: string | null; readonly column: string } | null {
  const ref = as('ColumnRef', value);
  if (ref === null) return null;
  const fields = names(ref.fields);
  return { alias: fields.length > 1 ? (fields.at(-2) ?? null) : null, column: fields.at(-1) ?? '' };
}

/** A parameter, with or without a cast. */
export function isParameter(value: unknown): boolean {
  const cast = as('TypeCast', value);
  return cast === null ? 'ParamRef' in tree(value) : isParameter(cast.arg);
}

/** Both sides of an `=`. */
export function equalityOf(condition: unknown): readonly [unknown, unknown] | null {
  const found = as('A_Expr', condition);
  if (found === null || found.kind !== 'AEXPR_OP' || names(found.name).join() !== '=') return null;
  return [found.lexpr, found.rexpr];
}
