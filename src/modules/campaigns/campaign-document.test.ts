import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { campaignYaml } from '../../../test/support/campaign-run.ts';
import { campaignMachine } from './campaign.states.ts';
import { parseCampaign } from './campaign-document.ts';

const message = (yaml: string): string => {
  try {
    parseCampaign(yaml);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CAMPAIGN_DOCUMENT' });
    return (error as Error).message;
  }
  throw new Error(`this document was taken: ${yaml}`);
};

describe('the document of a campaign', () => {
  it('is understood, with what it leaves out filled in', () => {
    expect(parseCampaign(campaignYaml())).toEqual({
      code: 'giro',
      name: 'Avviso di prova',
      creditTypes: ['TARI'],
      dueBy: '2026-08-01',
      taxYears: null,
      minimumCents: 1200,
      steps: [
        { channel: 'email', templateCode: 'primo-avviso', waitDays: 0, onlyIf: 'always' },
        { channel: 'email', templateCode: 'secondo-avviso', waitDays: 5, onlyIf: 'always' },
      ],
      maxPerPerson: null,
      maxPerAddress: null,
      formalActScheduled: false,
    });
  });

  it('waits a fortnight between steps unless it says otherwise', () => {
    const cascata = '[{ canale: email, testo: a1 }, { canale: email, testo: a2, soloSe: nonLetto }]';
    expect(parseCampaign(campaignYaml({ cascata })).steps[1]).toMatchObject({ waitDays: 14, onlyIf: 'unread' });
  });

  it.each([
    ['not YAML at all', 'versione: [1', 'riga'],
    ['a key written twice', `${campaignYaml()}codice: altro\n`, 'riga'],
    ['a missing key', campaignYaml({ codice: '' }), 'manca codice'],
    ['a key nobody knows', campaignYaml({ sconto: '10' }), 'sconto: voce non prevista'],
    ['another version', campaignYaml({ versione: '2' }), 'versione: valore non ammesso'],
    ['a code with capitals', campaignYaml({ codice: 'Primo Giro' }), 'codice: valore non ammesso'],
    ['no credits', campaignYaml({ crediti: '[]' }), 'crediti: valore non ammesso'],
    ['another channel', campaignYaml({ cascata: '[{ canale: piccione, testo: a1 }]' }), 'cascata › 0 › canale'],
    ['no steps', campaignYaml({ cascata: '[]' }), 'cascata: valore non ammesso'],
    [
      'a negative wait',
      campaignYaml({ cascata: '[{ canale: email, testo: a1, attesaGiorni: -1 }]' }),
      'cascata › 0 › attesaGiorni',
    ],
    [
      'a date that is none',
      campaignYaml({ pubblico: '{ scadenzaEntro: 2026-02-30 }' }),
      'pubblico › scadenzaEntro: non è una data',
    ],
    [
      'an amount that is none',
      campaignYaml({ pubblico: '{ scadenzaEntro: 2026-02-28, importoMinimo: "tanto" }' }),
      'pubblico › importoMinimo: non è un importo',
    ],
    ['a ceiling of nothing', campaignYaml({ limiti: '{ perPersona: 0 }' }), 'limiti › perPersona'],
    ['too long a text', 'x'.repeat(100_001), 'troppo lungo'],
    ['an alias bomb', 'a: &a [1]\nb: *a\n', 'rimandi'],
    ['a text', 'ciao', 'documento'],
    ['nothing', '', 'documento'],
  ])('refuses %s in Italian, naming the place', (_what, yaml, expected) => {
    expect(message(yaml)).toContain(expected);
  });

  it('never breaks in another way, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.constant(campaignYaml()).chain((y) => fc.nat(y.length).map((n) => y.slice(0, n))),
        ),
        (yaml) => {
          try {
            parseCampaign(yaml);
          } catch (error) {
            expect(error).toMatchObject({ code: 'CAMPAIGN_DOCUMENT' });
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the table of a campaign’s life', () => {
  it('cannot run without approval, and ends for good', () => {
    for (const state of ['draft', 'inApproval'] as const) expect(campaignMachine.next(state, 'run')).toBeNull();
    expect(campaignMachine.next('approved', 'submit')).toBeNull();
    expect(campaignMachine.terminal('recalled')).toBe(true);
    // Stopped for good: what was already told may still be taken back.
    const left = campaignMachine.events.filter((event) => campaignMachine.next('stopped', event) !== null);
    expect(left).toEqual(['recall']);
    for (const event of campaignMachine.events) expect(() => campaignMachine.target(event)).not.toThrow();
  });
});
