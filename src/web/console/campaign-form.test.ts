import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCampaign } from '../../modules/campaigns/index.ts';
import { type CampaignForm, formFromBody, formOf, rearranged, toYaml } from './campaign-form.ts';

const form: CampaignForm = {
  code: 'tari-2024',
  name: 'Avviso TARI: «primo» giro # 1',
  types: ['TARI'],
  dueBy: '31/12/2024',
  years: '2023, 2024',
  minimum: '12,00',
  steps: [
    { channel: 'email', text: 'primo-avviso', waitDays: '0', onlyIf: 'sempre' },
    { channel: 'sms', text: 'secondo-avviso', waitDays: '14', onlyIf: 'nonLetto' },
  ],
  perPerson: '2',
  perAddress: '',
  pace: { perDay: '2000', perHour: '300', answers: '60', share: '3,5', finishBy: '20/12/2026' },
  formalAct: true,
};

const texts = (f: CampaignForm | null) => f?.steps.map((step) => step.text).join(' ');

describe('the form of a campaign', () => {
  it('says the same as the document it is made of', () => {
    expect(formOf(parseCampaign(toYaml(form)))).toEqual(form);
  });

  it('reads back what a browser sends', () => {
    const body = {
      codice: form.code,
      nome: form.name,
      crediti: 'TARI',
      scadenzaEntro: form.dueBy,
      anni: form.years,
      importoMinimo: form.minimum,
      'testo-0': 'email|primo-avviso',
      'attesa-0': '0',
      'soloSe-0': 'sempre',
      'testo-1': 'sms|secondo-avviso',
      'attesa-1': '14',
      'soloSe-1': 'nonLetto',
      perPersona: '2',
      perIndirizzo: '',
      alGiorno: '2000',
      allOra: '300',
      risposteAlGiorno: '60',
      quotaCheChiama: '3,5',
      finireEntro: '20/12/2026',
      attoFormale: 'si',
    };
    expect(formFromBody(body)).toEqual(form);
    expect(formFromBody({ ...body, crediti: ['TARI', 'IMU'] }).types).toEqual(['TARI', 'IMU']);
    expect(formFromBody(undefined).steps).toEqual([]);
  });

  it('moves, adds and removes steps, and never loses one it was not asked to', () => {
    expect(texts(rearranged(form, 'su-1'))).toBe('secondo-avviso primo-avviso');
    expect(texts(rearranged(form, 'giu-0'))).toBe('secondo-avviso primo-avviso');
    expect(texts(rearranged(form, 'su-0'))).toBe('primo-avviso secondo-avviso');
    expect(texts(rearranged(form, 'giu-1'))).toBe('primo-avviso secondo-avviso');
    expect(texts(rearranged(form, 'togli-0'))).toBe('secondo-avviso');
    expect(rearranged(form, 'aggiungi')?.steps).toHaveLength(3);
    expect(rearranged(form, 'salva')).toBeNull();
    const one = { ...form, steps: form.steps.slice(0, 1) };
    expect(rearranged(one, 'togli-0')?.steps).toHaveLength(1);
  });

  it('cannot be made to say other keys by what is typed', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3, maxLength: 120 }), (name) => {
        const yaml = toYaml({ ...form, name });
        expect(parseCampaign(yaml)).toMatchObject({ name, code: 'tari-2024', creditTypes: ['TARI'] });
      }),
    );
  });
});
