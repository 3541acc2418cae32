/**
 * Makes the data folder of an embedded database and ends: `node --liftoff-only pglite-init.ts <folder>`. In a process of
 * its own because initialising passes a gigabyte at its peak, and with the plain compiler half of that (measured).
 */
import { PGlite } from '@electric-sql/pglite';

const lite = await PGlite.create({ dataDir: process.argv[2] ?? '' });
await lite.close();
