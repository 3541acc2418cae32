import type { CliCommand } from '../command.ts';
import { findingsAnswer, operationsFindings } from '../operations-findings.ts';

/** Needs no operator's key, as `doctor`, which asks it of a running program: numbers of the machine, nobody's data. */
export const statusCommands: readonly CliCommand[] = [
  {
    usage: 'status',
    what: 'che cosa scorre e che cosa è fermo: code, invii incerti, sigilli, lavori',
    async run({ app: { db, now, realNow, http } }) {
      // On PGlite it is this very program that works, if it serves: else the command opened the folder for a moment.
      const working = db.engine === 'pglite' ? http.server.listening : null;
      return findingsAnswer(await operationsFindings({ db, now, realNow }, working));
    },
  },
];
