/**
 * Builds what portal and console load from /assets/: stylesheets, fonts, icons, htmx, islands, each named by the hash of its content, and
 * manifest.json. The result is committed, so that running the program needs none of the packages used here.
 *
 *   node tools/build-assets.mjs           writes src/web/assets
 *   node tools/build-assets.mjs --check   writes nothing, exit 1 if the committed files differ
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { PurgeCSS } from 'purgecss';
import * as sass from 'sass';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'src/web/assets');
const italia = join(root, 'node_modules/bootstrap-italia');
const titillium = join(root, 'node_modules/@fontsource/titillium-web');
const styles = join(root, 'src/web/ui/styles');
const htmx = join(root, 'node_modules/htmx.org');
const shared = 'src/web/ui/**/*.tsx';
/** Each face ships the styles its own views name. */
const faces = {
  portal: [shared, 'src/web/portal/**/*.tsx'],
  console: [shared, 'src/web/console/**/*.tsx'],
};

/** @returns {Promise<Map<string, Buffer>>} every file of the folder by name */
export async function buildAssets() {
  const files = new Map();
  const manifest = {};
  const add = (name, content) => {
    const bytes = Buffer.from(content);
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
    const hashed = name.replace(/(\.\w+)$/, `.${hash}$1`);
    files.set(hashed, bytes);
    manifest[name] = hashed;
    return hashed;
  };

  const portal = markupOf(faces.portal);
  const desk = markupOf(faces.console);

  for (const weight of [400, 600, 700]) {
    const file = `titillium-web-latin-${weight}-normal.woff2`;
    add(`titillium-${weight}.woff2`, readFileSync(join(titillium, 'files', file)));
  }
  add('icons.svg', sprite([...portal, ...desk]));
  add('favicon.svg', readFileSync(join(styles, 'favicon.svg')));
  add('portal.css', await stylesheet('portal', portal, manifest));
  add('console.css', await stylesheet('console', desk, manifest));
  add('htmx.js', readFileSync(join(htmx, 'dist/htmx.min.js')));
  add('progress.js', await island('progress'));

  files.set('LICENSE-bootstrap-italia.txt', readFileSync(join(italia, 'LICENSE')));
  files.set('LICENSE-titillium-web.txt', readFileSync(join(titillium, 'LICENSE')));
  files.set('LICENSE-htmx.txt', readFileSync(join(htmx, 'LICENSE')));
  files.set('manifest.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  return files;
}

/** A small program of one page, as one file without imports. */
async function island(name) {
  const entry = join(root, `src/web/islands/${name}.entry.ts`);
  const built = await build({ entryPoints: [entry], bundle: true, minify: true, format: 'iife', write: false });
  return built.outputFiles[0].contents;
}

/** The source of every view that matches, without the tests. */
function markupOf(patterns) {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .sort()
    .filter((file) => !file.includes('.test.'))
    .map((file) => readFileSync(join(root, file), 'utf8'));
}

/** Only the icons that a view names, as symbols of one file. */
function sprite(markup) {
  const names = new Set(markup.flatMap((text) => text.match(/\bit-[a-z0-9-]+/g) ?? []));
  const symbols = [...names].sort().flatMap((name) => {
    const file = join(italia, 'src/svg', `${name}.svg`);
    if (!existsSync(file)) return [];
    const inner = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    return [`<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, ' ').trim()}</symbol>`];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`;
}

async function stylesheet(face, markup, manifest) {
  const compiled = sass.compile(join(styles, `${face}.scss`), {
    loadPaths: [join(italia, 'src/scss')],
    quietDeps: true,
    // The package is written for the older Sass modules; these notices are its own and change nothing.
    silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function', 'abs-percent'],
    logger: sass.Logger.silent,
  });
  const [purged] = await new PurgeCSS().purge({
    content: markup.map((raw) => ({ raw, extension: 'tsx' })),
    css: [{ raw: compiled.css }],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    // Set by the document itself, never written in a view's class.
    safelist: { standard: ['html', 'body', ':root'] },
    variables: true,
    keyframes: true,
    fontFace: false,
  });
  const linked = purged.css.replace(/url\(["']?(titillium-\d+\.woff2)["']?\)/g, (_, name) => `url(${manifest[name]})`);
  const { code } = await transform(linked, { loader: 'css', minify: true, legalComments: 'inline' });
  return code;
}

async function main() {
  const files = await buildAssets();
  const present = existsSync(out) ? readdirSync(out) : [];
  if (process.argv.includes('--check')) {
    const wrong = [...files].filter(
      ([name, bytes]) => !present.includes(name) || !readFileSync(join(out, name)).equals(bytes),
    );
    const extra = present.filter((name) => !files.has(name));
    if (wrong.length + extra.length === 0) return;
    console.error(
      `src/web/assets is out of date (${[...wrong.map(([name]) => name), ...extra].join(', ')}): npm run css`,
    );
    process.exitCode = 1;
    return;
  }
  mkdirSync(out, { recursive: true });
  for (const name of present) rmSync(join(out, name));
  for (const [name, bytes] of files) writeFileSync(join(out, name), bytes);
  for (const [name, bytes] of files) console.log(`${name} ${bytes.length}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
