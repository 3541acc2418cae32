// Keeps the house in order: which file may import which, and which module's SQL may name which table.
// The rules are those of the architecture (docs/adr/0001); `node tools/arrows.mjs [root]` prints what breaks them.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { looksLikeSql, namesInSql, readOwners } from './sql-names.mjs';

/** @typedef {{ file: string, line: number, rule: string, detail: string }} Violation */
/** @typedef {{ floor: string, module?: string, dir: string, test: boolean }} Place */

/** From the ground up. An import goes down; web and adapters share a floor and never meet. */
const FLOORS = new Map([
  ['kernel', 0],
  ['config', 1],
  ['platform', 2],
  ['modules', 3],
  ['adapters', 4],
  ['web', 4],
  ['compose', 5],
  ['cli', 6],
  ['main', 7],
]);
/** Settings are read at the start and handed down; the domain and the edges never reach for them. */
const READS_CONFIG = new Set(['main', 'cli', 'compose', 'platform', 'config']);
/** Rows of modules from the ground up; a module imports strictly lower rows only. */
const ROWS = [
  ['audit', 'creditors'],
  ['operators', 'debtors', 'webhooks'],
  ['deliveries'],
  ['debts'],
  ['disputes', 'payments', 'notices'],
  ['conversations', 'campaigns'],
  ['insight'],
];
const ROW_OF = new Map(ROWS.flatMap((row, height) => row.map((name) => [name, height])));
const READS_INSIGHT = new Set(['web', 'compose', 'cli', 'main']);
/** Folders of web/ that every other folder of web/ may use. */
const SHARED_WEB = ['src/web/ui', 'src/web/shared'];
const BUILDER_CALLS = new Set(
  'selectFrom insertInto replaceInto updateTable deleteFrom mergeInto innerJoin leftJoin rightJoin fullJoin crossJoin innerJoinLateral leftJoinLateral crossJoinLateral from using table copyIn'.split(
    ' ',
  ),
);

/** Every file below a folder with one of the extensions, as paths relative to root with `/`. */
function filesBelow(root, folder, extensions) {
  const base = path.join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !file.includes('node_modules/') && !file.endsWith('.d.ts'))
    .sort();
}

/** @param {string} file @returns {Place | undefined} undefined when the file lies on no floor */
function placeOf(file) {
  const dir = path.posix.dirname(file);
  const test = /\.test\.tsx?$/.test(file);
  if (file.startsWith('sandbox/')) return { floor: 'sandbox', dir, test };
  const parts = file.split('/');
  const floor = (parts[1] ?? '').replace(/\.tsx?$/, '').replace(/^(main|compose)\.test$/, '$1');
  if (!FLOORS.has(floor)) return undefined;
  if (floor !== 'modules') return { floor, dir, test };
  return parts.length > 3 ? { floor, module: parts[2] ?? '', dir, test } : undefined;
}

const within = (dir, folder) => dir === folder || dir.startsWith(`${folder}/`);

/** Says which rule an import breaks, or nothing. @returns {[rule: string, detail: string] | undefined} */
function judge(from, to, target) {
  if (from.floor === 'sandbox') {
    if (to.floor === 'sandbox' || to.floor === 'kernel') return undefined;
    return ['sandbox', `sandbox speaks to the program over the wire only, not by import of ${target}`];
  }
  if (to.floor === 'sandbox') {
    return from.test ? undefined : ['sandbox', `src imports ${target}`];
  }
  if (to.floor === 'config' && !READS_CONFIG.has(from.floor)) {
    return ['config', `${from.floor} reads settings from ${target}; take them as a parameter`];
  }
  const [height, base] = [FLOORS.get(from.floor) ?? 0, FLOORS.get(to.floor) ?? 0];
  if (base > height) return ['upward', `${from.floor} imports ${target} of the floor above`];
  if (base === height && from.floor !== to.floor) return ['sideways', `${from.floor} imports ${target}`];
  if (from.floor === 'web' || from.floor === 'adapters') {
    if (to.floor === from.floor && !within(from.dir, to.dir) && !within(to.dir, from.dir)) {
      if (!SHARED_WEB.some((folder) => within(to.dir, folder))) return ['sideways', `${from.dir} imports ${target}`];
    }
  }
  if (to.module === undefined || to.module === from.module) return undefined;
  if (from.module !== undefined) {
    const [row, below] = [ROW_OF.get(from.module) ?? 0, ROW_OF.get(to.module) ?? 0];
    if (below > row) return ['upward', `module ${from.module} imports ${to.module}`];
    if (below === row) return ['sideways', `module ${from.module} imports ${to.module}`];
  } else if (to.module === 'insight' && !READS_INSIGHT.has(from.floor)) {
    return ['upward', `${from.floor} imports insight, which only screens and commands read`];
  }
  if (!/^src\/modules\/[^/]+\/index\.tsx?$/.test(target) && !/\.port\.tsx?$/.test(target)) {
    return ['private', `${target} is inside module ${to.module}; use its index.ts or a *.port.ts`];
  }
  return undefined;
}

