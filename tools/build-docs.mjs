/**
 * Writes the pages that are made from the code, so that they cannot say anything else than it does:
 * state diagrams, settings, commands, and the shipped rules inside docs/legal-rules.md.
 *
 *   node tools/build-docs.mjs           writes them
 *   node tools/build-docs.mjs --check   writes nothing; exit 1 if a page is stale or names a file or function that is gone
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const MADE = 'Made by `node tools/build-docs.mjs` from the code: do not edit.';
const FATTA = 'Pagina fatta da `node tools/build-docs.mjs` a partire dal programma: non si corregge a mano.';
const START = '<!-- statute: made by tools/build-docs.mjs -->';
const END = '<!-- /statute -->';

/** @returns {Promise<Map<string, string>>} each generated file, relative to the root, and its text */
export async function buildDocs() {
  const { deliveryMachine } = await import('../src/modules/deliveries/delivery.states.ts');
  const { noticeMachine } = await import('../src/modules/notices/notice.states.ts');
  const { campaignMachine } = await import('../src/modules/campaigns/campaign.states.ts');
  const { recallMachine } = await import('../src/modules/campaigns/recall.states.ts');
  const { configurationTable } = await import('../src/config/load.ts');
  const files = new Map();
  for (const machine of [deliveryMachine, noticeMachine, campaignMachine, recallMachine]) {
    files.set(`docs/states/${machine.name}.mmd`, machine.toMermaid());
  }
  files.set('docs/configuration.md', configurationPage(configurationTable()));
  files.set('docs/guida/comandi.md', await commandsPage());
  files.set('docs/legal-rules.md', await withStatute(readFileSync(join(root, 'docs/legal-rules.md'), 'utf8')));
  return files;
}

function configurationPage(table) {
  return `# Settings

${MADE}

Everything is read once from the environment, by \`src/config/load.ts\` and nothing else; a wrong value stops the start and
all problems are told at once. Secrets are named by file. \`bonario doctor\` says what is reachable with them.

${table}
`;
}

async function commandsPage() {
  const { importCommands } = await import('../src/cli/commands/imports.ts');
  const { campaignCommands } = await import('../src/cli/commands/campaigns.ts');
  const { officeCommands } = await import('../src/cli/commands/office.ts');
  const cell = (text) => text.replaceAll('|', '\\|');
  const rows = [...importCommands, ...campaignCommands, ...officeCommands].map(({ usage, what, options = [] }) => {
    const flags = options.map(([flag, meaning]) => `<br>\`${flag}\` ${meaning}`).join('');
    return `| \`${cell(usage)}\` | ${cell(what + flags)} |`;
  });
  return `# I comandi

${FATTA}

Si scrivono \`npx bonario <comando>\`. \`--key\` dice chi dà il comando (altrimenti \`BONARIO_KEY\`), \`--json\` dà la risposta per i
programmi. Codice di uscita: 0 fatto, 1 rifiutato con i motivi, 2 comando scritto male.

| comando | che cosa fa |
| --- | --- |
${rows.join('\n')}

A questi si aggiungono i comandi di chi gestisce l’installazione, spiegati in [operations.md](../operations.md): \`serve\`,
\`migrate\`, \`doctor\`, \`demo\`.
`;
}

async function withStatute(page) {
  const { STATUTE } = await import('../src/modules/creditors/statute.ts');
  const rows = STATUTE.map(({ key, nature, from, to = '', value, basis, mark }) => {
    const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return `| \`${key}\` | ${nature} | ${from} | ${to} | \`${shown}\` | ${basis} | ${mark} |`;
  });
  const table = [
    '| key | nature | from | to | value | basis | mark |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
  const [before, rest] = page.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/legal-rules.md has lost its marks ${START} … ${END}`);
  return `${before}${START}\n\n${table.join('\n')}\n\n${END}${after}`;
}

const FOLDERS = 'src|sandbox|tools|migrations|test|docs|examples|bin|bench';
const NAMED = new RegExp(`\`((?:${FOLDERS})/[\\w./-]+?\\.\\w+)(?::(\\w+))?\``, 'g');
const LINKED = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g;

/** Files, functions and links that the hand-written pages name and that are not there. @returns {string[]} */
export function brokenReferences() {
  const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root });
  if (pages.length < 5) throw new Error('no pages were seen');
  const broken = [];
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, file, name] of text.matchAll(NAMED)) {
      const path = join(root, file);
      if (!existsSync(path)) broken.push(`${page}: ${file} is not there`);
      else if (name !== undefined && !new RegExp(`\\b${name}\\b`).test(readFileSync(path, 'utf8'))) {
        broken.push(`${page}: ${file} has no ${name}`);
      }
    }
    for (const [, link] of text.matchAll(LINKED)) {
      if (!existsSync(join(root, dirname(page), link))) broken.push(`${page}: the link ${link} leads nowhere`);
    }
  }
  return broken;
}

/** @returns {Promise<string[]>} generated files whose committed text is another */
export async function stalePages() {
  const files = await buildDocs();
  return [...files].flatMap(([name, text]) => {
    const path = join(root, name);
    return existsSync(path) && readFileSync(path, 'utf8') === text ? [] : [name];
  });
}

async function main() {
  if (process.argv.includes('--check')) {
    const problems = [
      ...(await stalePages()).map((name) => `${name} is stale: node tools/build-docs.mjs`),
      ...brokenReferences(),
    ];
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
    return;
  }
  for (const [name, text] of await buildDocs()) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
    console.log(name);
  }
  for (const problem of brokenReferences()) console.error(problem);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
