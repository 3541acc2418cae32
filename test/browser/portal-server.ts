import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { registerPortal } from '../../src/web/portal/index.ts';
import { FakeDialogue } from './fake-dialogue.ts';

/** The legal time of the portal under test: 24 November 2026, 10:30 in Rome. */
export const NOW = Date.UTC(2026, 10, 24, 9, 30);

/** The portal on a fake Dialogue, not listening: for `inject`. */
export async function portalApp(
  dialogue: FakeDialogue = new FakeDialogue(),
  options: { secureCookies?: boolean; baseUrl?: string; extraFormActions?: readonly string[] } = {},
): Promise<{ app: FastifyInstance; dialogue: FakeDialogue }> {
  const app = fastify();
  registerPortal(app, {
    dialogue,
    baseUrl: options.baseUrl ?? 'http://portal.example',
    extraFormActions: options.extraFormActions ?? [],
    now: () => NOW,
    secureCookies: options.secureCookies ?? false,
  });
  await app.ready();
  return { app, dialogue };
}

/** The same, listening on a free port of loopback: for browsers. */
export async function portalServer(
  dialogue: FakeDialogue,
  extraFormActions: readonly string[] = [],
): Promise<{ url: string; close: () => Promise<void> }> {
  const { app } = await portalApp(dialogue, { extraFormActions });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => app.close() };
}