/** Whether a place may name a relation in its SQL: own tables and anybody's views; `insight` and the rest views only. */
function mayName(place, relation) {
  if (relation.kind === 'view') return true;
  if (place.floor === 'platform') return relation.owner === 'platform';
  return place.module !== undefined && place.module !== 'insight' && place.module === relation.owner;
}

/** Calls `visit` on every node, parents first. */
function walk(node, visit) {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, visit);
  } else if (node !== null && typeof node === 'object') {
    if (typeof node.type === 'string') visit(node);
    for (const key in node) if (typeof node[key] === 'object') walk(node[key], visit);
  }
}

const textOf = (node) => {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return node?.type === 'TSAsExpression' ? textOf(node.expression) : undefined;
};

/** The template as it stands in the source, each `${…}` blanked, so that offsets stay those of the file. */
function blankTemplate(source, node) {
  let text = source.slice(node.start, node.end).replace(/^`|`$/g, ' ');
  for (const expression of node.expressions) {
    const [from, to] = [expression.start - node.start, expression.end - node.start];
    text = text.slice(0, from) + text.slice(from, to).replace(/[^\n]/g, ' ') + text.slice(to);
  }
  return text.replace(/\$\{(\s*)\}/g, (found) => found.replace(/[${}]/g, (mark) => (mark === '$' ? '?' : ' ')));
}

/** Reads one source file: its imports, the relations its SQL may name, and the places where it reads the wall clock. */
function readSource(file, source) {
  const { program, errors } = parseSync(file, source);
  const found = { imports: [], names: [], clocks: [], broken: errors[0]?.message };
  const builderCtes = new Set();
  const tagged = new Set();
  const isSqlTag = (tag) => tag.type === 'Identifier' && /^sql$/i.test(tag.name);
  walk(program, (node) => {
    if (
      /^(ImportDeclaration|ExportNamedDeclaration|ExportAllDeclaration|ImportExpression|TSImportType)$/.test(node.type)
    ) {
      const specifier = textOf(node.source);
      if (specifier !== undefined) found.imports.push({ specifier, offset: node.source.start });
    } else if (node.type === 'TaggedTemplateExpression' && isSqlTag(node.tag)) {
      tagged.add(node.quasi);
    } else if (node.type === 'TemplateLiteral') {
      const text = blankTemplate(source, node);
      if (tagged.has(node) || looksLikeSql(text)) {
        for (const { name, offset } of namesInSql(text)) found.names.push({ name, offset: node.start + offset });
      }
    } else if (node.type === 'Literal' && typeof node.value === 'string') {
      if (looksLikeSql(node.value)) {
        const text = source.slice(node.start + 1, node.end - 1);
        for (const { name, offset } of namesInSql(text)) found.names.push({ name, offset: node.start + 1 + offset });
      }
    } else if (node.type === 'NewExpression' && node.callee.name === 'Date' && node.arguments.length === 0) {
      found.clocks.push({ offset: node.start, detail: 'new Date() without an instant' });
    } else if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') {
      const { object, property } = node.callee;
      if (object.name === 'Date' && property.name === 'now')
        found.clocks.push({ offset: node.start, detail: 'Date.now()' });
      const first = node.arguments[0];
      const chained = !/^(from|using)$/.test(property.name) || object.type === 'CallExpression';
      if (/^with(Recursive)?$/.test(property.name ?? '') && textOf(first))
        builderCtes.add(textOf(first).split(/\W/)[0]);
      if (!BUILDER_CALLS.has(property.name) || !chained) return;
      for (const argument of first?.type === 'ArrayExpression' ? first.elements : [first]) {
        const name = /^\s*(?:\w+\.)?(\w+)(?:\s+as\s+\w+)?\s*$/i.exec(textOf(argument) ?? '')?.[1];
        if (name !== undefined) found.names.push({ name, offset: argument.start });
      }
    }
  });
  found.names = found.names.filter(({ name }) => !builderCtes.has(name));
  return found;
}

/** One shortest cycle for each knot of files that import one another. @param {Map<string, Map<string, number>>} graph */
function cycles(graph) {
  const found = [];
  const reported = new Set();
  for (const start of graph.keys()) {
    if (reported.has(start)) continue;
    const cameFrom = new Map();
    const queue = [start];
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (graph.get(file)?.has(start)) {
        const ring = [start];
        for (let at = file; at !== start; at = cameFrom.get(at)) ring.splice(1, 0, at);
        for (const member of ring) reported.add(member);
        found.push(ring);
        break;
      }
      for (const next of graph.get(file)?.keys() ?? []) {
        if (next !== start && !cameFrom.has(next)) {
          cameFrom.set(next, file);
          queue.push(next);
        }
      }
    }
  }
  return found;
}

