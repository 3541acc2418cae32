import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { formatDate, parseCivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { formatEuro } from '../../kernel/money.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { reasonWords } from '../../modules/campaigns/index.ts';
import { table } from '../command.ts';
import { explain } from '../italian.ts';
import type { DayProgress, DemoEvents, DemoOptions } from './demo-types.ts';
import { type RunningDemo, runDemo } from './run-demo.ts';
import type { DemoSummary } from './summary.ts';

interface DemoFlags {
  once?: boolean;
  json?: boolean;
  debts: string;
  days: string;
  seed: string;
  start: string;
  port: string;
}

export function addDemo(program: Command, setExit: (code: number) => void): void {
  program
    .command('demo')
    .description('tutto il lavoro su questa macchina, con cittadini, posta e pagamenti simulati')
    .option('--once', 'finisce con la storia, senza restare in ascolto')
    .option('--debts <n>', 'posizioni nei file', '2000')
    .option('--days <n>', 'giorni di storia', '45')
    .option('--seed <text>', 'lo stesso seme dà la stessa storia', '7')
    .option('--start <date>', 'primo giorno', '2026-09-07')
    .option('--port <n>', 'porta del portale (altrimenti PORT, o 8080)', '')
    .action(async (flags: DemoFlags) => {
      try {
        setExit(await demo({ ...flags, json: flags.json ?? program.opts<{ json?: boolean }>().json ?? false }));
      } catch (error) {
        const { code, message } = explain(error);
        process.stderr.write(`${code}: ${message}\n`);
        setExit(1);
      }
    });
}

async function demo(flags: DemoFlags & { json: boolean }): Promise<number> {
  const start = parseCivilDate(flags.start);
  if (!start.ok) throw new CodedError('OPTION', `--start is not a date: ${flags.start}`);
  const options: DemoOptions = {
    debts: whole('--debts', flags.debts, 1, 200_000),
    days: whole('--days', flags.days, 1, 400),
    seed: flags.seed,
    start: start.value,
    port:
      flags.once === true ? 0 : whole('--port', flags.port === '' ? String(loadConfig().port) : flags.port, 0, 65_535),
  };
  const screen = flags.json ? silent : makeScreen(process.stderr);
  const running = await runDemo(options, screen.events);
  screen.end();
  const { summary, failures, harmDetails } = running;
  for (const failure of [...failures, ...harmDetails]) process.stderr.write(`! ${failure}\n`);
  const harmless =
    Object.values(summary.harm).every((n) => n === 0) &&
    summary.unexplained === 0 &&
    summary.audit.chainValid &&
    failures.length === 0;
  if (!flags.json) process.stdout.write(`${resultText(summary, screen.weeks())}\n`);
  if (flags.once === true) {
    await running.stop();
    if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    return harmless ? 0 : 1;
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  running.goOn();
  process.stdout.write(`${await invitation(running)}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  process.stderr.write('\nChiudo.\n');
  await running.stop();
  return 0;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CodedError('OPTION', `${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

interface Screen {
  readonly events: DemoEvents;
  /** Money in by week of the story, cents. */
  readonly weeks: () => readonly number[];
  end(): void;
}

const silent: Screen = { events: { step: () => {}, day: () => {} }, weeks: () => [], end: () => {} };

/** One bar that moves with the days; on a terminal that is none, a line every five days. */
function makeScreen(out: NodeJS.WriteStream): Screen {
  const bar = out.isTTY
    ? new SingleBar({
        stream: out,
        format: '  {date}  ▕{bar}▏ {mails} messaggi · {paid} pagamenti ({money}) · {disputed} segnalazioni',
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 24,
        hideCursor: true,
        forceRedraw: true,
      })
    : null;
  let started = false;
  const paidBy: number[] = [];
  const show = (p: DayProgress) => ({
    date: formatDate(romeDate(p.at)),
    mails: p.mails + p.sms,
    paid: p.paid,
    money: formatEuro(p.paidCents),
    disputed: p.disputed,
  });
  return {
    events: {
      step(title, detail) {
        out.write(`✓ ${title}: ${detail}\n`);
      },
      day(progress, days) {
        paidBy[Math.floor((progress.day - 1) / 7)] = progress.paidCents;
        if (bar !== null) {
          if (!started) bar.start(days, progress.day, show(progress));
          else bar.update(progress.day, show(progress));
          started = true;
        } else if (progress.day % 5 === 0 || progress.day === days) {
          const s = show(progress);
          out.write(`  ${s.date}: ${s.mails} messaggi, ${s.paid} pagamenti (${s.money}), ${s.disputed} segnalazioni\n`);
        }
      },
    },
    weeks: () => Array.from(paidBy, (cents, i) => (cents ?? 0) - (paidBy[i - 1] ?? 0)),
    end() {
      if (bar !== null && started) bar.stop();
    },
  };
}

const HARM: readonly [keyof DemoSummary['harm'], string][] = [
  ['contactsAfterPayment', 'contattati dopo aver pagato'],
  ['contactsAfterDispute', 'contattati dopo una segnalazione'],
  ['duplicateDeliveries', 'messaggi arrivati due volte'],
  ['disclosuresToOthers', 'notizie date alla persona sbagliata'],
  ['overCeiling', 'oltre il numero massimo di contatti'],
  ['outsideWindow', 'fuori orario'],
];

function resultText(s: DemoSummary, weeks: readonly number[]): string {
  const { people, deliveries, money, harm } = s;
  const funnel: [string, number][] = [
    ['nel pubblico', people.audience],
    ['contattate', people.contacted],
    ['hanno agito', deliveries.email.outcomes.read + deliveries.sms.outcomes.read],
    ['hanno pagato', people.paid],
    ['segnalazioni', people.disputed],
  ];
  const most = Math.max(1, ...funnel.map(([, n]) => n));
  const bars = funnel.map(([label, n]) => `  ${label.padEnd(14)} ${String(n).padStart(6)}  ${blocks(n, most)}`);
  const excluded = Object.entries(people.excluded).sort(([, a], [, b]) => b - a);
  return [
    '',
    `Persone`,
    ...bars,
    '',
    `Incassati ${formatEuro(money.paidCents)} su ${formatEuro(money.dueCents)}, settimana per settimana`,
    ...weeks.map(
      (cents, i) =>
        `  ${`settimana ${i + 1}`.padEnd(14)} ${formatEuro(cents).padStart(14)}  ${blocks(cents, Math.max(...weeks))}`,
    ),
    '',
    'Perché qualcuno non è stato contattato',
    table(
      ['  persone', 'motivo'],
      excluded.map(([reason, n]) => [`  ${n}`, reasonWords(reason)]),
    ),
    '',
    `Si sono fatti riconoscere: ${s.identified.code} con un codice, ${s.identified.spid} con SPID, ${s.identified.cie} con CIE`,
    '',
    'Messaggi',
    table(
      [
        '  canale',
        'previsti',
        'consegnati al gestore',
        'rifiutati',
        'annullati',
        'scaduti',
        'incerti',
        'in coda',
        'tornati indietro',
      ],
      (
        [
          ['E-mail', deliveries.email],
          ['SMS', deliveries.sms],
        ] as const
      ).map(([name, counts]) => [
        `  ${name}`,
        ...[counts.planned, counts.handedOver, counts.failed, counts.void, counts.expired].map(String),
        ...[counts.uncertain, counts.queued, counts.outcomes.bounced].map(String),
      ]),
    ),
    '',
    'Danni alle persone, contati dalla città simulata e non dal programma',
    ...HARM.map(([key, label]) => `  ${harm[key] === 0 ? '✓' : '✗'} ${label}: ${harm[key]}`),
    `  ${s.unexplained === 0 ? '✓' : '✗'} senza una spiegazione: ${s.unexplained}`,
    `  ${s.audit.chainValid ? '✓' : '✗'} registro: ${s.audit.events} fatti, ${s.audit.chainValid ? 'integro' : 'ALTERATO'}`,
    '',
    `Tutto in ${s.seconds.toFixed(0)} secondi.`,
  ].join('\n');
}

/** A bar of at most thirty blocks; something that is there is never shown as nothing. */
function blocks(n: number, most: number): string {
  return n <= 0 ? '' : '█'.repeat(Math.max(1, Math.round((30 * n) / Math.max(1, most))));
}

interface SampleCitizen {
  readonly address: string;
  readonly name: string;
  readonly codiceFiscale: string;
  readonly item: string;
}

async function invitation({ app, sandbox, invite }: RunningDemo): Promise<string> {
  const invited = await invite();
  const sample = await sandbox.get<(SampleCitizen & { health: SampleCitizen | null }) | null>('/truth/sample');
  const mailbox = (address: string) => `http://127.0.0.1:${sandbox.ports.mail}/casella/${encodeURIComponent(address)}`;
  return [
    'Ora tocca a Lei. Il tempo scorre normale; Ctrl-C per chiudere.',
    `  Portale del cittadino   ${app.portalUrl}`,
    `  Posta e SMS di tutti    http://127.0.0.1:${sandbox.ports.mail}/`,
    ...(sample === null
      ? []
      : [
          `  Si metta nei panni di   ${sample.name}`,
          `  La sua posta            ${mailbox(sample.address)}`,
          '  1. apra un messaggio e segua il collegamento',
          '  2. chieda un codice: arriva nella stessa posta',
          `  3. scriva il codice e questo numero, che si trova su una sua vecchia bolletta: ${sample.item}`,
          `  Oppure entri con SPID o CIE di prova: nella pagina che si apre scriva ${sample.codiceFiscale}`,
        ]),
    ...(sample?.health
      ? [
          `  Un ticket si vede solo con SPID o CIE. Per provare: ${sample.health.name}, ${sample.health.codiceFiscale}`,
          `  La sua posta            ${mailbox(sample.health.address)}`,
        ]
      : []),
    '  Oppure entri in ufficio, con un’app per i codici a tempo (TOTP):',
    ...invited.flatMap((text) => text.split('\n').map((line) => `    ${line}`)),
    '',
  ].join('\n');
}
