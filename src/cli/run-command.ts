import { Command, CommanderError } from 'commander';
import { isCoded } from '../kernel/errors.ts';
import type { CliCommand, CommandContext, CommandResult } from './command.ts';
import { bodyCommands } from './commands/bodies.ts';
import { campaignCommands } from './commands/campaigns.ts';
import { importCommands } from './commands/imports.ts';
import { officeCommands } from './commands/office.ts';
import { paymentCommands } from './commands/payments.ts';
import { statusCommands } from './commands/status.ts';
import { webhookCommands } from './commands/webhooks.ts';
import { explain } from './italian.ts';

/** Commands that act on the data: here, or inside the program that holds it. */
export const COMMANDS: readonly CliCommand[] = [
  ...importCommands,
  ...campaignCommands,
  ...officeCommands,
  ...paymentCommands,
  ...bodyCommands,
  ...webhookCommands,
  ...statusCommands,
];

export interface ControlAnswer {
  readonly exit: 0 | 1 | 2;
  readonly output: unknown;
  readonly text: string;
}

/** Adds the commands to a commander program; `onCall` gets the one that was given. */
export function addCommands(
  program: Command,
  onCall: (command: CliCommand, args: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<void>,
): void {
  for (const command of COMMANDS) {
    const words = command.usage.split(' ');
    const names = words.filter((word) => !word.startsWith('<'));
    const parent = names.length === 1 ? program : groupOf(program, names[0] as string);
    const made = parent.command([names.at(-1) as string, ...words.filter((word) => word.startsWith('<'))].join(' '));
    made.description(command.what);
    for (const [flags, what] of command.options ?? []) made.option(flags, what);
    made.action((...given: unknown[]) => {
      const args = made.processedArgs.map(String);
      return onCall(command, args, given[args.length] as Readonly<Record<string, unknown>>);
    });
  }
}

function groupOf(program: Command, name: string): Command {
  return program.commands.find((c) => c.name() === name) ?? program.command(name).description(GROUPS[name] ?? name);
}

const GROUPS: Readonly<Record<string, string>> = {
  campaign: 'campagne: controllo, prova, approvazione, avvio',
  template: 'testi dei messaggi',
  dispute: 'segnalazioni dei cittadini: elenco e risposte',
  operator: 'operatori dell’ente e loro chiavi',
  'api-key': 'chiavi dei programmi che usano le API',
  webhook: 'indirizzi a cui raccontare i fatti',
  ente: 'creazione di un ente',
  'sign-in': 'accesso dei cittadini con SPID e CIE',
  station: 'stazioni pagoPA dell’ente',
  remittance: 'flussi di rendicontazione pagoPA',
  treasury: 'giornali di cassa del tesoriere',
  rule: 'regole dell’ente, al posto di quelle di legge',
  delivery: 'invii di esito incerto',
  receipt: 'ricevute da abbinare',
  person: 'cancellazione dei dati di una persona',
  'notice-counter': 'numeri avviso dopo un ripristino',
};

/** Runs one command line inside an open program. Never throws: errors are part of the answer. */
export async function runCommand(ctx: CommandContext, argv: readonly string[]): Promise<ControlAnswer> {
  let result: CommandResult | null = null;
  let printed = '';
  const program = new Command('bonario');
  quiet(program, (text) => {
    printed += text;
  });
  addCommands(program, async (command, args, options) => {
    result = await command.run(ctx, args, options);
  });
  for (const group of program.commands) quiet(group, (text) => (printed += text));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError)
      return { exit: 2, output: { error: 'USAGE', message: printed.trim() }, text: printed.trim() };
    const { code, message } = explain(error);
    if (!isCoded(error)) ctx.app.log.error({ err: error }, 'command failed');
    return { exit: 1, output: { error: code, message }, text: `${code}: ${message}` };
  }
  const made = result as CommandResult | null;
  if (made === null) return { exit: 2, output: { error: 'USAGE', message: printed.trim() }, text: printed.trim() };
  return { exit: made.exit, output: made.json, text: made.text };
}

/** Commander's own words, in the language of who reads them. */
export function speakItalian(program: Command): void {
  const titles: Readonly<Record<string, string>> = {
    'Usage:': 'Uso:',
    'Options:': 'Opzioni:',
    'Commands:': 'Comandi:',
    'Arguments:': 'Argomenti:',
  };
  program.configureHelp({ styleTitle: (title) => titles[title] ?? title });
  program.helpOption('-h, --help', 'mostra questo aiuto');
  program.helpCommand('help [comando]', 'mostra l’aiuto di un comando');
  for (const sub of program.commands) speakItalian(sub);
}

function quiet(command: Command, out: (text: string) => void): void {
  command.exitOverride().configureOutput({ writeOut: out, writeErr: out });
  for (const sub of command.commands) quiet(sub, out);
}
