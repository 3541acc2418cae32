import { startControl } from '../../src/cli/control-server.ts';
import { compose } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ALL_GUARDS } from '../../src/modules/deliveries/index.ts';

/**
 * `bonario serve` with no guard on: what a careless program does. The checks must see it, or their silence about the real
 * one means nothing (docs/testing.md, guards and mutants).
 */
const guards = { ...ALL_GUARDS, hold: false, ceiling: false, window: false, atMostOnce: false };
const app = await compose(loadConfig(), { guards });
const control = await startControl(app, null);
await app.http.listen({ host: app.config.host, port: app.config.port });
app.start(true);
app.log.info({}, 'bonario serves');
await new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
await control.close();
await app.stop();
