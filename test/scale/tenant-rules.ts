import {
  as,
  columnOf,
  conjuncts,
  equalityOf,
  isParameter,
  list,
  names,
  nodes,
  statementsOf,
  type Tree,
  text,
  tree,
} from './sql-tree.ts';

/**
 * What a distributed database would refuse, or ask every shard for (data-engine.md §3). `tenants`: the tables and views
 * that begin with `ente_id`; whatever else a statement names is a reference table or one of its own.
 */
export function faultsOf(sql: string, tenants: ReadonlySet<string>): string[] {
  const statements = statementsOf(sql);
  const faults = statements.flatMap((statement) => faultsOfStatement(statement, tenants));
  const named = statements.some((statement) => [...relationsIn(statement)].some((name) => tenants.has(name)));
  if (statements.length > 1 && named) faults.push('several statements in one call');
  return [...new Set(faults)];
}

function* relationsIn(value: unknown): Generator<string> {
  for (const [kind, node] of nodes(value)) if (kind === 'RangeVar' || kind === 'relation') yield text(node.relname);
}

const SCOPES = ['SelectStmt', 'UpdateStmt', 'DeleteStmt', 'InsertStmt'];
/** Their answer differs from one call to the next: the coordinator and the shards would not agree on it. */
const UNSTEADY = new Set(
  'now random clock_timestamp statement_timestamp transaction_timestamp timeofday gen_random_uuid nextval'.split(' '),
);

function faultsOfStatement(statement: Tree, tenants: ReadonlySet<string>): string[] {
  const faults = shapesOf(statement);
  const isTenant = notCommon(statement, tenants);
  for (const [kind, node] of nodes(statement)) {
    if (SCOPES.includes(kind)) faults.push(...faultsOfScope(kind, node, isTenant));
  }
  return faults;
}

function shapesOf(statement: Tree): string[] {
  const faults: string[] = [];
  for (const [kind, node] of nodes(statement)) {
    if (kind === 'withClause' && node.recursive === true) faults.push('recursive common table');
    if (kind === 'GroupingSet') faults.push('grouping sets');
    if (kind === 'MergeStmt') faults.push('merge');
    if (kind === 'ColumnRef' && names(node.fields).at(-1) === 'ctid') faults.push('ctid');
  }
  return faults;
}

/** A name that a common table has taken is none of ours in that statement. */
function notCommon(statement: Tree, tenants: ReadonlySet<string>): IsTenant {
  const taken = new Set([...nodes(statement)].map(([kind, node]) => (kind === 'CommonTableExpr' ? node.ctename : '')));
  return (name) => tenants.has(name) && !taken.has(name);
}

type IsTenant = (relation: string) => boolean;

function faultsOfScope(kind: string, scope: Tree, isTenant: IsTenant): string[] {
  const faults: string[] = [];
  const { relations, conditions } = relationsOf(kind, scope);
  const tenantRelations = relations.filter(({ relation }) => isTenant(relation));
  const tied = tiedTo(conditions, isParameter);
  for (const { relation, alias } of tenantRelations) {
    if (tied.has(alias) || (tenantRelations.length === 1 && tied.has(null))) continue;
    const lock = list(scope.lockingClause).length > 0 ? ', and locks rows' : '';
    faults.push(`${relation} ${alias} without its tenant as a parameter${lock}`);
  }
  if (kind === 'InsertStmt') faults.push(...faultsOfInsert(scope, isTenant));
  if (kind === 'UpdateStmt')
    faults.push(...faultsOfSet(list(scope.targetList), 'update', isTenant(text(tree(scope.relation).relname))));
  return faults;
}

/** The tables of one scope, its target among them, and all that must hold for its rows. */
function relationsOf(kind: string, scope: Tree): FromPart {
  const from = [...list(scope.fromClause), ...list(scope.usingClause)];
  if (kind === 'UpdateStmt' || kind === 'DeleteStmt') from.push({ RangeVar: scope.relation });
  const { relations, conditions } = readFrom(from);
  return { relations, conditions: [...conditions, ...conjuncts(scope.whereClause)] };
}

interface FromPart {
  readonly relations: { readonly relation: string; readonly alias: string }[];
  readonly conditions: unknown[];
}

/** The tables that stand beside each other in a FROM, and the conditions of their joins. */
function readFrom(from: readonly unknown[]): FromPart {
  const found: FromPart = { relations: [], conditions: [] };
  for (const item of from) {
    const table = as('RangeVar', item);
    if (table !== null) {
      const relation = text(table.relname);
      found.relations.push({ relation, alias: text(tree(table.alias).aliasname) || relation });
    }
    const join = as('JoinExpr', item);
    if (join === null) continue;
    const inner = readFrom([join.larg, join.rarg]);
    found.relations.push(...inner.relations);
    found.conditions.push(...inner.conditions, ...conjuncts(join.quals));
  }
  return found;
}

