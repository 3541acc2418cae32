import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bonario } from '../../compose.ts';
import { addDays } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { runCommand } from '../run-command.ts';
import type { DemoEvents, DemoOptions } from './demo-types.ts';
import { type Office, officeFor } from './offices.ts';
import { SAMPLE_BODIES, sampleCampaign } from './sample-bodies.ts';
import type { SandboxProcess } from './sandbox-process.ts';

/** A command as a person gives it; anything but "done" ends the demo with its reason. */
export async function give(
  app: Bonario,
  key: string,
  cwd: string,
  argv: readonly string[],
): Promise<{ output: unknown; text: string }> {
  const answer = await runCommand({ app, key, cwd }, argv);
  if (answer.exit !== 0) throw new CodedError('DEMO_COMMAND', `${argv.join(' ')}: ${answer.text}`);
  return answer;
}

interface ImportTotals {
  readonly imported: number;
  readonly rejected: number;
  readonly quarantined: number;
}

export async function importFiles(
  app: Bonario,
  sandbox: SandboxProcess,
  offices: readonly Office[],
  options: DemoOptions,
  folder: string,
  events: DemoEvents,
): Promise<ImportTotals> {
  const { files } = await sandbox.post<{ files: { slug: string; creditType: string; name: string; csv: string }[] }>(
    '/town',
    {
      seed: options.seed,
      debts: options.debts,
      start: options.start,
      bodies: SAMPLE_BODIES.map(({ slug, kind, name, codiceFiscale, segregationCode, iban }) => ({
        slug,
        kind,
        name,
        codiceFiscale,
        segregation: segregationCode,
        iban,
      })),
    },
  );
  const totals = { imported: 0, rejected: 0, quarantined: 0 };
  for (const file of files) {
    const path = join(folder, `${file.slug}-${file.creditType}.csv`);
    writeFileSync(path, file.csv, { mode: 0o600 });
    const office = officeFor(offices, file.slug);
    const { output } = await give(app, office.clerkKey, folder, [
      'import',
      path,
      '--type',
      file.creditType,
      '--commit',
      '--skip-bad',
    ]);
    const counts = (output as { import: { accepted: number; rejected: number; quarantined: number; rows: number } })
      .import;
    totals.imported += counts.accepted;
    totals.rejected += counts.rejected;
    totals.quarantined += counts.quarantined;
    events.step(
      `Importazione ${file.creditType}`,
      `${counts.rows} righe: ${counts.accepted} caricate, ${counts.rejected} con errori da correggere, ${counts.quarantined} messe da parte`,
    );
  }
  return totals;
}

export async function startCampaigns(
  app: Bonario,
  offices: readonly Office[],
  options: DemoOptions,
  folder: string,
  events: DemoEvents,
): Promise<void> {
  for (const body of SAMPLE_BODIES) {
    const { clerkKey, headKey } = officeFor(offices, body.slug);
    const path = join(folder, `${body.slug}.yaml`);
    writeFileSync(path, sampleCampaign(body, addDays(options.start, -30)));
    await give(app, clerkKey, folder, ['template', 'defaults']);
    const { output } = await give(app, clerkKey, folder, ['campaign', 'rehearse', path]);
    const { counts } = output as { counts: { audience: number; toContact: number } };
    await give(app, clerkKey, folder, ['campaign', 'submit', 'primo-giro']);
    await give(app, headKey, folder, ['campaign', 'approve', 'primo-giro', '--people', String(counts.toContact)]);
    await give(app, headKey, folder, ['campaign', 'run', 'primo-giro']);
    events.step(
      `Campagna ${body.name}`,
      `${counts.audience} persone nel pubblico, ${counts.toContact} da contattare; provata, approvata da una seconda persona, avviata`,
    );
  }
}
