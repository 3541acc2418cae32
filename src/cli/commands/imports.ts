import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Value } from 'typebox/value';
import { CodedError } from '../../kernel/errors.ts';
import { formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import {
  type FileAnalysis,
  type ImportCounts,
  type IntakeProfile,
  IntakeProfileSchema,
} from '../../modules/debts/index.ts';
import { requireRole } from '../../modules/operators/index.ts';
import {
  actingOperator,
  type CliCommand,
  type CommandContext,
  done,
  optionText,
  pathFrom,
  refused,
  table,
} from '../command.ts';
import { importText } from '../reasons.ts';

const rowsFile = (which: 'rejected' | 'quarantined', what: string, noun: string): CliCommand => ({
  usage: `import-${which} <id>`,
  what,
  options: [['--out <file>', 'dove scriverlo']],
  async run(ctx, [id], options) {
    const { enteId, operator } = await actingOperator(ctx);
    requireRole(operator, 'import');
    const out = optionText(options, 'out');
    if (out === null) throw new CodedError('OPTION_MISSING', 'missing --out', { option: '--out' });
    const path = pathFrom(ctx, out);
    const pieces: string[] = [];
    for await (const piece of ctx.app.imports.problemRows(enteId, id ?? '', which)) pieces.push(piece);
    writeFileSync(path, pieces.join(''), { mode: 0o600 });
    return done({ rows: pieces.length - 1, file: path }, `${pieces.length - 1} ${noun} in ${path}`);
  },
});

export const importCommands: readonly CliCommand[] = [
  {
    usage: 'import <file>',
    what: 'legge un file di posizioni; senza --commit non salva nulla',
    options: [
      ['--type <code>', 'tipo di credito (per esempio TARI)'],
      ['--profile <file>', 'corrispondenza delle colonne, in JSON; al caricamento successivo non serve più'],
      ['--commit', 'carica il file'],
      ['--skip-bad', 'carica le righe buone anche se altre hanno errori'],
      ['--release-quarantined', 'carica anche le righe messe da parte, dopo averle guardate'],
    ],
    async run(ctx, [file], options) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'import');
      const path = pathFrom(ctx, file ?? '');
      const creditType = optionText(options, 'type');
      if (creditType === null) throw new CodedError('OPTION_MISSING', 'missing --type', { option: '--type' });
      const profile = readProfile(ctx, optionText(options, 'profile'));
      const request = { enteId, creditType, fileName: basename(path), open: () => createReadStream(path), profile };
      if (options.commit !== true) {
        const analysis = await ctx.app.imports.dryRun(request);
        return done({ dryRun: true, ...summaryOf(analysis) }, preview(analysis));
      }
      if (profile !== null) await ctx.app.imports.saveProfile(enteId, creditType, profile);
      const consent = { skipBad: options.skipBad === true, releaseQuarantined: options.releaseQuarantined === true };
      const outcome = await ctx.app.imports.load(request, consent, `operator:${operator.operatorId}`);
      if (outcome.kind === 'sameFile') {
        const text = `Questo file è già stato caricato il ${formatInstant(outcome.earlier.at)} («${outcome.earlier.fileName}»): non c’è nulla da fare.`;
        return refused({ sameFile: outcome.earlier }, text);
      }
      if (outcome.kind === 'needsConsent') {
        const text = `${preview(outcome.analysis)}\n\nNiente è stato caricato. Per le righe da correggere: bonario import-rejected ${outcome.importId} --out errori.csv\nPer caricare le altre: bonario import-commit ${outcome.importId} --skip-bad`;
        return refused({ needsConsent: true, importId: outcome.importId, ...summaryOf(outcome.analysis) }, text);
      }
      return done(
        { import: outcome.counts, ...summaryOf(outcome.analysis) },
        `${preview(outcome.analysis)}\n\n${loaded(outcome.counts)}`,
      );
    },
  },
  {
    usage: 'import-commit <id>',
    what: 'carica un file già letto, con le righe buone',
    options: [
      ['--skip-bad', 'carica le righe buone anche se altre hanno errori'],
      ['--release-quarantined', 'carica anche le righe messe da parte'],
    ],
    async run(ctx, [id], options) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'import');
      const consent = { skipBad: options.skipBad === true, releaseQuarantined: options.releaseQuarantined === true };
      const counts = await ctx.app.imports.commitStaged(enteId, id ?? '', consent, `operator:${operator.operatorId}`);
      return done({ import: counts }, loaded(counts));
    },
  },
  {
    usage: 'import-discard <id>',
    what: 'dimentica un file letto e non caricato',
    async run(ctx, [id]) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'import');
      await ctx.app.imports.discard(enteId, id ?? '', `operator:${operator.operatorId}`);
      return done({ discarded: id }, 'Il file letto è stato dimenticato.');
    },
  },
  rowsFile('rejected', 'scrive il file delle righe da correggere', 'righe da correggere'),
  rowsFile('quarantined', 'scrive il file delle righe messe da parte, da guardare', 'righe da guardare'),
  {
    usage: 'import-list',
    what: 'i file caricati',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const imports = await ctx.app.imports.list(enteId);
      const rows = imports.map((i) => [
        formatInstant(i.at),
        i.creditType,
        i.fileName,
        importText(i),
        String(i.rows),
        String(i.created),
        String(i.changed),
        String(i.rejected),
        String(i.quarantined),
        i.importId,
      ]);
      return done(
        { imports },
        table(['quando', 'credito', 'file', 'stato', 'righe', 'nuove', 'corrette', 'errori', 'da parte', 'id'], rows),
      );
    },
  },
];