/**
 * Checks the tree below `root` (its `src/`, `sandbox/` and `migrations/`).
 * @param {{ root: string }} options
 * @returns {{ files: number, modules: number, imports: number, sqlNames: number, violations: Violation[] }}
 *   how much was looked at, and what breaks the rules, in the order of files and lines
 */
export function checkArrows({ root }) {
  const violations = [];
  const migrations = filesBelow(root, 'migrations', ['.sql']);
  const { relations, problems } = readOwners(
    new Map(migrations.map((file) => [file, readFileSync(path.join(root, file), 'utf8')])),
  );
  for (const problem of problems) violations.push({ ...problem, rule: 'owner' });
  for (const [name, { owner }] of relations) {
    if (owner !== 'platform' && !ROW_OF.has(owner)) {
      violations.push({
        file: 'migrations',
        line: 1,
        rule: 'owner',
        detail: `${name} belongs to unknown module ${owner}`,
      });
    }
  }

  const files = [...filesBelow(root, 'src', ['.ts', '.tsx']), ...filesBelow(root, 'sandbox', ['.ts', '.tsx'])];
  const known = new Set(files);
  const modules = new Set();
  const graph = new Map();
  let imports = 0;
  let sqlNames = 0;
  for (const file of files) {
    const source = readFileSync(path.join(root, file), 'utf8');
    const add = (offset, rule, detail) =>
      violations.push({ file, line: source.slice(0, offset).split('\n').length, rule, detail });
    const place = placeOf(file);
    if (place === undefined || (place.module !== undefined && !ROW_OF.has(place.module))) {
      add(0, 'floor', 'lies on no floor of the house (tools/arrows.mjs lists them)');
      continue;
    }
    if (place.module !== undefined) modules.add(place.module);
    const { imports: specifiers, names, clocks, broken } = readSource(file, source);
    if (broken) add(0, 'parse', broken);

    const edges = new Map();
    graph.set(file, edges);
    for (const { specifier, offset } of specifiers) {
      imports++;
      if (!specifier.startsWith('.')) continue;
      const target = path.posix.normalize(path.posix.join(place.dir, specifier));
      if (known.has(target)) {
        if (!edges.has(target)) edges.set(target, offset);
        const to = placeOf(target);
        const broke = to && judge(place, to, target);
        if (broke) add(offset, ...broke);
      } else if (place.test ? /^(tools|bench|bin)\//.test(target) : /^(test|tools|bench|bin)\//.test(target)) {
        add(offset, 'outside', `imports ${target}`);
      } else if (!statSync(path.join(root, target), { throwIfNoEntry: false })?.isFile()) {
        add(offset, 'unresolved', `${specifier} is no file (write the extension)`);
      }
    }

    if (place.test || place.floor === 'sandbox') continue;
    for (const { name, offset } of names) {
      const relation = relations.get(name);
      if (relation === undefined) continue;
      sqlNames++;
      if (!mayName(place, relation)) add(offset, 'sql', `names table ${name}, which belongs to ${relation.owner}`);
    }
    // Time is an input: the wall clock is read in one place, so that a simulation can move it.
    if (!/^src\/(kernel\/clocks|web\/islands)/.test(file)) {
      for (const { offset, detail } of clocks) add(offset, 'clock', `${detail}; take a clock of kernel/clocks`);
    }
  }
  for (const ring of cycles(graph)) {
    const offset = graph.get(ring[0]).get(ring[1] ?? ring[0]);
    const line = readFileSync(path.join(root, ring[0]), 'utf8').slice(0, offset).split('\n').length;
    violations.push({ file: ring[0], line, rule: 'cycle', detail: [...ring, ring[0]].join(' → ') });
  }
  if (files.length === 0 || modules.size === 0) {
    violations.push({
      file: 'src',
      line: 1,
      rule: 'nothing',
      detail: `${files.length} files, ${modules.size} modules seen`,
    });
  }
  violations.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  return { files: files.length, modules: modules.size, imports, sqlNames, violations };
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = path.resolve(process.argv[2] ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '..'));
  const { files, modules, imports, sqlNames, violations } = checkArrows({ root });
  for (const { file, line, rule, detail } of violations) console.log(`${file}:${line} ${rule} ${detail}`);
  console.log(
    `${files} files, ${modules} modules, ${imports} imports, ${sqlNames} SQL names checked; ${violations.length} violations`,
  );
  process.exitCode = violations.length > 0 ? 1 : 0;
}
