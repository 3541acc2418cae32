import { readdirSync, readFileSync } from 'node:fs';

/** What /proc counts in: a hundredth of a second everywhere that Node runs. */
const TICK_MS = 10;

export const ownMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Processor time of the PostgreSQL that this process started, ms, to a tick; 0 where /proc does not tell. */
export function databaseMs(): number {
  const parents = new Map<number, number>();
  const used = new Map<number, number>();
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        parents.set(Number(name), Number(fields[1]));
        if (stat.includes('(postgres)')) used.set(Number(name), (Number(fields[11]) + Number(fields[12])) * TICK_MS);
      } catch {
        // The process ended between the listing and the reading.
      }
    }
  } catch {
    return 0;
  }
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return [...used].reduce((sum, [pid, ms]) => (isOurs(pid) ? sum + ms : sum), 0);
}
