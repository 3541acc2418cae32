import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, TARI } from '../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { loadRules } from '../creditors/index.ts';
import { parseCampaign } from './campaign-document.ts';
import { checkCampaign } from './check-campaign.ts';

const ON = civilDate('2026-09-07');
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const documentFor = (code: string) =>
  parseCampaign(`versione: 1
codice: prova
nome: Campagna di prova
crediti: [${code}]
pubblico: { scadenzaEntro: 2026-06-30 }
cascata: [{ canale: email, testo: primo-avviso }]
`);

/** Codes of what a campaign for one credit of this nature lacks; the missing text is not what is asked here. */
async function problemsFor(enteId: number, nature: typeof TARI.nature): Promise<string[]> {
  const type = { ...TARI, code: 'CREDITO', name: 'Credito', nature };
  const ente = await addEnte(store, enteId, { creditTypes: [type] });
  return store.db.tenant(enteId, async (tx) => {
    const found = await checkCampaign(tx, ente, await loadRules(tx, ON), documentFor('CREDITO'));
    return found.map((p) => `${p.rule ?? '-'} ${p.code}`).filter((p) => !p.endsWith('TEMPLATE_UNKNOWN'));
  });
}

describe('a campaign by e-mail', () => {
  it('is free for local taxes and services', async () => {
    expect(await problemsFor(11, 'tari')).toEqual([]);
    expect(await problemsFor(12, 'serviceFee')).toEqual([]);
  });

  it('is refused for water, whose reminder is a registered letter or a PEC (R74)', async () => {
    expect(await problemsFor(13, 'water')).toContain('R74 CHANNEL_NOT_COUNTING');
  });
});
