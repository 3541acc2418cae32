import type { TestProject } from 'vitest/node';

/** Hands the server that `tools/test.mjs` started, if any, to the tests of this run. */
export default function setup(project: TestProject): void {
  project.provide('postgresUrl', process.env.BONARIO_TEST_POSTGRES ?? '');
}
