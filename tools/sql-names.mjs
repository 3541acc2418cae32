// Which tables a piece of SQL names, and which module owns each table. Used by arrows.mjs; knows nothing of imports.

/** @typedef {{ name: string, offset: number }} SqlName */
/** @typedef {{ kind: 'table' | 'view', owner: string }} Relation */
/** @typedef {{ text: string, offset: number, quoted: boolean }} Token */

/** Words after which a relation follows; those mapped to true open a comma-separated list. */
const OPENERS = new Map([
  ['from', true],
  ['using', true],
  ['join', false],
  ['into', false],
  ['update', false],
  ['truncate', false],
  ['copy', false],
  ['table', false],
  ['analyze', false],
]);
/** Words that may stand between an opener and the relation. */
const FILLERS = new Set(['only', 'lateral', 'if', 'not', 'exists', 'table']);
/** Words that end the list a FROM opened. */
const CLOSERS = new Set(
  'where group order having limit offset union except intersect returning set select values for window fetch when'.split(
    ' ',
  ),
);

/** Blanks comments and string literals, keeping every offset where it was. @param {string} text */
function blank(text) {
  return text.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (found) => found.replace(/[^\n]/g, ' '));
}

/** @param {string} text @returns {Token[]} */
function tokenize(text) {
  const tokens = [];
  for (const match of blank(text).matchAll(/"([^"]+)"|[A-Za-z_][\w$]*|[^\s\w]|\d[\w.]*/g)) {
    const quoted = match[1] !== undefined;
    tokens.push({ text: quoted ? match[1] : match[0].toLowerCase(), offset: match.index, quoted });
  }
  return tokens;
}

const isWord = (/** @type {Token | undefined} */ token) =>
  token !== undefined && (token.quoted || /^[a-z_]/.test(token.text));

/** Index of the parenthesis closing the one at `open`. @param {Token[]} tokens @param {number} open */
function closing(tokens, open) {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i].text === '(') depth++;
    if (tokens[i].text === ')' && --depth === 0) return i;
  }
  return tokens.length;
}

/**
 * Common table expressions: a name counts as one only after its own body (or inside it, when recursive), so that
 * `with debt as (select * from debt)` still shows that the real table is read.
 * @param {Token[]} tokens
 */
function commonTables(tokens) {
  const recursive = tokens.some((token) => token.text === 'recursive');
  const found = [];
  for (let i = 0; i < tokens.length; i++) {
    if (!isWord(tokens[i])) continue;
    let at = i + 1;
    if (tokens[at]?.text === '(') at = closing(tokens, at) + 1;
    if (tokens[at]?.text !== 'as') continue;
    at++;
    if (tokens[at]?.text === 'not') at++;
    if (tokens[at]?.text === 'materialized') at++;
    if (tokens[at]?.text !== '(') continue;
    found.push({ name: tokens[i].text, from: recursive ? at : closing(tokens, at) });
  }
  return found;
}

/**
 * `is distinct from x`, `join y using (id)`, `for [no key] update`, `do update`, `on update`: no relation follows.
 * @param {Token[]} tokens @param {number} i
 */
function isNoOpener(tokens, i) {
  const before = tokens[i - 1]?.text ?? '';
  if (tokens[i].text === 'from') return before === 'distinct';
  if (tokens[i].text === 'using') return tokens[i + 1]?.text === '(';
  return tokens[i].text === 'update' && ['for', 'key', 'do', 'on'].includes(before);
}

/**
 * Relations named in a piece of SQL, in order, each with its offset in the text. Aliases, functions and common table
 * expressions are left out; names that are no table at all are the caller's to drop.
 * @param {string} text
 * @returns {SqlName[]}
 */
