import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../../config/load.ts';
import type { SandboxProcess } from './sandbox-process.ts';

/** Everything in one folder and on loopback, with the sandbox for every provider. */
export function demoConfig(folder: string, sandbox: SandboxProcess, port: number): Config {
  const local = (name: string) => join(folder, name);
  mkdirSync(local('keys'), { mode: 0o700 });
  return {
    db: { kind: 'pglite', dataDir: local('data') },
    dataDir: local('data'),
    masterKeyFile: local('keys/master.key'),
    host: '127.0.0.1',
    port,
    portalUrl: null,
    metrics: { token: null, port: null, byBody: false },
    traces: null,
    work: true,
    smtp: {
      host: '127.0.0.1',
      port: sandbox.ports.smtp,
      auth: null,
      connections: 4,
      perSecond: 500,
      atOnce: null,
      perDay: null,
    },
    smpp: {
      host: '127.0.0.1',
      port: sandbox.ports.smsc,
      systemId: 'bonario',
      password: 'prova',
      // A number, not an alias: the simulated people can answer STOP. Its prefix belongs to nobody.
      sender: '+393000000000',
      // One at a time: when the simulated provider cuts the line, the same single message is in flight in every run.
      window: 1,
      perSecond: 500,
      atOnce: null,
      perDay: null,
    },
    messageIdDomain: 'bonario.example',
    bounceDomain: 'rimbalzi.bonario.example',
    inboundPort: 0,
    checkout: { ...sandbox.checkout, version: 2 },
    fdr: sandbox.fdr,
    pagopa: {
      allow: ['127.0.0.1'],
      clientHeader: null,
      clients: [],
      zone: 'rome',
      receiptsDown: 'refuse',
      tls: null,
    },
    sealsDir: local('seals'),
    importStaleMinutes: 5,
    webhookPrivate: false,
    apiPerSecond: 0,
    operatorKey: null,
    logLevel: 'error',
    secureCookies: false,
  };
}

/** `wanted` if it is free, else any. */
export function freePort(wanted: number): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const { port: got } = server.address() as { port: number };
        server.close(() => resolve(got));
      });
    });
  return attempt(wanted).catch(() => attempt(0));
}
