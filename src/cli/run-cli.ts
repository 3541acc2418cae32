import { request } from 'node:http';
import { Command } from 'commander';
import { compose, migrateAll, openEngine } from '../compose.ts';
import { type Config, loadConfig } from '../config/load.ts';
import { folderHolder, openPostgres } from '../platform/db/index.ts';
import { controlPath } from './control-server.ts';
import { addDemo } from './demo/demo-command.ts';
import { doctor } from './doctor.ts';
import { explain } from './italian.ts';
import { addCommands, type ControlAnswer, runCommand, speakItalian } from './run-command.ts';
import { serve, work } from './serve.ts';

/** The command line. Returns the exit code: 0 done, 1 refused with reasons, 2 usage. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let exit = 0;
  const program = new Command('bonario')
    .description('Avviso bonario digitale')
    .option('--json', 'risposta in JSON, per i programmi')
    .option('--key <key>', 'chiave dell’operatore (altrimenti BONARIO_KEY)');
  const wantsJson = () => program.opts<{ json?: boolean }>().json === true || argv.includes('--json');
  const print = (answer: ControlAnswer) => {
    exit = answer.exit;
    if (wantsJson()) process.stdout.write(`${JSON.stringify(answer.output)}\n`);
    else (answer.exit === 0 ? process.stdout : process.stderr).write(`${answer.text}\n`);
  };
  const failed = (error: unknown) => {
    const { code, message } = explain(error);
    print({ exit: 1, output: { error: code, message }, text: `${code}: ${message}` });
  };

  addCommands(program, async () => {
    const config = loadConfig();
    const key = program.opts<{ key?: string }>().key ?? config.operatorKey;
    print(
      await anywhere(
        config,
        argv.filter((arg, i) => arg !== '--json' && arg !== '--key' && argv[i - 1] !== '--key'),
        key,
      ),
    );
  });
  program
    .command('serve')
    .description('avvia il portale, le API e gli invii')
    .option('--no-work', 'lascia invii, piani e sigilli a «bonario worker»')
    .action(async (options: { work: boolean }) => {
      const config = loadConfig();
      await serve(config, options.work && config.work);
    });
  program
    .command('worker')
    .description('fa il lavoro di fondo (invii, piani, sigilli) senza portale; anche più di uno, su PostgreSQL')
    .action(async () => work(loadConfig()));
  program
    .command('migrate')
    .description('porta lo schema della base dati alla versione di questo programma')
    .action(async () => {
      const applied = await migrateWith(loadConfig());
      print({
        exit: 0,
        output: { applied },
        text: applied.length === 0 ? 'Lo schema è aggiornato.' : `Applicati: ${applied.join(', ')}`,
      });
    });
  program
    .command('doctor')
    .description('dice che cosa è configurato, raggiungibile, mancante')
    .action(async () => {
      const config = loadConfig();
      print(
        await doctor(config, (argv) =>
          askRunning(controlPath(config.dataDir), { argv, key: null, cwd: process.cwd() }),
        ),
      );
    });
  addDemo(program, (code) => {
    exit = code;
  });
  speakItalian(program);
  throwInsteadOfExit(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof Error && 'exitCode' in error) return (error as { exitCode: number }).exitCode === 0 ? 0 : 2;
    failed(error);
  }
  return exit;
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) throwInsteadOfExit(sub);
}

/** Inside the program that holds the data folder, if one runs; else in this process. */
async function anywhere(config: Config, argv: readonly string[], key: string | null): Promise<ControlAnswer> {
  const cwd = process.cwd();
  if (config.db.kind === 'pglite' && folderHolder(config.db.dataDir) !== null) {
    return askRunning(controlPath(config.dataDir), { argv, key, cwd });
  }
  const app = await compose({ ...config, inboundPort: 0, logLevel: 'error' });
  try {
    return await runCommand({ app, key, cwd }, argv);
  } finally {
    await app.stop();
  }
}

function askRunning(socketPath: string, body: object): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath, path: '/command', method: 'POST', headers: { 'content-type': 'application/json' } },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          try {
            resolve(JSON.parse(Buffer.concat(pieces).toString('utf8')) as ControlAnswer);
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

async function migrateWith(config: Config): Promise<readonly string[]> {
  if (config.db.kind === 'postgres') {
    const engine = openPostgres(config.db.migrationUrl ?? config.db.url, 1);
    try {
      return await migrateAll(engine);
    } finally {
      await engine.close();
    }
  }
  const { engine, unlock } = await openEngine(config);
  try {
    return await migrateAll(engine);
  } finally {
    await engine.close();
    unlock();
  }
}
