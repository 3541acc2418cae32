import { type Bonario, compose } from '../compose.ts';
import type { Config } from '../config/load.ts';
import { CodedError } from '../kernel/errors.ts';
import { makeMetricsServer } from '../web/index.ts';
import { startControl } from './control-server.ts';

/** Portal, API and console, with the background work unless `work` leaves it to workers; ends when it is told to stop. */
export async function serve(config: Config, work: boolean): Promise<void> {
  if (!work) refuseEmbedded(config);
  const app = await compose(config);
  await untilStopped(app, async () => {
    // On a server commands open a connection of their own.
    const control = config.db.kind === 'pglite' ? await startControl(app, null) : null;
    await app.http.listen({ host: config.host, port: config.port });
    await app.stationHttp?.listen({ host: config.host, port: config.pagopa.tls?.port ?? 0 });
    app.start(work);
    app.log.info({ url: app.portalUrl, inboundPort: app.inboundPort, work }, 'bonario serves');
    return async () => control?.close();
  });
}

/** The background work alone: as many of these as one likes, on one database. */
export async function work(config: Config): Promise<void> {
  refuseEmbedded(config);
  // Bounces come to the servers: a worker on the same machine does not take their port.
  const app = await compose({ ...config, inboundPort: 0 });
  await untilStopped(app, async () => {
    app.start(true);
    app.log.info({ pid: process.pid }, 'bonario works');
    const { port, token } = config.metrics;
    if (port === null) return async () => {};
    const metrics = makeMetricsServer({ metrics: app.metrics, token, log: app.log });
    await metrics.listen({ host: config.host, port });
    return () => metrics.close();
  });
}

function refuseEmbedded(config: Config): void {
  if (config.db.kind === 'postgres') return;
  throw new CodedError('WORK_NEEDS_POSTGRES', 'an embedded database has one process, which serves and works');
}

/** A start that fails leaves nothing running, or the process would never end. */
async function untilStopped(app: Bonario, start: () => Promise<() => Promise<void>>): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  try {
    const close = await start();
    await stopped;
    await close();
  } finally {
    await app.stop();
  }
}
