import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailHost, startMailHost } from '../../sandbox/mail/mail-host.ts';
import { systemMonotonic } from '../../src/kernel/clocks.ts';
import { CSV_HEADER } from '../support/ground.ts';
import { type Installation, makeInstallation, type Serving } from './bonario.ts';
import { CAMPAIGN, ENTE, FILE } from './documents.ts';

let mail: MailHost;
let place: Installation;
beforeAll(async () => {
  mail = await startMailHost({
    mailboxOf: () => undefined,
    isTownDomain: () => false,
    simNow: () => systemMonotonic.now(),
    realNow: () => systemMonotonic.now(),
    onMail: () => {},
  });
  place = makeInstallation(mail.port);
  writeFileSync(join(place.folder, 'ente.yaml'), ENTE);
  writeFileSync(join(place.folder, 'campagna.yaml'), CAMPAIGN);
  writeFileSync(join(place.folder, 'campagna-sbagliata.yaml'), CAMPAIGN.replace('[TARI]', '[IMU]'));
  writeFileSync(join(place.folder, 'tari.csv'), FILE);
});
afterAll(async () => {
  await place.remove();
  await mail.close();
});

/** Keys by who holds them, as the commands printed them. */
const keys = { manager: '', head: '' };
const manager = () => ({ BONARIO_KEY: keys.manager });
const head = () => ({ BONARIO_KEY: keys.head });

describe('with nobody holding the folder', () => {
  it('doctor says what is there before anything is', async () => {
    const { exit, said } = await place.json(['doctor']);
    const findings = said.findings as { what: string; ok: boolean }[];
    expect([exit, said.ok, findings.filter((finding) => !finding.ok)]).toEqual([0, true, []]);
  });

  it('exits with 2 for what it does not understand, and says so to people', async () => {
    for (const argv of [['pagare'], ['import'], ['campaign', 'approve', 'x', '--quanti', '3'], ['campaign']]) {
      const { exit, out, err } = await place.run(argv);
      expect([argv, exit, out]).toEqual([argv, 2, '']);
      expect(err).not.toBe('');
    }
    expect(existsSync(place.dataDir) && existsSync(join(place.dataDir, 'bonario.lock'))).toBe(false);
  });

  it('helps with 0', async () => {
    const { exit, out } = await place.run(['--help']);
    expect(exit).toBe(0);
    for (const command of ['serve', 'migrate', 'doctor', 'import', 'campaign', 'verify', 'demo']) {
      expect(out).toContain(command);
    }
  });

  it('refuses a wrong setting with 1 and names it', async () => {
    const { exit, err } = await place.run(['verify'], { BONARIO_EMAIL_PER_SECOND: 'molte' });
    expect(exit).toBe(1);
    expect(err).toContain('BONARIO_EMAIL_PER_SECOND');
  });

  it('creates a body and its first operator', async () => {
    const { exit, said } = await place.json(['ente', 'create', 'ente.yaml', '--manager', 'Anna Neri']);
    expect([exit, said.enteId]).toEqual([0, 1]);
    keys.manager = String(said.key);
    expect(keys.manager).toMatch(/^bo_1_/);
    // The master key was made on the way, for its owner alone.
    expect(statSync(join(place.folder, 'keys', 'master.key')).mode & 0o077).toBe(0);
  });

  it('refuses who has no key or a wrong one', async () => {
    expect(await place.json(['dispute', 'list'])).toEqual({
      exit: 1,
      said: expect.objectContaining({ error: 'KEY_MISSING' }),
    });
    const wrong = { BONARIO_KEY: `bo_1_${'x'.repeat(43)}` };
    expect((await place.json(['dispute', 'list'], wrong)).said.error).toBe('KEY_UNKNOWN');
  });

  it('ends, with 1, when the master key is another', async () => {
    const env = { BONARIO_MASTER_KEY_FILE: join(place.folder, 'keys', 'altra.key') };
    const { exit, err } = await place.run(['verify'], env);
    expect([exit, err.split(':')[0]]).toEqual([1, 'MASTER_KEY']);
  });
});

