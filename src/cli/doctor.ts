import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { MIGRATIONS, openEngine } from '../compose.ts';
import type { Config } from '../config/load.ts';
import { systemClock, systemMonotonic } from '../kernel/clocks.ts';
import {
  type Engine,
  folderHolder,
  makeDatabase,
  missingMigrations,
  refuseBypassingRole,
} from '../platform/db/index.ts';
import { explain } from './italian.ts';
import { type Finding, findingsAnswer, operationsFindings } from './operations-findings.ts';
import type { ControlAnswer } from './run-command.ts';

/** Gives a command line to the program that holds the data folder. */
export type AskRunning = (argv: readonly string[]) => Promise<ControlAnswer>;

/**
 * What is configured, reachable and missing, and what the program itself sees of its work. Exit 1 when something that is
 * needed does not work or a person has to act.
 */
export async function doctor(config: Config, askRunning: AskRunning | null = null): Promise<ControlAnswer> {
  const findings: Finding[] = [
    keyFile(config),
    ...(await database(config, askRunning)),
    await reach('MAIL_OUT', 'posta in uscita', config.smtp.host, config.smtp.port),
  ];
  if (config.checkout === null) {
    const detail = 'non configurato: si paga altrove con il numero avviso';
    findings.push({ code: 'RAIL', what: 'pagamento', ok: true, detail });
  } else {
    const { hostname, port, protocol } = new URL(config.checkout.baseUrl);
    findings.push(await reach('RAIL', 'pagamento', hostname, Number(port) || (protocol === 'https:' ? 443 : 80)));
  }
  if (config.portalUrl === null) {
    const detail = 'BONARIO_PORTAL_URL è vuoto: i collegamenti nei messaggi valgono solo su questa macchina';
    findings.push({ code: 'PORTAL_URL', what: 'indirizzo pubblico', ok: true, detail });
  }
  const { exit, json, text } = findingsAnswer(findings);
  return { exit, output: json, text };
}

function keyFile(config: Config): Finding {
  const [code, what] = ['MASTER_KEY_FILE', 'chiave principale'];
  if (!existsSync(config.masterKeyFile))
    return { code, what, ok: true, detail: 'non c’è ancora: sarà creata al primo avvio' };
  if ((statSync(config.masterKeyFile).mode & 0o077) !== 0)
    return { code, what, ok: false, detail: 'la possono leggere altri: chmod 600' };
  const inside = resolve(config.masterKeyFile).startsWith(`${resolve(config.dataDir)}/`);
  return {
    code,
    what,
    ok: !inside,
    detail: inside ? 'sta nella cartella dei dati: chi ruba i dati ruba la chiave' : 'presente e riservata',
  };
}

async function database(config: Config, askRunning: AskRunning | null): Promise<Finding[]> {
  const [code, what] = ['DATABASE', 'base dati'];
  try {
    if (config.db.kind === 'pglite') {
      const holder = folderHolder(config.db.dataDir);
      const held = { code, what, ok: true, detail: `incorporata, in uso dal processo ${holder}` };
      if (holder !== null) return [held, ...(askRunning === null ? [] : await askStatus(askRunning))];
    }
    const { engine, unlock } = await openEngine(config);
    try {
      if (config.db.kind === 'postgres') await refuseBypassingRole(engine);
      const missing = await missingMigrations(engine, MIGRATIONS);
      if (missing.length === 0)
        return [{ code, what, ok: true, detail: 'schema aggiornato' }, ...(await status(engine))];
      const detail = `${missing.length} aggiornamenti da applicare con «bonario migrate»`;
      return [{ code, what, ok: config.db.kind === 'pglite', detail }];
    } finally {
      await engine.close();
      unlock();
    }
  } catch (error) {
    return [{ code, what, ok: false, detail: explain(error).message }];
  }
}

function status(engine: Engine): Promise<Finding[]> {
  const deps = { db: makeDatabase(engine), now: systemClock.now, realNow: systemMonotonic.now };
  // Whoever could open an embedded database is alone with it.
  return operationsFindings(deps, engine.kind === 'pglite' ? false : null);
}

/** A program that holds the folder and gives no answer is starting, or stands still. */
async function askStatus(askRunning: AskRunning): Promise<Finding[]> {
  const silent = (detail: string) => [{ code: 'STATUS', what: 'stato', ok: false, detail }];
  try {
    const { output, text } = await askRunning(['status']);
    return (output as { findings?: Finding[] }).findings ?? silent(text);
  } catch {
    return silent('il programma in esecuzione non risponde');
  }
}

function reach(code: string, what: string, host: string, port: number): Promise<Finding> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 3_000 });
    const end = (ok: boolean, detail: string) => {
      socket.destroy();
      done({ code, what, ok, detail: `${host}:${port} ${detail}` });
    };
    socket.once('connect', () => end(true, 'risponde'));
    socket.once('timeout', () => end(false, 'non risponde'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(false, error.code ?? 'errore'));
  });
}
