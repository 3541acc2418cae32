import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { MIGRATIONS, openEngine } from '../compose.ts';
import type { Config } from '../config/load.ts';
import { folderHolder, missingMigrations, refuseBypassingRole } from '../platform/db/index.ts';
import { table } from './command.ts';
import { explain } from './italian.ts';
import type { ControlAnswer } from './run-command.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What is configured, reachable and missing. Exit 1 when something that is needed does not work. */
export async function doctor(config: Config): Promise<ControlAnswer> {
  const findings: Finding[] = [
    keyFile(config),
    await database(config),
    await reach('posta in uscita', config.smtp.host, config.smtp.port),
  ];
  if (config.railUrl === null) {
    findings.push({ what: 'pagamento', ok: true, detail: 'non configurato: si paga altrove con il numero avviso' });
  } else {
    const { hostname, port, protocol } = new URL(config.railUrl);
    findings.push(await reach('pagamento', hostname, Number(port) || (protocol === 'https:' ? 443 : 80)));
  }
  if (config.portalUrl === null) {
    findings.push({
      what: 'indirizzo pubblico',
      ok: true,
      detail: 'BONARIO_PORTAL_URL è vuoto: i collegamenti nei messaggi valgono solo su questa macchina',
    });
  }
  const ok = findings.every((f) => f.ok);
  const text = table(
    ['che cosa', 'esito', 'dettaglio'],
    findings.map((f) => [f.what, f.ok ? 'bene' : 'MALE', f.detail]),
  );
  return { exit: ok ? 0 : 1, output: { ok, findings }, text };
}

function keyFile(config: Config): Finding {
  const what = 'chiave principale';
  if (!existsSync(config.masterKeyFile))
    return { what, ok: true, detail: 'non c’è ancora: sarà creata al primo avvio' };
  if ((statSync(config.masterKeyFile).mode & 0o077) !== 0)
    return { what, ok: false, detail: 'la possono leggere altri: chmod 600' };
  const inside = resolve(config.masterKeyFile).startsWith(`${resolve(config.dataDir)}/`);
  return {
    what,
    ok: !inside,
    detail: inside ? 'sta nella cartella dei dati: chi ruba i dati ruba la chiave' : 'presente e riservata',
  };
}

async function database(config: Config): Promise<Finding> {
  const what = 'base dati';
  if (config.db.kind === 'pglite') {
    const holder = folderHolder(config.db.dataDir);
    if (holder !== null) return { what, ok: true, detail: `incorporata, in uso dal processo ${holder}` };
  }
  try {
    const { engine, unlock } = await openEngine(config);
    try {
      if (config.db.kind === 'postgres') await refuseBypassingRole(engine);
      const missing = await missingMigrations(engine, MIGRATIONS);
      const detail =
        missing.length === 0
          ? 'schema aggiornato'
          : `${missing.length} aggiornamenti da applicare con «bonario migrate»`;
      return { what, ok: missing.length === 0 || config.db.kind === 'pglite', detail };
    } finally {
      await engine.close();
      unlock();
    }
  } catch (error) {
    return { what, ok: false, detail: explain(error).message };
  }
}

function reach(what: string, host: string, port: number): Promise<Finding> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 3_000 });
    const end = (ok: boolean, detail: string) => {
      socket.destroy();
      done({ what, ok, detail: `${host}:${port} ${detail}` });
    };
    socket.once('connect', () => end(true, 'risponde'));
    socket.once('timeout', () => end(false, 'non risponde'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(false, error.code ?? 'errore'));
  });
}