describe('while the program serves in another process', () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await place.serve();
  });
  afterAll(async () => {
    await serving.end();
  });

  it.each(['serve', 'migrate'])(
    'refuses a second process on the same folder, %s, and says who holds it',
    async (command) => {
      const { exit, err } = await place.run([command]);
      expect(exit).toBe(1);
      expect(err).toContain('DATA_FOLDER_IN_USE');
      expect(err).toContain(`già usata dal processo ${serving.pid}`);
    },
  );

  it('has no worker beside it: an embedded database has one process', async () => {
    const { exit, err } = await place.run(['worker']);
    expect([exit, err.split(':')[0]]).toEqual([1, 'WORK_NEEDS_POSTGRES']);
  });

  it('keeps its socket for its owner', () => {
    expect(statSync(join(place.dataDir, 'bonario.sock')).mode & 0o077).toBe(0);
  });

  it('doctor tells that it is in use', async () => {
    const { exit, out } = await place.run(['doctor']);
    expect(exit).toBe(0);
    expect(out).toContain(String(serving.pid));
  });

  it('adds a second operator', async () => {
    const { exit, said } = await place.json(['operator', 'add', 'Luigi Verdi', '--roles', 'see,approve'], manager());
    expect(exit).toBe(0);
    keys.head = String(said.key);
    const refusal = await place.json(['operator', 'add', 'Altri', '--roles', 'see'], head());
    expect([refusal.exit, refusal.said.error]).toEqual([1, 'FORBIDDEN']);
    expect((await place.json(['operator', 'add', 'Altri', '--roles', 'tutto'], manager())).said.error).toBe(
      'OPTION_VALUE',
    );
  });

  it('looks at a file without saving it, then wants a word on its bad rows, then loads the good ones', async () => {
    const file = ['import', 'tari.csv', '--type', 'TARI'];
    const counts = { rows: 4, verdicts: { accepted: 3, rejected: 1, quarantined: 0 } };
    const dry = await place.json(file, manager());
    expect([dry.exit, dry.said]).toEqual([
      0,
      expect.objectContaining({ dryRun: true, file: expect.objectContaining(counts) }),
    ]);
    expect((await place.json(['import-list'], manager())).said.imports).toEqual([]);

    const asked = await place.json([...file, '--commit'], manager());
    expect([asked.exit, asked.said.needsConsent]).toEqual([1, true]);
    const rejected = join(place.folder, 'errori.csv');
    const written = await place.json(
      ['import-rejected', String(asked.said.importId), '--out', 'errori.csv'],
      manager(),
    );
    expect([written.exit, written.said.rows]).toEqual([0, 1]);
    expect(readFileSync(rejected, 'utf8')).toContain(CSV_HEADER.split(';')[0]);
    expect(statSync(rejected).mode & 0o077).toBe(0);

    const loaded = await place.json(['import-commit', String(asked.said.importId), '--skip-bad'], manager());
    expect([loaded.exit, loaded.said.import]).toEqual([
      0,
      expect.objectContaining({ accepted: 3, created: 3, rejected: 1 }),
    ]);
    const again = await place.json([...file, '--commit', '--skip-bad'], manager());
    expect([again.exit, Object.keys(again.said)]).toEqual([1, ['sameFile']]);
  });

  it('finds a file by the folder of who asks, and says when there is none', async () => {
    const { exit, said } = await place.json(['import', 'manca.csv', '--type', 'TARI'], manager());
    expect([exit, typeof said.error]).toEqual([1, 'string']);
    const untyped = await place.json(['import', 'tari.csv'], manager());
    expect([untyped.exit, untyped.said.error]).toEqual([1, 'OPTION_MISSING']);
  });

  it('checks a campaign', async () => {
    expect((await place.json(['template', 'defaults'], manager())).exit).toBe(0);
    expect(await place.json(['campaign', 'check', 'campagna.yaml'], manager())).toEqual({
      exit: 0,
      said: { problems: [] },
    });
    const wrong = await place.json(['campaign', 'check', 'campagna-sbagliata.yaml'], manager());
    expect([wrong.exit, wrong.said.problems]).toEqual([1, [expect.objectContaining({ code: 'CREDIT_TYPE_UNKNOWN' })]]);
  });

  it('wants a rehearsal, a second person and the exact number before it runs', async () => {
    const step = (who: Record<string, string>, ...argv: string[]) => place.json(['campaign', ...argv], who);
    const refusal = async (who: Record<string, string>, ...argv: string[]) => {
      const { exit, said } = await step(who, ...argv);
      return [exit, said.error];
    };
    const rehearsed = await step(manager(), 'rehearse', 'campagna.yaml');
    expect([rehearsed.exit, rehearsed.said.counts]).toEqual([
      0,
      expect.objectContaining({ audience: 3, toContact: 3 }),
    ]);
    expect(await refusal(head(), 'run', 'primo-giro')).toEqual([1, 'CAMPAIGN_STATE']);
    expect((await step(manager(), 'submit', 'primo-giro')).exit).toBe(0);
    expect(await refusal(manager(), 'approve', 'primo-giro', '--people', '3')).toEqual([1, 'SAME_PERSON']);
    expect(await refusal(head(), 'approve', 'primo-giro', '--people', '4')).toEqual([1, 'NUMBER_CHANGED']);
    expect(await refusal(head(), 'approve', 'primo-giro')).toEqual([1, 'OPTION_MISSING']);
    expect((await step(head(), 'approve', 'primo-giro', '--people', '3')).exit).toBe(0);
    expect((await step(head(), 'run', 'primo-giro')).exit).toBe(0);
  });

  it('pauses, resumes and stops for good', async () => {
    const state = async () =>
      ((await place.json(['campaign', 'list'], head())).said.campaigns as { state: string }[]).map((c) => c.state);
    expect((await place.json(['campaign', 'pause', 'primo-giro'], head())).exit).toBe(0);
    expect(await state()).toEqual(['paused']);
    expect((await place.json(['campaign', 'resume', 'primo-giro'], head())).exit).toBe(0);
    expect(await state()).toEqual(['running']);
    expect((await place.json(['campaign', 'stop', 'primo-giro'], head())).exit).toBe(0);
    expect(await state()).toEqual(['stopped']);
    const late = await place.json(['campaign', 'resume', 'primo-giro'], head());
    expect([late.exit, late.said.error]).toEqual([1, 'CAMPAIGN_STATE']);
    const unknown = await place.json(['campaign', 'pause', 'un-altra'], head());
    expect([unknown.exit, unknown.said.error]).toEqual([1, 'CAMPAIGN_UNKNOWN']);
  });

  it('takes back what was sent, where something was', async () => {
    const ask = ['recall', 'request', '--campaign', 'primo-giro', '--note', 'Importi sbagliati'];
    const nobody = await place.json(ask, manager());
    expect([nobody.exit, nobody.said.error]).toEqual([1, 'RECALL_NOBODY']);
    const dry = await place.json([...ask, '--dry-run'], manager());
    expect([dry.exit, dry.said.counts]).toEqual([0, expect.objectContaining({ people: 0, waitingOnly: 0 })]);
  });

  it('answers people in words and programs in JSON, with the same exit', async () => {
    const words = await place.run(['dispute', 'list'], head());
    expect([words.exit, words.out.startsWith('numero')]).toEqual([0, true]);
    expect(await place.json(['dispute', 'list'], head())).toEqual({ exit: 0, said: { disputes: [] } });
    const refused = await place.run(['dispute', 'list'], { BONARIO_KEY: '' });
    expect([refused.exit, refused.out, refused.err.split(':')[0]]).toEqual([1, '', 'KEY_MISSING']);
    const keyed = await place.run(['--key', keys.head, 'dispute', 'list']);
    expect([keyed.exit, keyed.out]).toEqual([0, words.out]);
  });

  it('verifies the register and the accounts', async () => {
    const { exit, said } = await place.json(['verify']);
    const [body] = said.enti as { events: number; valid: boolean; ledgerMismatches: number }[];
    expect([exit, said.valid, body?.valid, body?.ledgerMismatches]).toEqual([0, true, true, 0]);
    expect(body?.events).toBeGreaterThan(5);
  });
});

describe('after the program has ended', () => {
  it('leaves the folder to the next one, with everything in it', async () => {
    const serving = await place.serve();
    expect((await serving.end()).exit).toBe(0);
    expect(existsSync(join(place.dataDir, 'bonario.lock'))).toBe(false);
    expect(existsSync(join(place.dataDir, 'bonario.sock'))).toBe(false);
    const { exit, said } = await place.json(['campaign', 'list'], head());
    expect([exit, said.campaigns]).toEqual([0, [expect.objectContaining({ code: 'primo-giro', state: 'stopped' })]]);
  });

  it('takes the folder over from a process that was killed', async () => {
    const serving = await place.serve();
    process.kill(serving.pid, 'SIGKILL');
    await serving.end();
    expect(existsSync(join(place.dataDir, 'bonario.lock'))).toBe(true);
    expect((await place.json(['verify'])).said.valid).toBe(true);
  });
});