/** The aliases whose `ente_id` is set equal to something that `fits`; null: written without an alias. */
function tiedTo(conditions: readonly unknown[], fits: (other: unknown) => boolean): Set<string | null> {
  const tied = new Set<string | null>();
  for (const condition of conditions) {
    const [left, right] = equalityOf(condition) ?? [];
    for (const [side, other] of [
      [left, right],
      [right, left],
    ]) {
      const column = columnOf(side);
      if (column?.column === 'ente_id' && fits(other)) tied.add(column.alias);
    }
  }
  return tied;
}

function faultsOfInsert(insert: Tree, isTenant: IsTenant): string[] {
  const relation = text(tree(insert.relation).relname);
  const faults: string[] = [];
  const rows = as('SelectStmt', insert.selectStmt) ?? {};
  if (isTenant(relation)) {
    const at = list(insert.cols).findIndex((column) => as('ResTarget', column)?.name === 'ente_id');
    const values = list(rows.valuesLists).map((row) => list(as('List', row)?.items)[at]);
    const chosen = as('ResTarget', list(rows.targetList)[at])?.val;
    const given = values.length > 0 ? values : [chosen];
    if (at === -1 || !given.every(isParameter))
      faults.push(`insert into ${relation} without its tenant as a parameter`);
    if (at > 0) faults.push(`insert into ${relation} with its tenant not first`);
  }
  const conflict = tree(insert.onConflictClause);
  const target = list(tree(conflict.infer).indexElems).map((element) => as('IndexElem', element)?.name);
  if (isTenant(relation) && target.length > 0 && !target.includes('ente_id'))
    faults.push('conflict without the tenant');
  faults.push(...faultsOfSet(list(conflict.targetList), 'on conflict', isTenant(relation)));
  for (const [kind, node] of nodes(list(rows.targetList))) {
    if (kind === 'CaseExpr' && node.arg !== undefined && list(node.args).some(hasBooleanArm)) {
      faults.push('case x when with boolean arms in insert … select');
    }
  }
  return faults;
}

function hasBooleanArm(when: unknown): boolean {
  const result = tree(as('CaseWhen', when)?.result);
  const comparison = as('A_Expr', result);
  return (
    'BoolExpr' in result ||
    'NullTest' in result ||
    as('A_Const', result)?.boolval !== undefined ||
    (comparison !== null && ['=', '<', '>', '<=', '>=', '<>'].includes(names(comparison.name).join()))
  );
}

function faultsOfSet(set: readonly unknown[], where: string, ofTenant: boolean): string[] {
  const faults: string[] = [];
  if (ofTenant && set.some((target) => as('ResTarget', target)?.name === 'ente_id'))
    faults.push(`${where} moves a row to another tenant`);
  for (const [kind, node] of nodes(set)) {
    const called = kind === 'FuncCall' ? (names(node.funcname).at(-1) ?? '') : '';
    if (UNSTEADY.has(called)) faults.push(`${called}() in ${where}`);
    if (kind === 'SQLValueFunction') faults.push(`the database’s clock in ${where}`);
  }
  return faults;
}

/** A view, whose tenant comes from whoever asks: its tables must all be tied to each other by it. */
export function faultsOfView(view: string, definition: string, tenants: ReadonlySet<string>): string[] {
  return statementsOf(definition)
    .flatMap((statement) => [...shapesOf(statement), ...loose(statement, tenants)])
    .map((fault) => `${view}: ${fault}`);
}

/** A migration acts for all bodies at once, on tables tied by the tenant. */
export function faultsOfMigration(sql: string, tenants: ReadonlySet<string>): string[] {
  const faults = statementsOf(sql).flatMap((statement) => {
    const trigger = 'CreateTrigStmt' in statement ? ['a trigger'] : [];
    return [...trigger, ...shapesOf(statement), ...loose(statement, tenants)];
  });
  return [...new Set(faults)];
}

function loose(statement: Tree, tenants: ReadonlySet<string>): string[] {
  const isTenant = notCommon(statement, tenants);
  const faults: string[] = [];
  for (const [kind, scope] of nodes(statement)) {
    if (!SCOPES.includes(kind)) continue;
    const { relations, conditions } = relationsOf(kind, scope);
    const mine = relations.filter(({ relation }) => isTenant(relation));
    const tied = tiedTo(conditions, (other) => columnOf(other)?.column === 'ente_id');
    const free = mine.filter(({ alias }) => !tied.has(alias)).map(({ alias }) => alias);
    if (mine.length > 1 && free.length > 0) faults.push(`${free.join(', ')} not tied by the tenant`);
  }
  return faults;
}
