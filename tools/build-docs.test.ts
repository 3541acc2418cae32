import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../src/config/schema.ts';
import { brokenReferences, buildDocs, root, stalePages } from './build-docs.mjs';

describe('the documents', () => {
  it('that are made from the code are up to date (node tools/build-docs.mjs)', async () => {
    expect(await stalePages()).toEqual([]);
  });

  it('name only files, functions and pages that are there', () => {
    expect(brokenReferences()).toEqual([]);
  });

  it('list every setting once, and every state of each machine', async () => {
    const files = await buildDocs();
    const settings = files.get('docs/configuration.md') ?? '';
    for (const { name } of Object.values(SETTINGS)) expect(settings.split(`| \`${name}\` |`)).toHaveLength(2);
    expect(files.get('docs/states/delivery.mmd')).toContain('handingOver --> uncertain: loseTrack');
    expect(files.get('docs/states/campaign.mmd')).toContain('inApproval --> approved: approve');
    expect(files.get('docs/states/notice.mmd')).toContain('active --> settled: settle');
  });

  it('name every kind of leaf that the audit can hold', () => {
    const page = readFileSync(join(root, 'docs/audit.md'), 'utf8');
    const sources = globSync('src/modules/**/*.ts', { cwd: root })
      .filter((file) => !file.includes('.test.'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .filter((text) => /[lL]eaf\(/.test(text));
    // `kind: '…'` and calls of a file's own `leaf(…)`; the two kinds made from a variable are written out in the page.
    const kinds = sources.flatMap((text) =>
      // What programs are told (`announce`) has names of its own.
      [...text.replace(/announce\([^)]*\)/g, '').matchAll(/(?:kind: |[lL]eaf\([^)]*)'([a-z]+\.[a-zA-Z]+)'/g)].map(
        ([, kind]) => kind,
      ),
    );
    expect(kinds).toEqual(expect.arrayContaining(['import.committed', 'campaign.paused', 'receipt.booked']));
    expect(kinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
  });

  it('are reached from their index', () => {
    const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
    for (const page of ['architecture', 'journey', 'audit', 'security-model', 'operations', 'testing', 'development']) {
      expect(existsSync(join(root, `docs/${page}.md`))).toBe(true);
      expect(index).toContain(`(${page}.md)`);
    }
  });
});
