import { makeHttpClient } from './http-client.ts';

/** The program under test, as the driver of simulated time and the simulated office reach it. */
export interface ProgramControl {
  /** Lets the program run all that is due; its legal time and the next instant it has something to do. */
  settle(): Promise<{ now: number; nextAt: number | null }>;
  advance(to: number): Promise<void>;
  /** One command of the program's own command line; `exit` 0 done, 1 refused, 2 usage. */
  command(operatorKey: string, argv: readonly string[]): Promise<{ exit: number; output: unknown }>;
  close(): void;
}

export function makeProgramControl(socketPath: string): ProgramControl {
  const client = makeHttpClient({ socketPath });

  async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const headers = { host: 'localhost', 'content-type': 'application/json' };
    const answer = await client.send({ method: 'POST', path, headers, body: JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`program control ${path} answered ${answer.status}`);
    const parsed: unknown = JSON.parse(answer.body);
    if (typeof parsed !== 'object' || parsed === null) throw new Error(`program control ${path}: not an object`);
    return parsed as Record<string, unknown>;
  }

  return {
    async settle() {
      const { now, nextAt } = await post('/sim/settle', {});
      if (typeof now !== 'number') throw new Error('program control /sim/settle: no time');
      return { now, nextAt: typeof nextAt === 'number' ? nextAt : null };
    },
    async advance(to) {
      await post('/sim/advance', { to });
    },
    async command(operatorKey, argv) {
      const { exit, output } = await post('/command', { argv, key: operatorKey });
      return {
        exit: typeof exit === 'number' ? exit : 2,
        output: typeof output === 'string' ? parseLoose(output) : output,
      };
    },
    close: () => client.close(),
  };
}

function parseLoose(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
