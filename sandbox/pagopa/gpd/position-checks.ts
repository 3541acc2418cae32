import type { Registry } from '../registry.ts';
import { installmentsOf, type KeptTransfer, type PositionInput, PositionRefused } from './position.ts';

const MAX_TRANSFERS = 5;

/** GPD's own checks of what a schema cannot say (pagopa §8); throws PositionRefused 400. */
export function checkPosition(
  position: PositionInput,
  organization: string,
  registry: Registry,
  now: number,
  why: 'create' | 'update',
): void {
  const refuse = (message: string): never => {
    throw new PositionRefused(400, message);
  };
  if (why === 'create' && position.validFrom !== null && position.validFrom <= now) {
    refuse('validity_date must be later than now');
  }
  const all = installmentsOf(position);
  if (all.length === 0) refuse('a position needs a payment option');
  if (new Set(all.map(({ nav }) => nav)).size !== all.length) refuse('two payment options with one notice number');
  for (const { nav, dueAt, amountCents, transfers } of all) {
    if (!/^\d{18}$/.test(nav)) refuse(`${nav} is no notice number`);
    if (dueAt < now || (position.validFrom !== null && dueAt < position.validFrom)) {
      refuse('due_date must be >= validity_date and >= now');
    }
    if (transfers.length === 0 || transfers.length > MAX_TRANSFERS) refuse('a payment option has 1-5 transfers');
    if (new Set(transfers.map(({ idTransfer }) => idTransfer)).size !== transfers.length) {
      refuse('two transfers with one idTransfer');
    }
    if (transfers.reduce((sum, transfer) => sum + transfer.amountCents, 0) !== amountCents) {
      refuse('the amount of a payment option is the sum of its transfers');
    }
    for (const transfer of transfers) checkTransfer(transfer, organization, registry, refuse);
  }
}

function checkTransfer(
  { idTransfer, iban, postalIban, stamp, organization }: KeptTransfer,
  owner: string,
  registry: Registry,
  refuse: (message: string) => never,
): void {
  if ((iban === null) === (stamp === null)) refuse(`transfer ${idTransfer}: either an IBAN or a stamp`);
  if (postalIban !== null && iban === null) refuse(`transfer ${idTransfer}: a postal IBAN only beside an IBAN`);
  if (registry.creditor(owner) === undefined) refuse(`organization ${owner} is not known`);
  for (const account of [iban, postalIban]) {
    if (account !== null && !registry.isRegistered(organization, account)) {
      refuse(`transfer ${idTransfer}: the IBAN is not registered for ${organization}`);
    }
  }
}
