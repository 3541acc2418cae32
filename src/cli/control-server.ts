import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Bonario } from '../compose.ts';
import type { SimulatedClock } from '../kernel/clocks.ts';
import { isCoded } from '../kernel/errors.ts';
import { runCommand } from './run-command.ts';

/** Longest path a local socket may have on Linux, with room to spare. */
const LONGEST_PATH = 100;

/** Where other commands reach a running program: in the data folder, or, where that is too deep, in the temporary one. */
export function controlPath(dataDir: string): string {
  const path = join(resolve(dataDir), 'bonario.sock');
  if (path.length <= LONGEST_PATH) return path;
  const id = createHash('sha256').update(path).digest('hex').slice(0, 16);
  return join(tmpdir(), `bonario-${id}.sock`);
}

/**
 * The local socket, for its owner alone: commands act inside the program that holds the folder (architecture §7). In a
 * simulation, and only then, the driver moves the legal clock through it.
 */
export async function startControl(
  app: Bonario,
  simulation: SimulatedClock | null,
): Promise<{ path: string; close(): Promise<void> }> {
  const path = controlPath(app.config.dataDir);
  mkdirSync(app.config.dataDir, { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const server = Fastify({ bodyLimit: 1024 * 1024 });
  server.post<{ Body: { argv: string[]; key: string | null; cwd?: string } }>('/command', async (request) => {
    const { argv, key, cwd } = request.body;
    return runCommand({ app, key, cwd: cwd ?? process.cwd() }, argv);
  });
  if (simulation !== null) addSimulation(server, app, simulation);
  await server.listen({ path });
  chmodSync(path, 0o600);
  return {
    path,
    async close() {
      await server.close();
      rmSync(path, { force: true });
    },
  };
}

function addSimulation(server: FastifyInstance, app: Bonario, clock: SimulatedClock): void {
  server.post('/sim/settle', async () => app.settle());
  server.post<{ Body: { to: number } }>('/sim/advance', async (request, reply) => {
    try {
      clock.advanceTo(request.body.to);
    } catch (error) {
      if (isCoded(error)) return reply.status(409).send({ error: error.code });
      throw error;
    }
    return { now: clock.now() };
  });
}
