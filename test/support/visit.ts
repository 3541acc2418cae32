import { HandClock, openRail, tokenIn } from '../../src/modules/conversations/conversations.fixtures.ts';
import { type Dialogue, makeDialogue } from '../../src/modules/conversations/index.ts';
import type { Ente } from '../../src/modules/creditors/index.ts';
import { type CampaignRun, type CampaignRuns, campaignYaml, PORTAL_URL } from './campaign-run.ts';
import { type AddedDebt, type DebtRowInput, highWaterOf } from './ground.ts';

/** What a citizen has in hand once messages have gone out: the pages' dialogue, links, codes, a clock of real time. */
export interface Visit {
  readonly run: CampaignRun;
  readonly dialogue: Dialogue;
  readonly real: HandClock;
  readonly debts: readonly AddedDebt[];
  /** Token of the last notice that reached an address. */
  token(address: string, path?: 'l' | 'o'): string;
  /** Follows that link. */
  open(address: string): Promise<string>;
  /** Asks for a code and reads it in the mailbox. */
  code(session: string): Promise<string>;
  /** Code and item, to the end. */
  identified(address: string, item: string): Promise<string>;
}

/** Everybody of `rows` is told once; each row of `creditType` or of the body's first. */
export async function openVisit(
  runs: CampaignRuns,
  files: readonly { readonly rows: readonly DebtRowInput[]; readonly creditType?: string }[],
  over: Partial<Ente> = {},
  credits = '[TARI]',
): Promise<Visit> {
  const run = await runs.fresh(over);
  const debts: AddedDebt[] = [];
  for (const { rows, creditType } of files) debts.push(...(await run.addDebts(rows, creditType)));
  await run.launch(
    campaignYaml({
      crediti: credits,
      cascata: '[{ canale: email, testo: primo-avviso }, { canale: email, testo: secondo-avviso, attesaGiorni: 5 }]',
    }),
  );
  await run.settle();
  const real = new HandClock();
  const dialogue = makeDialogue({
    db: run.store.db,
    vaultOf: run.store.vaultOf,
    clock: run.store.clock,
    monotonic: real,
    channels: [run.channel],
    rail: openRail,
    portalUrl: PORTAL_URL,
    guards: run.deps.guards,
    highWater: highWaterOf(run.store),
  });
  const token = (address: string, path: 'l' | 'o' = 'l') => {
    const notice = run.channel.to(address).findLast((s) => s.message.optOutUrl !== null);
    if (notice === undefined) throw new Error(`nothing reached ${address}`);
    return tokenIn(notice.message.text, path);
  };
  const open = async (address: string) => {
    const opened = await dialogue.openLink(token(address));
    if (opened === null) throw new Error('the link does not open');
    return opened.session;
  };
  const code = async (session: string) => {
    const asked = await dialogue.requestCode(session);
    if (asked.kind !== 'sent') throw new Error(`no code: ${asked.kind}`);
    return /^\d{6}$/m.exec(run.channel.sent.at(-1)?.message.text ?? '')?.[0] ?? '';
  };
  return {
    run,
    dialogue,
    real,
    debts,
    token,
    open,
    code,
    async identified(address, item) {
      const session = await open(address);
      const answer = await dialogue.identify(session, await code(session), item);
      if (answer.kind !== 'identified') throw new Error(`not identified: ${answer.kind}`);
      return session;
    },
  };
}
