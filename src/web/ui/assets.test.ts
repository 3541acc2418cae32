import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { everyState, FakeDialogue } from '../../../test/browser/fake-dialogue.ts';
import { portalApp } from '../../../test/browser/portal-server.ts';
import { assetsFolder, assetUrl } from './assets.ts';

const bytesOf = (name: string) => readFileSync(assetsFolder + assetUrl(name).replace('/assets', ''));
const zipped = (bytes: string | Buffer) => gzipSync(bytes).length;
const KB = 1000;

describe('built assets', () => {
  it('are what the sources make', () => {
    const tool = fileURLToPath(new URL('../../../tools/build-assets.mjs', import.meta.url));
    expect(() => execFileSync(process.execPath, [tool, '--check'], { stdio: 'pipe' })).not.toThrow();
  }, 60_000);

  it('stay within the budget (ui.md §8)', async () => {
    const dialogue = new FakeDialogue();
    dialogue.link('t1', everyState());
    const { app } = await portalApp(dialogue);
    const open = async (url: string) =>
      (await app.inject({ url, cookies: { bonario_sessione: dialogue.session('t1', 'identified') } })).body;
    const html = Math.max(zipped(await open('/posizioni')), zipped(await open('/posizioni/toPay')));
    const css = zipped(bytesOf('portal.css'));
    const fonts = [400, 600, 700].reduce((sum, weight) => sum + bytesOf(`titillium-${weight}.woff2`).length, 0);
    const images = zipped(bytesOf('icons.svg')) + zipped(bytesOf('favicon.svg'));
    expect(html).toBeLessThanOrEqual(12 * KB);
    expect(css).toBeLessThanOrEqual(15 * KB);
    expect(fonts).toBeLessThanOrEqual(56 * KB);
    expect(html + css + fonts + images).toBeLessThanOrEqual(110 * KB);
  });

  it('hold every icon that a view names, and fetch nothing from elsewhere', () => {
    const icons = bytesOf('icons.svg').toString();
    const views = ['../ui', '../portal'].flatMap((folder) => {
      const path = fileURLToPath(new URL(folder, import.meta.url));
      return readdirSync(path)
        .filter((name) => name.endsWith('.tsx'))
        .map((name) => readFileSync(`${path}/${name}`, 'utf8'));
    });
    const named = views.flatMap((text) => [...text.matchAll(/(?:name=|icon: )["'](it-[\w-]+)["']/g)]);
    expect(named.length).toBeGreaterThan(4);
    for (const [, name] of named) expect(icons).toContain(`id="${name}"`);
    expect(bytesOf('portal.css').toString()).not.toMatch(/url\(["']?(?:https?:)?\/\//);
  });

  it('throws on a name the build does not know', () => {
    expect(() => assetUrl('nessuno.css')).toThrow('npm run css');
  });
});

/** Relative luminance contrast (WCAG 2.2) of two `#rrggbb`. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * ([0.2126, 0.7152, 0.0722][i] ?? 0), 0);
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe('status colours', () => {
  it('measures contrast as the standard does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it('reach 4.5:1 under the white words of a badge', () => {
    const css = readFileSync(fileURLToPath(new URL('styles/_parts.scss', import.meta.url)), 'utf8');
    const grounds = [...css.matchAll(/\.b-badge(?:-\w+)? \{[^}]*?background: (#[0-9a-f]{6})/g)];
    expect(grounds).toHaveLength(5);
    for (const [, ground] of grounds) expect(contrast(ground ?? '', '#ffffff')).toBeGreaterThanOrEqual(4.5);
  });
});
