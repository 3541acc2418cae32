import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** Hands the server that `tools/test.mjs` started, if any, and a folder of the run's own to the tests of this run. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'bonario-run-'));
  project.provide('postgresUrl', process.env.BONARIO_TEST_POSTGRES ?? '');
  project.provide('runFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