function readProfile(ctx: CommandContext, file: string | null): IntakeProfile | null {
  if (file === null) return null;
  const value: unknown = JSON.parse(readFileSync(pathFrom(ctx, file), 'utf8'));
  if (!Value.Check(IntakeProfileSchema, value)) throw new CodedError('INTAKE_PROFILE', 'the profile file is not valid');
  return value;
}

function summaryOf(analysis: FileAnalysis) {
  const { encoding, delimiter, rows, verdicts, codes, warnings, totalCents, dueDates, unmapped } = analysis;
  return { file: { encoding, delimiter, rows, verdicts, codes, warnings, totalCents, dueDates, unmapped } };
}

/** The first rows as they were understood: what the clerk looks at before saying yes. */
function preview(analysis: FileAnalysis): string {
  const fields = ['externalId', 'surname', 'name', 'companyName', 'taxYear', 'dueDate', 'amount', 'email'] as const;
  const used = fields.filter((field) => analysis.preview.some((row) => row.fields[field] !== undefined));
  const heads: Readonly<Record<string, string>> = {
    externalId: 'posizione',
    surname: 'cognome',
    name: 'nome',
    companyName: 'denominazione',
    taxYear: 'anno',
    dueDate: 'scadenza',
    amount: 'importo',
    email: 'e-mail',
  };
  const rows = analysis.preview.map((row) =>
    row.verdict === 'rejected'
      ? [String(row.line), 'errore']
      : [
          String(row.line),
          row.verdict === 'accepted' ? 'buona' : 'da parte',
          ...used.map((field) => row.fields[field] ?? ''),
        ],
  );
  const { accepted, rejected, quarantined } = analysis.verdicts;
  const examples = Object.entries(analysis.examples).flatMap(([code, list]) =>
    list.slice(0, 1).map((e) => `  ${code}: ${e.message}`),
  );
  return [
    table(['riga', 'esito', ...used.map((field) => heads[field] ?? field)], rows),
    '',
    `${analysis.rows} righe: ${accepted} buone per ${formatEuro(analysis.totalCents)}, ${rejected} con errori, ${quarantined} da controllare.`,
    ...(examples.length === 0 ? [] : ['Esempi:', ...examples]),
  ].join('\n');
}

function loaded(counts: ImportCounts): string {
  return `Caricate: ${counts.created} posizioni nuove, ${counts.changed} corrette, ${counts.unchanged} uguali a prima.`;
}
