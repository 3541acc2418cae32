import type { PositionArchive } from '../ask-creditor.ts';
import type { Registry } from '../registry.ts';
import {
  type Installment,
  installmentsOf,
  type PaymentOption,
  type Position,
  type PositionInput,
  PositionRefused,
} from './position.ts';
import { checkPosition } from './position-checks.ts';
import { dataOf, payFault } from './position-payment.ts';
import { type PositionEvent, positionMachine, UPDATABLE } from './position-state.ts';

export type Service = Position['service'];

/** Debt positions as PagoPA keeps them; every refusal is a PositionRefused. Dates pass by `simNow`. */
export interface Positions extends PositionArchive {
  create(service: Service, organization: string, input: PositionInput, toPublish: boolean): Position;
  update(service: Service, organization: string, input: PositionInput, toPublish: boolean): Position;
  publish(service: Service, organization: string, iupd: string): Position;
  invalidate(service: Service, organization: string, iupd: string): Position;
  remove(service: Service, organization: string, iupd: string): void;
  /** Paid elsewhere: 404 unknown, 409 paid already, 422 not payable. */
  markPaid(
    service: Service,
    organization: string,
    nav: string,
    at: number,
  ): { position: Position; installment: Installment };
  /** Throws 404. */
  get(service: Service, organization: string, iupd: string): Position;
  list(service: Service, organization: string): readonly Position[];
  clear(): void;
}

export function makePositions(registry: Registry, simNow: () => number): Positions {
  const positions = new Map<string, Position>();
  const byNav = new Map<string, Position>();
  const keyOf = (organization: string, id: string): string => `${organization}|${id}`;

  /** As GPD does on reading: validity begins and expiry falls when their dates are past. */
  function settled(position: Position): Position {
    const now = simNow();
    if (position.status === 'PUBLISHED' && (position.validFrom ?? now) <= now) move(position, 'validityReached');
    const last = Math.max(...installmentsOf(position).map(({ dueAt }) => dueAt));
    if (position.status === 'VALID' && position.switchToExpired && last < now) move(position, 'dueDatePassed');
    return position;
  }

  function move(position: Position, event: PositionEvent): void {
    const next = positionMachine.next(position.status, event);
    if (next === null) throw new PositionRefused(409, `${event} is not possible in state ${position.status}`);
    position.status = next;
    position.updatedAt = simNow();
  }

  function publish(position: Position): void {
    move(position, position.validFrom === null ? 'publishNow' : 'publish');
    position.publishedAt = simNow();
  }

  function get(service: Service, organization: string, iupd: string): Position {
    const position = positions.get(keyOf(organization, iupd));
    if (position === undefined || position.service !== service)
      throw new PositionRefused(404, `no debt position ${iupd}`);
    return settled(position);
  }

  function found(
    organization: string,
    nav: string,
  ): { position: Position; option: PaymentOption; installment: Installment } | null {
    const position = byNav.get(keyOf(organization, nav));
    if (position === undefined) return null;
    settled(position);
    for (const option of position.options) {
      const installment = option.installments.find((one) => one.nav === nav);
      if (installment !== undefined) return { position, option, installment };
    }
    return null;
  }

  function store(position: Position): void {
    positions.set(keyOf(position.organization, position.iupd), position);
    for (const { nav } of installmentsOf(position)) byNav.set(keyOf(position.organization, nav), position);
  }

  function forget(position: Position): void {
    positions.delete(keyOf(position.organization, position.iupd));
    for (const { nav } of installmentsOf(position)) byNav.delete(keyOf(position.organization, nav));
  }

  function refuseTaken(organization: string, input: PositionInput, own: Position | null): void {
    for (const { nav } of installmentsOf(input)) {
      const holder = byNav.get(keyOf(organization, nav));
      if (holder !== undefined && holder !== own) throw new PositionRefused(409, `notice number ${nav} exists already`);
    }
  }

  function pay(
    position: Position,
    option: PaymentOption,
    installment: Installment,
    paid: NonNullable<Installment['paid']>,
  ): void {
    installment.paid = paid;
    const open = option.installments.some((one) => one.paid === null);
    const event = open ? 'payPart' : 'payAll';
    // Money that came all the same, on a position that could not be paid any more, leaves its state as it is.
    if (positionMachine.next(position.status, event) !== null) move(position, event);
  }

  return {
    get,
    list: (service, organization) =>
      [...positions.values()]
        .filter((one) => one.service === service && one.organization === organization)
        .map(settled),
    create(service, organization, input, toPublish) {
      checkPosition(input, organization, registry, simNow(), 'create');
      if (positions.has(keyOf(organization, input.iupd)))
        throw new PositionRefused(409, `${input.iupd} exists already`);
      refuseTaken(organization, input, null);
      const now = simNow();
      const position: Position = {
        ...input,
        organization,
        service,
        status: 'DRAFT',
        insertedAt: now,
        updatedAt: now,
        publishedAt: null,
      };
      if (toPublish) publish(position);
      store(position);
      return position;
    },
    update(service, organization, input, toPublish) {
      const old = get(service, organization, input.iupd);
      if (!UPDATABLE.includes(old.status)) throw new PositionRefused(409, `not updatable in state ${old.status}`);
      checkPosition(input, organization, registry, simNow(), 'update');
      refuseTaken(organization, input, old);
      const { status, insertedAt, publishedAt } = old;
      const position: Position = {
        ...input,
        organization,
        service,
        status,
        insertedAt,
        updatedAt: simNow(),
        publishedAt,
      };
      if (status === 'EXPIRED') move(position, 'dueDateMoved');
      if (toPublish && status === 'DRAFT') publish(position);
      forget(old);
      store(position);
      return settled(position);
    },
    publish(service, organization, iupd) {
      const position = get(service, organization, iupd);
      publish(position);
      return position;
    },
    invalidate(service, organization, iupd) {
      const position = get(service, organization, iupd);
      move(position, 'invalidate');
      return position;
    },
    remove(service, organization, iupd) {
      const position = get(service, organization, iupd);
      if (installmentsOf(position).some(({ paid }) => paid !== null))
        throw new PositionRefused(409, `${iupd} has been paid`);
      forget(position);
    },
    markPaid(service, organization, nav, at) {
      const known = found(organization, nav);
      if (known === null || known.position.service !== service)
        throw new PositionRefused(404, `no payment option ${nav}`);
      const { position, option, installment } = known;
      const fault = payFault(position, option, installment);
      if (fault === 'PAA_PAGAMENTO_DUPLICATO') throw new PositionRefused(409, `${nav} is paid already`);
      if (fault !== null) throw new PositionRefused(422, `${nav} is not in a payable state`);
      pay(position, option, installment, { at, receiptId: null, pspName: null });
      return { position, installment };
    },
    find({ creditor, noticeNumber }, why) {
      const known = found(creditor, noticeNumber);
      if (known === null) return null;
      const { position, option, installment } = known;
      if (why === 'standIn' && !position.payStandIn) return null;
      return payFault(position, option, installment) ?? dataOf(position, option, installment);
    },
    paid({ creditor, noticeNumber, receiptId, paidAt, psp }) {
      const known = found(creditor, noticeNumber);
      if (known === null || known.installment.paid !== null) return;
      pay(known.position, known.option, known.installment, { at: paidAt, receiptId, pspName: psp.name });
    },
    clear() {
      positions.clear();
      byNav.clear();
    },
  };
}
