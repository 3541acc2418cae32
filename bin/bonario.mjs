#!/usr/bin/env node
// The pinned Node comes first on the PATH of npm scripts (docs/adr/0002); an older one gets a clear word, not a crash.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// Memory before speed where both are V8's to choose: a small nursery, and the big functions of the embedded database
// compiled by the slow compiler only when they are hot indeed (each takes it hundreds of MB; docs/performance.md).
setFlagsFromString('--max-semi-space-size=4');
setFlagsFromString('--wasm-tiering-budget=300000000');

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Bonario needs Node 24; this is ${process.versions.node}.\n` +
      'On Linux run it as `npm run bonario -- …` or `npx bonario …`: npm brings the right one. Elsewhere install Node 24.',
  );
  process.exit(2);
}
// Two thousand modules compile in a second of processor time; from a cache beside the code in half of that. Beside the code
// and not in the common temporary folder, where others could write it; where it cannot be written there is none.
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'bonario'));
await import('./register.mjs');
const { main } = await import('../src/main.ts');
await main(process.argv.slice(2));
