#!/usr/bin/env node
// `npm run test:faults`: the program killed, frozen, cut off and lied to, and what is left of it judged (docs/testing.md).
import '../bin/register.mjs';

// Interrupted, it ends by its own exit, which takes the server it started along.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const { runFaults } = await import('../test/faults/run.ts');
process.exitCode = await runFaults(process.argv.slice(2));
