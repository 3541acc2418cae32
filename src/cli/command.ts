import { resolve } from 'node:path';
import type { Bonario } from '../compose.ts';
import { CodedError } from '../kernel/errors.ts';
import { enteOfKey, type Operator, operatorByKey } from '../modules/operators/index.ts';

/** What a command leaves: JSON for machines, a text for people. Exit 0 done, 1 refused with reasons (architecture §7). */
export interface CommandResult {
  readonly exit: 0 | 1;
  readonly json: unknown;
  readonly text: string;
}

export interface CommandContext {
  readonly app: Bonario;
  /** Folder from which relative paths are meant. */
  readonly cwd: string;
  readonly key: string | null;
}

export interface CliCommand {
  /** e.g. `campaign rehearse <file>`, in commander's own notation. */
  readonly usage: string;
  readonly what: string;
  readonly options?: readonly (readonly [flags: string, what: string])[];
  run(ctx: CommandContext, args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<CommandResult>;
}

export interface Acting {
  readonly enteId: number;
  readonly operator: Operator;
}

/** Who gives the command: the key says both the body and the operator. Errors KEY_MISSING, KEY_UNKNOWN. */
export async function actingOperator({ app, key }: CommandContext): Promise<Acting> {
  if (key === null || key === '') throw new CodedError('KEY_MISSING', 'set BONARIO_KEY or --key');
  const enteId = enteOfKey(key);
  if (enteId === null) throw new CodedError('KEY_UNKNOWN', 'no operator has this key');
  const operator = await app.db.tenant(enteId, (tx) => operatorByKey(tx, app.vaultOf(enteId), key));
  return { enteId, operator };
}

export const done = (json: unknown, text: string): CommandResult => ({ exit: 0, json, text });
export const refused = (json: unknown, text: string): CommandResult => ({ exit: 1, json, text });

export const pathFrom = (ctx: CommandContext, file: string) => resolve(ctx.cwd, file);

/** An option's text, or null. */
export function optionText(options: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = options[name];
  return typeof value === 'string' ? value : null;
}

/** Columns as wide as their widest cell, for terminals. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => c.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((w) => '─'.repeat(w))), ...rows.map(line)].join('\n');
}
