import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { PSPS } from './registry.ts';
import { makeFdrClient } from './testing/fdr-client.ts';
import { COMUNE, startWorld, type World } from './testing/world.ts';
import { childrenOf, readXml, textOf } from './xml.ts';

const DAY = 86_400_000;
let world: World;
const { pay, list, flow } = makeFdrClient(() => world);

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

function causali(day: string, creditor = COMUNE): string[] {
  const root = readXml(world.pagopa.treasury.journal(creditor, civilDate(day)));
  const account = root.children.find(({ name }) => name === 'informazioni_conto_evidenza');
  return childrenOf(account, 'movimento_conto_evidenza').map((one) => textOf(one, 'causale') ?? '');
}

describe('the journal of the bank', () => {
  it('has one credit for each flow, known by its id once blanks and prefixes are off', async () => {
    for (let base = 1; base <= 12; base += 1) {
      await pay(base, base % 2 === 0 ? PSPS.bank : PSPS.post, 1_000 + base);
      if (base % 3 === 0) await world.time.advance(DAY);
    }
    await world.time.advance(6 * DAY);
    const { data } = await list();
    const flows = await Promise.all(data.map(flow));
    const seen: string[] = [];
    for (let day = 3; day <= 9; day += 1) {
      const root = readXml(world.pagopa.treasury.journal(COMUNE, civilDate(`2026-12-0${day}`)));
      const account = root.children.find(({ name }) => name === 'informazioni_conto_evidenza');
      let sum = 0;
      for (const one of childrenOf(account, 'movimento_conto_evidenza')) {
        const id = /LGPE-RIVERSAMENTO\/URI\/(.*)$/.exec((textOf(one, 'causale') ?? '').replace(/\s/g, ''))?.[1] ?? '';
        const known = flows.find(({ fdr }) => fdr === id);
        expect(textOf(one, 'importo')).toBe(Number(known?.sumPayments).toFixed(2));
        seen.push(id);
        sum += Math.round(Number(textOf(one, 'importo')) * 100);
      }
      expect(textOf(root, 'totale_complessivo_entrate')).toBe((sum / 100).toFixed(2));
    }
    expect(seen.sort()).toEqual(flows.map(({ fdr }) => fdr).sort());
  });

  it('lacks a credit, or has it wrong, on request', async () => {
    const [missing, differing] = [await pay(1), await pay(2, PSPS.post)];
    world.pagopa.flows.spoil(missing.receiptId, 'creditMissing');
    world.pagopa.flows.spoil(differing.receiptId, 'creditDiffers');
    await world.time.advance(2 * DAY);
    expect(causali('2026-12-03')).toHaveLength(1);
    expect(world.pagopa.treasury.journal(COMUNE, civilDate('2026-12-03'))).toContain('<importo>120.01</importo>');
    expect((await list()).data).toHaveLength(2);
  });

  it('holds what does not come from pagoPA too', () => {
    const others = [{ amountCents: 5_000, payerName: 'Bar Sport & C.', text: 'CANONE <2026>' }];
    const xml = world.pagopa.treasury.journal(COMUNE, civilDate('2026-12-03'), others);
    const account = readXml(xml).children.find(({ name }) => name === 'informazioni_conto_evidenza');
    expect(
      textOf(
        account?.children.find(({ name }) => name === 'movimento_conto_evidenza'),
        'causale',
      ),
    ).toBe('CANONE <2026>');
    expect(textOf(account, 'saldo_finale_conto_evidenza')).toBe('50.00');
  });
});