export function namesInSql(text) {
  const tokens = tokenize(text);
  const ctes = commonTables(tokens);
  const names = [];
  /** One entry per open parenthesis. */
  const stack = [{ expect: false, list: false, call: false }];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    const top = stack[stack.length - 1];
    if (token.text === '(' && !token.quoted) {
      // `from (a join b …)`: the parenthesis inherits the expectation, an argument list does not
      stack.push({ expect: top.expect, list: top.expect && top.list, call: false });
      top.expect = false;
    } else if (token.text === ')' && !token.quoted) {
      if (stack.length > 1) stack.pop();
    } else if (token.text === ',') {
      top.expect = top.list;
    } else if (!isWord(token)) {
      top.expect = false;
    } else if (!token.quoted && CLOSERS.has(token.text)) {
      top.expect = false;
      top.list = false;
    } else if (!token.quoted && OPENERS.has(token.text) && !(token.text === 'table' && top.expect)) {
      if (isNoOpener(tokens, i)) continue;
      top.expect = true;
      top.list = (OPENERS.get(token.text) ?? false) || (token.text === 'join' && top.list);
      top.call = token.text !== 'from' && token.text !== 'join' && token.text !== 'using';
    } else if (top.expect && !token.quoted && FILLERS.has(token.text)) {
      // still waiting for the name
    } else if (top.expect) {
      let name = token;
      while (tokens[i + 1]?.text === '.' && isWord(tokens[i + 2])) {
        i += 2;
        name = tokens[i];
      }
      top.expect = false;
      const isFunction = tokens[i + 1]?.text === '(' && !top.call;
      const isCte = ctes.some((cte) => cte.name === name.text && i > cte.from);
      if (!isFunction && !isCte) names.push({ name: name.text, offset: name.offset });
    }
  }
  return names;
}

const VERBS =
  /\bselect\b[\s\S]*?\bfrom\b|\binsert\s+into\s|\bdelete\s+from\s|\bmerge\s+into\s|\bupdate\s+\S+(\s+(as\s+)?\w+)?\s+set\b|\bjoin\s+\S+[\s\S]*?\b(on|using)\b|\bfrom\s+\S+[\s\S]*?\b(where|join|group\s+by|order\s+by|limit)\b|^\s*(copy|truncate|lock\s+table|analyze)\s/i;
const FRAGMENT = /^\s*((left|right|full|inner|cross)\s+)*(from|join|into|update)\s+[a-z_."]+(\s+(as\s+)?\w+)?\s*(,|$)/;

/** Whether an ordinary string reads as SQL rather than as prose. @param {string} text */
export function looksLikeSql(text) {
  return VERBS.test(text) || FRAGMENT.test(text);
}

/**
 * Reads who owns what from the migrations: a line `-- module: NAME` names the owner of every table and view created
 * after it, up to the next such line.
 * @param {Map<string, string>} files migration texts by path
 * @returns {{ relations: Map<string, Relation>, problems: { file: string, line: number, detail: string }[] }}
 */
export function readOwners(files) {
  const relations = new Map();
  const problems = [];
  const statement =
    /\bcreate\s+(?:or\s+replace\s+)?(?:(?:unlogged|temporary|temp|materialized|recursive)\s+)*(table|view)\s+(?:if\s+not\s+exists\s+)?(?:"?\w+"?\.)?"?(\w+)"?|\balter\s+(?:table|view)\s+(?:if\s+exists\s+)?(?:"?\w+"?\.)?"?(\w+)"?\s+rename\s+to\s+"?(\w+)"?/i;
  for (const [file, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let owner;
    let pending = '';
    text.split('\n').forEach((raw, index) => {
      const marker = /^\s*--\s*module:\s*([a-z][\w-]*)\s*$/.exec(raw);
      if (marker) owner = marker[1];
      // a statement head may be broken over two lines
      const line = raw.replace(/--.*$/, '');
      const head = statement.exec(line) ?? (pending ? statement.exec(`${pending} ${line}`) : null);
      pending = head || !/\bcreate\b[^;(]*$/i.test(line) ? '' : line;
      if (!head) return;
      if (head[3] !== undefined && head[4] !== undefined) {
        const before = relations.get(head[3].toLowerCase());
        if (before) relations.set(head[4].toLowerCase(), before);
        return;
      }
      if (/\b(temp|temporary)\s+table\b/i.test(line)) return;
      const name = (head[2] ?? '').toLowerCase();
      if (owner === undefined) {
        problems.push({ file, line: index + 1, detail: `${name} is created before any "-- module: NAME" line` });
        return;
      }
      relations.set(name, { kind: /view/i.test(head[1] ?? '') ? 'view' : 'table', owner });
    });
  }
  return { relations, problems };
}
